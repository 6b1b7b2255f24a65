"""DuckDB inside this process: the default engine, out of memory when it has to be."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import narwhals as nw
import pandas as pd
import pyarrow as pa

from earlywarning.engines.declare import Engine, Frame
from earlywarning.errors import InputRefused

_ROWS_AT_ONCE = 4_000_000


class DuckDBEngine(Engine):
    """One private in-memory database per engine."""

    name: ClassVar[str] = "duckdb"

    def __init__(self) -> None:
        # DuckDB spills to ".tmp" in the working folder unless told otherwise: rows about pupils would be
        # left there with everybody's permissions.
        self._con = duckdb.connect(config={"temp_directory": str(self.scratch)})
        for setting in (
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
        ):
            self._con.execute(f"SET {setting}")
        # In a notebook without ipywidgets there is no bar, and DuckDB refuses to be told so.
        with contextlib.suppress(duckdb.InvalidInputException):
            self._con.execute("SET enable_progress_bar = false")
        self._numbers = count()

    def scan(self, *paths: Path, row: str | None = None) -> Frame:
        """The rows of Parquet files of the same columns, read when needed.

        ``row`` names a column of row positions from 0, for a single file.
        """
        relation = self._con.read_parquet([str(path) for path in paths], file_row_number=row is not None)
        if row is not None:
            names = [f'"{name}"' for name in relation.columns if name != "file_row_number"]
            relation = relation.project(", ".join([*names, f'file_row_number AS "{row}"']))
        return nw.from_native(relation)

    def from_arrow(self, table: pa.Table) -> Frame:
        """A small table (look-ups, calendars) as a frame of this engine."""
        return self._store(self._con.from_arrow(table))

    def keep(self, frame: Frame) -> Frame:
        """The same rows, worked out once, for a frame that is read several times."""
        return self._store(frame.to_native())

    def repeats(self, frame: Frame, key: Sequence[str], row: str) -> Frame:
        """The ``row`` of each row whose ``key`` an earlier row already has, a frame of one column.

        Grouping eleven million rows by seven text columns took 7 s and 1.9 GB; grouping their 64-bit hashes,
        a share at a time, finds the few that may repeat in 2 s and 0.3 GB, and only those are compared.
        """
        relation = frame.to_native()
        columns = ", ".join(f'"{name}"' for name in key)
        mark = f"hash({columns})"
        suspects = f"suspects_{next(self._numbers)}"
        self._con.execute(f"CREATE TABLE {suspects} (mark UBIGINT)")
        for share in _shares(relation, key, mark):
            marks = relation.filter(share).project(f"{mark} AS mark")
            marks.aggregate("mark, count(*) AS n", "mark").filter("n > 1").project("mark").insert_into(
                suspects
            )
        narrowed = relation.filter(f"{mark} IN (FROM {suspects})")
        return super().repeats(self._store(narrowed), key, row)

    def digest(self, frame: Frame, by: Sequence[str]) -> pd.DataFrame:
        """What the rows of each group come to, whatever their order: ``by``, and ``digest`` as text."""
        relation = frame.to_native()
        names = ", ".join(f'"{name}"' for name in sorted(set(relation.columns) - set(by)))
        told = f"count(*)::VARCHAR || ':' || sum(hash({names}))::VARCHAR AS digest"
        groups = ", ".join(f'"{name}"' for name in by)
        summed = relation.aggregate(", ".join([*([groups] if groups else []), told]), groups)
        return self.collect(nw.from_native(summed))

    def collect(self, frame: Frame, *, sort_by: Sequence[str] = ()) -> pd.DataFrame:
        """The rows as a pandas frame of numpy types, in the order of ``sort_by``.

        Raises:
            InputRefused: a file that could be opened cannot be read to its end.
        """
        try:
            return super().collect(frame, sort_by=sort_by)
        except duckdb.Error as error:
            if type(error) not in {duckdb.Error, duckdb.IOException, duckdb.InvalidInputException}:
                raise
            raise InputRefused(
                "a table's file is damaged: it could be opened, but not read to its end. Export the tables "
                "again, and compare the sizes of the files."
            ) from None

    def close(self) -> None:
        """Close the database and remove what it spilled."""
        self._con.close()
        super().close()

    def _store(self, relation: Any) -> Frame:
        name = f"kept_{next(self._numbers)}"
        relation.create(name)
        return nw.from_native(self._con.table(name))


def _shares(relation: Any, key: Sequence[str], mark: str) -> Iterator[str]:
    """Conditions that share the rows out, some millions each, rows of one ``key`` together.

    By runs of days where the key has a day: a file in the order of its days is then read once, not once a
    share (77 million marks in a quarter of the time).
    """
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    days = [name for name in key if kinds[name] == "DATE"]
    if not days:
        shares = relation.count("*").fetchall()[0][0] // _ROWS_AT_ONCE + 1
        yield from (f"{mark} % {shares} = {share}" for share in range(shares))
        return
    day, runs, rows = f'"{days[0]}"', list[list[dt.date]](), 0
    counted = relation.filter(f"{day} IS NOT NULL").aggregate(f"{day} AS day, count(*) AS n", day)
    for date, n in counted.order("day").fetchall():
        if not runs or rows + n > _ROWS_AT_ONCE:
            runs, rows = [*runs, []], 0
        runs[-1].append(date)
        rows += n
    yield from (f"{day} BETWEEN DATE '{run[0]}' AND DATE '{run[-1]}'" for run in runs)
