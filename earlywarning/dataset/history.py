"""What was known on the day, and what happened next: the only reader of events.

Two clocks run over every row: when it happened and ``known_from``, when it reached the authority.
:class:`History` gives feature families the rows with ``known_from <= as_of_date`` and labels the rows as
known on the extract's date. A row known later can change no feature.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import narwhals as nw
import pandas as pd
import pyarrow as pa

from earlywarning.dataset.coverage import PUPIL_DATE, Coverage
from earlywarning.dataset.kept import Kept
from earlywarning.dataset.lookups import Lookups
from earlywarning.engines import Engine, Frame
from earlywarning.school_calendar import Calendar
from earlywarning.tables.declare import Table

CLOCKS = frozenset({"known_from", "end_known_from", "record"})
_TEXTS = ("source", "feed", "lookback", "value", "kind")
_LOOKUP_TYPES = {"i": pa.int64(), "f": pa.float64(), "b": pa.bool_()}

__all__ = ["PUPIL_DATE", "History"]


@dataclass(frozen=True)
class History:
    """The checked tables, seen on each cut of a calendar.

    ``tables`` are lazy frames in ``engine``; ``declared`` are their declarations. ``absent`` names what the
    extract did not hold: a table, or ``table.column``. ``kept`` is where finished work is kept, if anywhere;
    ``digested`` is what some of ``tables`` are known to come to (see :meth:`digests`). Methods give frames
    keyed by ``pupil_id`` and ``as_of_date`` in the same engine, unless they say otherwise.
    """

    tables: Mapping[str, Frame]
    declared: Mapping[str, Table]
    calendar: Calendar
    engine: Engine
    extracted_on: dt.date
    absent: frozenset[str] = frozenset()
    kept: Kept | None = None
    digested: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def signed(self, table: str) -> Frame:
        """The rows that anybody could know on the last cut, with ``sign``: 1, or -1 for a retraction."""
        declared = self.declared[table]
        last = self.calendar.as_of_dates[-1]
        happened = declared.date if declared.kind == "event" else "start_date"
        frame = self.tables[table].filter(
            nw.col(happened or "") <= nw.lit(last), nw.col("known_from") <= nw.lit(last)
        )
        return frame.with_columns(sign=_sign())

    def spells(self, table: str) -> Frame:
        """Each spell as it was known on each date: begun, with ``open`` and an end only once it was known.

        ``until`` is its last day as known, the date itself while it is open. Worked out once a table: most
        families are seen through the rolls.
        """
        if table not in self.seen:
            self.seen[table] = self.engine.keep(self._spells(table))
        return self.seen[table]

    def _spells(self, table: str) -> Frame:
        known = (
            self.signed(table)
            .join(self.lookup(self.lookups.cuts), how="cross")
            .filter(
                nw.col("known_from") <= nw.col("as_of_date"), nw.col("start_date") <= nw.col("as_of_date")
            )
        )
        seen = _net_spells(known, self.declared[table], ("as_of_date", "as_of_day"), nw.col("as_of_date"))
        return seen.with_columns(
            open=nw.col("end_date").is_null() | (nw.col("end_date") >= nw.col("as_of_date")),
        ).with_columns(until=nw.when(nw.col("open")).then(nw.col("as_of_date")).otherwise(nw.col("end_date")))

    def with_window_starts(self, spine: Frame) -> Frame:
        """``spine`` with ``from_<lookback>``: the first day of each look-back, missing where it has none."""
        return spine.join(self.lookup(self.lookups.window_starts), on="as_of_date", how="left")

    def events(self, table: str) -> Frame:
        """Each event as it was known on each date, one row an event. For small tables only."""
        declared = self.declared[table]
        known = (
            self.signed(table)
            .join(self.lookup(self.lookups.cuts), how="cross")
            .filter(
                nw.col("known_from") <= nw.col("as_of_date"),
                nw.col(declared.date or "") <= nw.col("as_of_date"),
            )
        )
        return _net_events(known, declared, ("as_of_date",))

    def final(self, table: str) -> pd.DataFrame:
        """The rows of a small table as known on the extract's date, retractions taken out: for labels."""
        declared = self.declared[table]
        frame = self.tables[table]
        if declared.kind == "static":
            return self.engine.collect(frame)
        known = frame.filter(nw.col("known_from") <= nw.lit(self.extracted_on)).with_columns(sign=_sign())
        if declared.kind == "spell":
            net = _net_spells(known, declared, (), nw.lit(self.extracted_on))
        else:
            net = _net_events(known, declared, ())
        kept = [name for name in (c.name for c in declared.columns) if name not in CLOCKS]
        return self.engine.collect(net).sort_values(kept, ignore_index=True)

    def digests(self, table: str) -> pd.DataFrame:
        """What the rows of a table come to: ``digest`` as text, so that what was made of them can be kept.

        Events by ``day`` and ``known_from``; spells by ``as_of_date``, as they were known; else in one row.
        A digest counts with its day: rows that move to another day come to something else.
        """
        if table not in self.digested:
            declared = self.declared[table]
            if declared.kind == "event":
                frame = self.tables[table].rename({declared.date or "": "day"})
                by = ["day", "known_from"]
            else:
                spells = declared.kind == "spell"
                frame, by = (self.spells(table), ["as_of_date"]) if spells else (self.tables[table], [])
            self.digested[table] = self.engine.digest(frame, by)
        return self.digested[table]

    def on(self, as_of_dates: Sequence[dt.date]) -> History:
        """The same tables, seen on some of the cuts alone."""
        if tuple(as_of_dates) in self._narrowed:
            return self._narrowed[tuple(as_of_dates)]
        # What events come to does not hang on the cuts, and spells are there for all: neither is made again.
        events = {name: told for name, told in self.digested.items() if self.declared[name].kind == "event"}
        narrowed = replace(self, calendar=self.calendar.on(as_of_dates), digested=events)
        asked = self.lookup(narrowed.lookups.cuts[["as_of_date"]])
        for name, spells in self.seen.items():
            narrowed.seen[name] = self.engine.keep(spells.join(asked, on="as_of_date", how="semi"))
        self._narrowed[tuple(as_of_dates)] = narrowed
        return narrowed

    @cached_property
    def seen(self) -> dict[str, Frame]:
        """The spells that were asked for so far."""
        return {}

    @cached_property
    def _narrowed(self) -> dict[tuple[dt.date, ...], History]:
        return {}

    @cached_property
    def _small(self) -> dict[int, tuple[pd.DataFrame, Frame]]:
        return {}  # with the frame itself, so that no other can have its id

    @cached_property
    def lookups(self) -> Lookups:
        """The calendar as small tables."""
        return Lookups(self.calendar)

    @cached_property
    def coverage(self) -> Coverage:
        """Which source sent which feed."""
        return Coverage(self.engine.collect(self.tables["coverage"]), self.lookups, self.extracted_on)

    def lookup(self, frame: pd.DataFrame) -> Frame:
        """A small table in the engine. Its types are said, because an empty column has none of its own.

        One that is asked for again is not made again.
        """
        if id(frame) not in self._small:
            self._small[id(frame)] = (frame, self._lookup(frame))
        return self._small[id(frame)][1]

    def _lookup(self, frame: pd.DataFrame) -> Frame:
        fields = [
            pa.field(
                name,
                pa.string() if name in _TEXTS else _LOOKUP_TYPES.get(frame[name].dtype.kind, pa.date32()),
            )
            for name in frame.columns
        ]
        return self.engine.from_arrow(pa.Table.from_pandas(frame, pa.schema(fields), preserve_index=False))


