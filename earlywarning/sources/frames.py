"""Tables that are no files, in memory or in a DuckDB connection: written down once, then read as files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pyarrow as pa

from earlywarning import clock
from earlywarning.errors import InputRefused, WrongUsage
from earlywarning.sources.declare import Opened
from earlywarning.sources.folder import hashed, refuse_empty
from earlywarning.sources.stage import present, refusing, set_types
from earlywarning.tables.declare import Table
from earlywarning.tables.extracts import Extracts, Received

Given = nw.DataFrame[Any] | nw.LazyFrame[Any]
_ROWS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class InMemory:
    """Tables by name, and what ``extract.toml`` would say of a folder.

    ``tables``: a DuckDB connection with tables or views of the declared names (others in it are left alone),
    or each table as a frame of pandas, Polars, pyarrow or DuckDB. Neither is changed.
    """

    tables: Mapping[str, Any] | duckdb.DuckDBPyConnection
    extracted_on: dt.date
    synthetic: bool = False


def read_in_memory(given: InMemory, tables: Mapping[str, Table], scratch: Path) -> Extracts:
    """The tables received; each is written with the declared types into ``scratch``, a private folder.

    Raises:
        WrongUsage: a name is not declared, or something is no frame.
        InputRefused: a required table or a required column is missing, a required table is empty, a table
            cannot be read, or the day lies in the future and the tables are not said to be invented.
    """
    if given.extracted_on > clock.today() and not given.synthetic:
        raise InputRefused(
            f"extracted_on {given.extracted_on} lies in the future. Give the day the tables were taken; only "
            "invented ones (synthetic=True) may be of a day to come."
        )
    there = _named(given.tables, tables)
    absent = [name for name, table in tables.items() if table.required and name not in there]
    if absent:
        raise InputRefused(
            f"table '{absent[0]}' is missing and is required: add it under that name. "
            f"There are: {', '.join(sorted(there)) or 'none'}."
        )
    received = {name: _received(frame, tables[name], scratch) for name, frame in there.items()}
    refuse_empty(received, tables)
    read = [table.path for table in received.values()]
    return Extracts(received, given.extracted_on, given.synthetic, hashed(read))


def _named(
    given: Mapping[str, Any] | duckdb.DuckDBPyConnection, tables: Mapping[str, Table]
) -> Mapping[str, Any]:
    """The declared tables among those given, none of them read yet."""
    if isinstance(given, duckdb.DuckDBPyConnection):
        return _of_connection(given, tables)
    unknown = sorted(str(name) for name in given if name not in tables)
    if unknown:
        near = get_close_matches(unknown[0], tables, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise WrongUsage(f"table '{unknown[0]}' is not declared.{hint} Declared: {', '.join(tables)}.")
    return given


def _of_connection(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> dict[str, Any]:
    """What the connection finds under a declared name: tables and views, also those that are its own."""
    try:
        held = {str(name).lower() for (name,) in connection.sql("SHOW TABLES").fetchall()}
        return {name: connection.table(name) for name in tables if name in held}
    except duckdb.Error as error:
        raise InputRefused(
            f"the DuckDB connection cannot be read ({type(error).__name__}). It has to be open, with every "
            "result fetched and every view in order."
        ) from None


def _frame(given: Any, table: Table) -> Given:
    try:
        frame: Given = nw.from_native(given)
    except TypeError:
        raise WrongUsage(
            f"table '{table.name}' is a {type(given).__name__}, which is no frame. Give one of pandas, "
            "Polars, pyarrow or DuckDB."
        ) from None
    return frame


def _received(given: Any, table: Table, scratch: Path) -> Received:
    called = "the table given"

    def say(_: Exception) -> str:
        return f"{called} cannot be read. A column has a name of its own and holds values of one kind."

    with refusing(table, called, say):
        frame = _frame(given, table)
        names = [str(name) for name in frame.collect_schema().names()]
        opened = Opened(names, lambda columns: _batches(frame.select(columns)))
        return set_types(opened, present(names, table, called), scratch / f"{table.name}.parquet")


def _batches(frame: Given) -> Iterator[pa.RecordBatch]:
    """The rows in pieces: DuckDB's as they are worked out, others' from where they are in memory."""
    native = frame.to_native()
    if not hasattr(native, "__arrow_c_stream__"):  # a plan of Polars
        native = frame.lazy().collect(backend="pyarrow").to_native()
    for batch in pa.RecordBatchReader.from_stream(native):
        for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
            yield batch.slice(start, _ROWS_AT_ONCE)
