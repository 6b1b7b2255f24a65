"""From one file or frame to one table as received: its columns known, its values of the declared types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from earlywarning.errors import InputRefused, MachineRefused
from earlywarning.sources.declare import Format, Misread, Opened
from earlywarning.sources.values import is_declared, missing, to_declared
from earlywarning.tables.declare import ARROW, Column, Table
from earlywarning.tables.extracts import Positions, Received


def stage(path: Path, format_: Format, table: Table, scratch: Path) -> Received:
    """The table as received, used where it lies when its types are the declared ones.

    Otherwise it is written once, a batch at a time, with the declared types into ``scratch``, a folder
    that only its owner can read.

    Raises:
        InputRefused: what the file holds cannot be read, or lacks a required column.
        MachineRefused: the disk or a permission stands in the way.
    """

    def say(error: Exception) -> str:
        kind = str(error) if isinstance(error, Misread) else _kind_of(error)
        return f"{path.name} cannot be read as {format_.suffix.upper()} ({kind}). {format_.remedy}"

    with refusing(table, path.name, say):
        opened = format_.open_file(path)
        columns = present(opened.names, table, path.name)
        if opened.types is not None and all(is_declared(opened.types[c.name], c.type) for c in columns):
            return _received(path, pq.read_metadata(path).num_rows, opened, columns, {})
        return set_types(opened, columns, scratch / f"{table.name}.parquet")


def set_types(opened: Opened, columns: list[Column], path: Path) -> Received:
    """The table as received, written to ``path`` a batch at a time with the declared types."""
    rows, unreadable = _write_typed(opened, columns, path)
    return _received(path, rows, opened, columns, unreadable)


@contextmanager
def refusing(table: Table, called: str, say: Callable[[Exception], str]) -> Iterator[None]:
    """Refuses what cannot be read with what ``say`` makes of it.

    The library's own message can quote the row it stumbled over, which is about a pupil.
    """
    try:
        yield
    except (OSError, ValueError, pa.ArrowException, duckdb.Error) as error:
        if isinstance(error, OSError) and error.errno is not None:  # pyarrow's own complaints have none
            why = f"table '{table.name}': {called} cannot be read ({error.strerror})."
            raise MachineRefused(why) from None
        raise InputRefused(f"table '{table.name}': {say(error)}") from None


def present(given: list[str], table: Table, file: str) -> list[Column]:
    """The declared columns that ``file`` has.

    Raises:
        InputRefused: one is there twice, or a required one is not there.
    """
    twice = sorted({name for name in given if given.count(name) > 1})
    if twice:
        raise InputRefused(f"table '{table.name}': {file} has the column '{twice[0]}' twice. Keep one.")
    columns = [column for column in table.columns if column.name in given]
    needed = [c.name for c in table.columns if _needed(table, c)]
    absent = [name for name in needed if name not in given]
    if absent:
        near = get_close_matches(absent[0], given, n=1)
        hint = f" Did you mean '{near[0]}'? Rename it." if near else ""
        raise InputRefused(
            f"table '{table.name}': {file} has no column {_listed(absent)}.{hint} "
            f"Required: {_listed(needed)}."
        )
    return columns


def _received(
    path: Path, rows: int, opened: Opened, columns: list[Column], unreadable: dict[str, Positions]
) -> Received:
    names = tuple(column.name for column in columns)
    ignored = tuple(name for name in opened.names if name not in names)
    return Received(path, rows, names, ignored, unreadable, np.array(opened.ragged, dtype=np.int64))


def _write_typed(opened: Opened, columns: list[Column], path: Path) -> tuple[int, dict[str, Positions]]:
    schema = pa.schema([(column.name, ARROW[column.type]) for column in columns])
    failed: dict[str, list[Positions]] = {}
    rows = 0
    with pq.ParquetWriter(path, schema) as writer:
        for batch in opened.batches([column.name for column in columns]):
            typed = {}
            for column in columns:
                given = batch.column(column.name)
                if pa.types.is_dictionary(given.type):
                    given = given.dictionary_decode()
                typed[column.name] = to_declared(given, column.type)
                lost = np.asarray(pc.and_not(pc.is_null(typed[column.name]), missing(given)))
                if lost.any():
                    failed.setdefault(column.name, []).append(rows + np.flatnonzero(lost))
            writer.write_batch(pa.RecordBatch.from_pydict(typed, schema))
            rows += batch.num_rows
    return rows, {name: np.concatenate(found) for name, found in failed.items()}


def _kind_of(error: Exception) -> str:
    if "UTF8" in str(error):
        return "its text is not UTF-8"
    return "the file is damaged or empty"


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _needed(table: Table, column: Column) -> bool:
    """Whether an extract must have the column: without its end every spell would be open for ever."""
    return column.name in (table.period or ()) or not (column.derived or column.nullable)
