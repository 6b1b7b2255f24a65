"""pandas on Arrow columns, because numpy has no date without a time and no missing whole number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from earlywarning.engines.declare import Engine, Frame


class PandasEngine(Engine):
    """Everything in memory at once: for small extracts, and for looking over the other engines' shoulders."""

    name: ClassVar[str] = "pandas"

    def scan(self, *paths: Path, row: str | None = None) -> Frame:
        """The rows of Parquet files of the same columns, all of them.

        ``row`` names a column of row positions from 0, for a single file.
        """
        table = pa.concat_tables(pq.read_table(path) for path in paths)
        if row is not None:
            table = table.append_column(row, pa.array(np.arange(table.num_rows, dtype=np.int64)))
        return self.from_arrow(table)

    def from_arrow(self, table: pa.Table) -> Frame:
        """A small table (look-ups, calendars) as a frame of this engine."""
        home: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
        return nw.from_native(home).lazy()

    def keep(self, frame: Frame) -> Frame:
        """The same rows: pandas has worked them out already."""
        return frame

    def collect(self, frame: Frame, *, sort_by: Sequence[str] = ()) -> pd.DataFrame:
        """The rows as a pandas frame of numpy types, in the order of ``sort_by``."""
        # The labels of a frame that lost rows would come along as a column of their own.
        unlabelled = frame.collect().to_native().reset_index(drop=True)
        return super().collect(nw.from_native(unlabelled).lazy(), sort_by=sort_by)
