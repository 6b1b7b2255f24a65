"""Extracts as received: each table a Parquet file of the declared types, and what could not be read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Received:
    """One table as received.

    ``path`` is a Parquet file whose columns ``present`` have their declared types; ``positions`` count its
    rows from 0. ``unreadable`` holds, for each column, the positions of values that could not be read as
    the declared type (they are missing in the file). ``ragged`` are the row numbers, from 1, of rows that had
    too many or too few values and are not in the file at all. ``ignored`` are columns that nobody declared.
    """

    path: Path
    rows: int
    present: tuple[str, ...]
    ignored: tuple[str, ...]
    unreadable: Mapping[str, Positions]
    ragged: Positions

    @property
    def read(self) -> int:
        """Rows in the extract, whether they could be read or not."""
        return self.rows + len(self.ragged)

    def row_numbers(self, positions: Positions) -> Positions:
        """Row numbers in the extract, from 1 for the first row under the header, of ``positions``.

        >>> received = Received(Path("a.csv"), 3, (), (), {}, ragged=np.array([2]))
        >>> received.row_numbers(np.array([0, 1, 2])).tolist()
        [1, 3, 4]
        """
        # The k-th row left out, k from 0, stands before every kept row at position ragged - 1 - k or later.
        before = self.ragged - 1 - np.arange(len(self.ragged))
        return positions + 1 + np.searchsorted(before, positions, side="right")


@dataclass(frozen=True)
class Extracts:
    """A folder of extracts: the tables received, the day they were taken, and a hash of the files.

    ``data_hash`` is the SHA-256 of the names and contents of every file read. ``synthetic`` is true for
    invented data only.
    """

    tables: Mapping[str, Received]
    extracted_on: dt.date
    synthetic: bool
    data_hash: str
