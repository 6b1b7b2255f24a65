"""What the reader supplies: columns an extract may leave out, and today's codes for old ones."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType

import narwhals as nw
import pyarrow as pa

from earlywarning import codes
from earlywarning.engines import Frame
from earlywarning.tables.declare import ARROW, Table

_NARWHALS = MappingProxyType(
    {
        "string": nw.String(),
        "date": nw.Date(),
        "integer": nw.Int64(),
        "number": nw.Float64(),
        "boolean": nw.Boolean(),
    }
)


def empty(table: Table) -> pa.Table:
    """The table with every declared column and no rows."""
    return pa.schema([(column.name, ARROW[column.type]) for column in table.columns]).empty_table()


def supplied(frame: Frame, table: Table, present: tuple[str, ...], extracted_on: dt.date) -> Frame:
    """``frame`` with every declared column.

    An extract that does not say when a row became known gets the table's lag, and never a day after it was
    taken: what is in the extract was known by then. A spell that ended gets the same for its end, also
    where single values are missing.
    """
    names = {column.name for column in table.columns}
    lagged: dict[str, nw.Expr] = {}
    if "known_from" in names - set(present):
        lagged["known_from"] = _known(_happened(table), table.lag_days, extracted_on)
    if "end_known_from" in names and table.period is not None:
        ended = _known(table.period[1], table.lag_days, extracted_on)
        given = "end_known_from" in present
        lagged["end_known_from"] = nw.coalesce(nw.col("end_known_from"), ended) if given else ended
    if "record" in names - set(present):
        lagged["record"] = nw.lit("new")
    for column in table.columns:
        if column.name not in present and column.name not in lagged:
            lagged[column.name] = nw.lit(None, dtype=_NARWHALS[column.type])
    return frame.with_columns(**lagged) if lagged else frame


def with_current_codes(frame: Frame, table: Table) -> Frame:
    """``frame`` with every code that has been replaced read as the one that replaced it."""
    current: dict[str, nw.Expr] = {}
    for column in table.columns:
        olds: dict[str, list[str]] = {}
        for old, new in codes.load(column.codes).replacements().items() if column.codes else ():
            olds.setdefault(new, []).append(old)
        value = nw.col(column.name)
        for new, replaced in olds.items():
            value = nw.when(nw.col(column.name).is_in(replaced)).then(nw.lit(new)).otherwise(value)
        if olds:
            current[column.name] = value
    return frame.with_columns(**current) if current else frame


def _happened(table: Table) -> str:
    """The column of the day from which a row's lag counts: a static row is complete at its end."""
    if table.date is not None:
        return table.date
    if table.period is None:
        raise ValueError(
            f"table {table.name} has known_from but neither a date nor a period to supply it from"
        )
    return table.period[0] if table.kind == "spell" else table.period[1]


def _known(name: str, lag_days: int, extracted_on: dt.date) -> nw.Expr:
    # offset_by gives a timestamp in DuckDB, hence the cast; min_horizontal skips missing values, so when.
    later = nw.col(name).dt.offset_by(f"{lag_days}d").cast(nw.Date)
    return nw.when(~nw.col(name).is_null()).then(nw.min_horizontal(later, nw.lit(extracted_on)))
