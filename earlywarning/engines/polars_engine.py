"""Polars: lazy frames in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import narwhals as nw
import polars as pl
import pyarrow as pa

from earlywarning.engines.declare import Engine, Frame


class PolarsEngine(Engine):
    """Nothing is held open: a frame is its own plan."""

    name: ClassVar[str] = "polars"

    def scan(self, *paths: Path, row: str | None = None) -> Frame:
        """The rows of Parquet files of the same columns, read when needed.

        ``row`` names a column of row positions from 0, for a single file.
        """
        plan = pl.scan_parquet(list(paths), row_index_name=row, glob=False)
        if row is not None:
            plan = plan.with_columns(pl.col(row).cast(pl.Int64))
        return nw.from_native(plan)

    def from_arrow(self, table: pa.Table) -> Frame:
        """A small table (look-ups, calendars) as a frame of this engine."""
        return nw.from_native(pl.DataFrame(table).lazy())

    def keep(self, frame: Frame) -> Frame:
        """The same rows, worked out once, for a frame that is read several times."""
        return frame.collect(backend="polars").lazy()

    def repeats(self, frame: Frame, key: Sequence[str], row: str) -> Frame:
        """The ``row`` of each row whose ``key`` an earlier row already has, a frame of one column.

        As in DuckDB, hashes find the few rows that may repeat, and only those are compared.
        """
        marked = frame.to_native().select(*key, row, pl.struct(*key).hash().alias("_mark"))
        suspects = marked.group_by("_mark").len().filter(pl.col("len") > 1).select("_mark")
        narrowed = marked.join(suspects, on="_mark", how="semi").drop("_mark")
        return super().repeats(nw.from_native(narrowed), key, row)
