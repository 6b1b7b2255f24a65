"""pandas on Arrow columns, because numpy has no date without a time and no missing whole number."""

from __future__ import annotations

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

    def scan(self, path: Path, *, row: str | None = None) -> Frame:
        """The rows of a Parquet file, all of them; ``row`` names a column of row positions from 0."""
        table = pq.read_table(path)
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
