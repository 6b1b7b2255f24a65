"""What a table declaration is: one frozen value that becomes schema, checks and reference page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import pyarrow as pa

Type = Literal["string", "date", "integer", "number", "boolean"]
Kind = Literal["static", "event", "spell"]
Cell = str | int | float | bool | dt.date | None

ARROW = MappingProxyType(
    {
        "string": pa.string(),
        "date": pa.date32(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
    }
)
"""Each declared type as Arrow holds it."""


@dataclass(frozen=True)
class Column:
    """One column: its type, what it means, what is allowed and a made-up example.

    ``codes`` names a code set in :mod:`earlywarning.codes`; ``low`` and ``high`` are inclusive bounds.
    ``nullable`` says whether a value may be missing; ``derived`` says that the whole column may be absent
    from an extract because the reader can supply it (``known_from`` from the table's lag, ``record`` as
    "new"). ``dated`` says that a code must be in force on the day of the row. ``with_end`` marks what is
    known of a spell only with its end.
    """

    name: str
    type: Type
    meaning: str
    example: Cell
    unit: str = ""
    codes: str | None = None
    low: float | None = None
    high: float | None = None
    nullable: bool = False
    derived: bool = False
    with_end: bool = False
    dated: bool = False


@dataclass(frozen=True)
class Table:
    """One source table.

    ``kind`` is ``static`` (one row a thing), ``event`` (happened on ``date``) or ``spell`` (from
    ``start_date`` to ``end_date``). ``key`` columns identify a row. ``lag_days`` supplies ``known_from``
    where an extract has none: the days after the event (or the start, and separately the end, of a spell)
    on which it is taken to have reached the authority. ``feed`` is the name under which ``coverage`` says
    whether the source was received. ``period`` names the columns of a first and a last day. ``foreign``
    names columns whose values must appear in the column of the same name in another table.
    ``forgiving=False`` refuses the run for a single row at fault: everything hangs on the table.
    """

    name: str
    kind: Kind
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    date: str | None = None
    lag_days: int = 0
    required: bool = True
    feed: str | None = None
    forgiving: bool = True
    foreign: tuple[tuple[str, str], ...] = field(default=())
    period: tuple[str, str] | None = None

    def column(self, name: str) -> Column:
        """The column called ``name``; ``KeyError`` when the table has none."""
        return {column.name: column for column in self.columns}[name]


KNOWN_FROM = Column(
    "known_from", "date", "the date this row reached the authority", dt.date(2024, 10, 2), derived=True
)
END_KNOWN_FROM = Column(
    "end_known_from",
    "date",
    "the date the end of the spell reached the authority; until then the spell is seen as open",
    None,
    nullable=True,
    derived=True,
)
RECORD = Column(
    "record",
    "string",
    "'new', or 'retraction': the same row again, withdrawn from its own known_from on",
    "new",
    codes="record",
    derived=True,
)


def pupil_id(example: str = "p4f1c09") -> Column:
    """The pseudonym column, the same in every table."""
    return Column(
        "pupil_id", "string", "keyed pseudonym of the pupil; the UPN is in the identity store", example
    )


def spell_columns(start: dt.date, end: dt.date | None) -> tuple[Column, ...]:
    """The columns every spell table ends with: start, end and when each became known."""
    return (
        Column("start_date", "date", "first day of the spell", start),
        Column("end_date", "date", "last day of the spell; empty while it is open", end, nullable=True),
        KNOWN_FROM,
        END_KNOWN_FROM,
        RECORD,
    )
