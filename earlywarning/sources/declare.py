"""What a source format is: a way to open one file as batches of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa


@dataclass
class Opened:
    """A file being read.

    ``schema`` is what the file holds; ``batches(columns)`` yields them in the order of the file. ``ragged``
    fills, while batches are read, with the row numbers (from 1) of rows that had too many or too few values.
    """

    schema: pa.Schema
    batches: Callable[[list[str]], Iterator[pa.RecordBatch]]
    ragged: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Format:
    """One file format: the suffix it is known by, and how it is opened.

    ``typed`` says that the file knows its own types, so that it can be used where it lies when they are
    the declared ones. ``open_file`` raises ``OSError``, ``ValueError`` or ``pyarrow.ArrowException`` for a
    file that cannot be read.
    """

    suffix: str
    typed: bool
    open_file: Callable[[Path], Opened]
