"""What a source format is: a way to open one file as batches of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa


class Misread(ValueError):
    """What is wrong with a file and what to do, in words that hold no value of it: they may be shown."""


@dataclass
class Opened:
    """A file or frame being read.

    ``names`` are all its columns; ``batches(columns)`` yields some in the order of the file. ``ragged``
    fills, while batches are read, with the row numbers (from 1) of rows that had too many or too few values.
    ``types`` are those of a file that knows its own, so that it can be used where it lies when they are the
    declared ones.
    """

    names: list[str]
    batches: Callable[[list[str]], Iterator[pa.RecordBatch]]
    ragged: list[int] = field(default_factory=list)
    types: Mapping[str, pa.DataType] | None = None


@dataclass(frozen=True)
class Format:
    """One file format: the suffix it is known by, and how it is opened.

    ``open_file`` raises ``OSError``, ``ValueError`` or ``pyarrow.ArrowException`` for a
    file that cannot be read, :class:`Misread` where it knows why. ``remedy`` is how to export it well.
    """

    suffix: str
    open_file: Callable[[Path], Opened]
    remedy: str = "Export it again."
