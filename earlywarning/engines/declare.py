"""What an engine is: the one place where a kind of frame is made, kept and brought home."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, ClassVar, Self

import narwhals as nw
import pandas as pd
import pyarrow as pa

Frame = nw.LazyFrame[Any]

Batch = Callable[[pd.DataFrame], pd.DataFrame]
MakeBatch = Callable[[], Batch]


class Engine(ABC):
    """Where frames live while the work is large.

    Everything between :meth:`scan` and :meth:`collect` is narwhals on its portable subset: equality joins,
    dates, day differences, count/sum/min/max, when/then and windows over rows with a full order. In every
    engine dates are ``Date`` and text is ``String``. An engine is closed after use, or used in a ``with``.
    """

    name: ClassVar[str]
    on_one_machine: ClassVar[bool] = True

    @cached_property
    def _scratch(self) -> TemporaryDirectory[str]:
        return TemporaryDirectory(prefix="earlywarning-", ignore_cleanup_errors=True)

    @property
    def scratch(self) -> Path:
        """A folder that only its owner can read, gone when the engine is closed."""
        return Path(self._scratch.name)

    @abstractmethod
    def scan(self, *paths: Path, row: str | None = None) -> Frame:
        """The rows of Parquet files of the same columns, read when needed.

        ``row`` names a column of row positions from 0, for a single file.
        """

    @abstractmethod
    def from_arrow(self, table: pa.Table) -> Frame:
        """A small table (look-ups, calendars) as a frame of this engine."""

    @abstractmethod
    def keep(self, frame: Frame) -> Frame:
        """The same rows, worked out once, for a frame that is read several times."""

    def repeats(self, frame: Frame, key: Sequence[str], row: str) -> Frame:
        """The ``row`` of each row whose ``key`` an earlier row already has, a frame of one column."""
        held = frame.group_by(*key).agg(nw.col(row).min().alias("_first"), nw.len().alias("_n"))
        repeated = held.filter(nw.col("_n") > 1).drop("_n")
        return (
            frame.select(*key, row)
            .join(repeated, on=list(key), how="inner")
            .filter(nw.col(row) != nw.col("_first"))
            .select(row)
        )

    def digest(self, frame: Frame, by: Sequence[str]) -> pd.DataFrame:
        """What the rows of each group come to, whatever their order: ``by``, and ``digest`` as text.

        The sum of a 64-bit hash of each row's other columns, and the number of rows. Another engine, or
        another version of one, has other hashes.
        """
        rows = self.collect(frame)
        marks = pd.util.hash_pandas_object(rows[sorted(set(rows.columns) - set(by))], index=False)
        groups = marks.groupby([rows[name] for name in by] or (lambda _: 0), dropna=False)
        told = groups.agg(["size", "sum"]).reset_index()
        return told[list(by)].assign(digest=told["size"].astype(str) + ":" + told["sum"].astype(str))

    def map_batches(self, frame: Frame, make: MakeBatch, schema: pa.Schema) -> Frame:
        """What the function that ``make`` gives answers for the rows, in columns of ``schema``.

        The function takes rows as :meth:`collect` gives them and answers for each by itself: which rows come
        together, and in what order, is the engine's business. ``make`` may be called elsewhere, so it carries
        plain values along (a model's text), from which it makes the function once.
        """
        told = make()(self.collect(frame))
        return self.from_arrow(pa.Table.from_pandas(told, schema, preserve_index=False))

    def collect(self, frame: Frame, *, sort_by: Sequence[str] = ()) -> pd.DataFrame:
        """The rows as a pandas frame of numpy types, in the order of ``sort_by``.

        Text becomes ``str`` (missing: NaN), dates ``datetime64[us]`` (NaT), numbers ``int64``, or
        ``float64`` where any is missing (NaN), and so do booleans with missing values. Without
        ``sort_by`` the order is the engine's own and may differ between runs.
        """
        rows = home(frame.collect(backend="pyarrow").to_native())
        return rows.sort_values(list(sort_by), kind="stable", ignore_index=True) if sort_by else rows

    def close(self) -> None:
        """Let go of what the engine holds; its frames cannot be read afterwards."""
        self._scratch.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def home(table: pa.Table) -> pd.DataFrame:
    """``table`` as a pandas frame of the types that :meth:`Engine.collect` promises."""
    return pd.DataFrame({name: _home(table[name]) for name in table.column_names})


def _home(column: pa.ChunkedArray) -> pd.Series[Any]:
    kind = column.type
    if pa.types.is_date(kind):
        return pd.Series(column.cast(pa.timestamp("us")).to_numpy(), dtype="datetime64[us]")
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pd.Series(column.to_pandas(), dtype="str")
    if pa.types.is_boolean(kind) and not column.null_count:
        return pd.Series(column.to_numpy(), dtype="bool")
    if pa.types.is_integer(kind) and not column.null_count:
        return pd.Series(column.cast(pa.int64()).to_numpy(), dtype="int64")
    return pd.Series(column.cast(pa.float64()).to_numpy(), dtype="float64")