def _net_events(known: Frame, declared: Table, by: tuple[str, ...]) -> Frame:
    """The known events that no retraction has taken back, one row each."""
    kept = [column.name for column in declared.columns if column.name not in CLOCKS]
    return known.group_by(*by, *kept).agg(nw.col("sign").sum()).filter(nw.col("sign") > 0).drop("sign")


def _net_spells(known: Frame, declared: Table, by: tuple[str, ...], day: nw.Expr) -> Frame:
    """The known spells that no retraction has taken back; an end is seen from ``day`` it was known on.

    A retraction repeats the spell and need not repeat when its end became known, so that is taken from the
    row itself.
    """
    kept = [column.name for column in declared.columns if column.name not in CLOCKS]
    with_end = ["end_date", *[column.name for column in declared.columns if column.with_end]]
    told = nw.when(nw.col("record") != nw.lit("retraction")).then(nw.col("end_known_from"))
    net = (
        known.with_columns(end_known_from=told)
        .group_by(*by, *kept)
        .agg(nw.col("sign").sum(), nw.col("end_known_from").min())
        .filter(nw.col("sign") > 0)
    )
    ended_known = nw.col("end_known_from") <= day
    return net.with_columns(*[nw.when(ended_known).then(nw.col(name)).alias(name) for name in with_end]).drop(
        "sign", "end_known_from"
    )


def _sign() -> nw.Expr:
    # A float: DuckDB adds whole numbers up in 128 bits, which costs a fifth of the time of all cells.
    return nw.when(nw.col("record") == nw.lit("retraction")).then(nw.lit(-1.0)).otherwise(nw.lit(1.0))


def with_day_numbers(spells: Frame) -> Frame:
    """``spells`` with each date also as whole days since a fixed day: ``start_day``, ``until_day`` ..."""
    dates = [
        name for name, kind in spells.collect_schema().items() if kind == nw.Date and name != "as_of_date"
    ]
    return spells.with_columns(
        *[day_number(name).alias(f"{name.removesuffix('_date')}_day") for name in dates]
    )


def day_number(date: str) -> nw.Expr:
    """The day number of Python's ``date.toordinal``; narwhals has no difference of dates on every engine."""
    years = nw.col(date).dt.year() - 1
    return years * 365 + years // 4 - years // 100 + years // 400 + nw.col(date).dt.ordinal_day()


def known_on(digests: pd.DataFrame, cut: dt.date) -> pd.DataFrame:
    """Those digests of a table (see ``History.digests``) that are of rows known on a cut."""
    day = pd.Timestamp(cut)
    if "known_from" in digests:
        return digests[(digests["day"] <= day) & (digests["known_from"] <= day)]
    return digests[digests["as_of_date"] == day] if "as_of_date" in digests else digests
