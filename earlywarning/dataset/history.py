"""What was known on the day, and what happened next: the only reader of events.

Two clocks run over every row: when it happened and ``known_from``, when it reached the authority.
:class:`History` gives feature families the rows with ``known_from <= as_of_date`` and labels the rows as
known on the extract's date. A row known later can change no feature.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import narwhals as nw
import pandas as pd
import pyarrow as pa

from earlywarning.engines import Engine, Frame
from earlywarning.school_calendar import Calendar
from earlywarning.tables.declare import Table

LONGEST_SPELL_YEARS = 40
PUPIL_DATE = ("pupil_id", "as_of_date")
VISIBLE_SHARE = 0.5
"""A look-back is visible when sources covering at least this share of its school days were received."""


_LOOKUP_TYPES = {"i": pa.int64(), "f": pa.float64(), "b": pa.bool_()}

ROWS = "rows"
CLOCKS = frozenset({"known_from", "end_known_from", "record"})


@dataclass(frozen=True)
class History:
    """The checked tables, seen on each cut of a calendar.

    ``tables`` are lazy frames in ``engine``; ``declared`` are their declarations. Every method returns
    frames keyed by ``pupil_id`` and ``as_of_date`` in the same engine, except :meth:`final`, which is small
    and comes back as pandas.
    """

    tables: Mapping[str, Frame]
    declared: Mapping[str, Table]
    calendar: Calendar
    engine: Engine
    extracted_on: dt.date

    def cells(self, table: str, measures: Mapping[str, nw.Expr], lookbacks: Sequence[str]) -> Frame:
        """Sums of each measure per pupil, date and look-back, as ``<measure>_<lookback>``.

        ``rows_<lookback>`` comes with them: the rows that are left once retractions are taken off.

        Events are added up once, into pupil × segment × first cut on which the row was known; look-backs
        are sums over those cells. A retraction counts as minus one from its own ``known_from`` on.
        """
        declared = self.declared[table]
        names = [*measures, ROWS]
        cells = (
            self._signed(table)
            .join(self._lookup(self._segments), left_on=declared.date, right_on="day", how="left")
            .join(self._lookup(self._first_cuts), left_on="known_from", right_on="known_day", how="left")
            .with_columns(nw.col("segment").fill_null(0), nw.col("known_at").fill_null(0))
            .with_columns(
                nw.col("sign").alias(ROWS),
                *[(expr * nw.col("sign")).alias(name) for name, expr in measures.items()],
            )
            .group_by("pupil_id", "segment", "known_at")
            .agg(*[nw.col(name).sum() for name in names])
        )
        windowed = cells.join(self._lookup(self._windows(lookbacks)), on="segment").filter(
            nw.col("known_at") <= nw.col("cut")
        )
        sums = {f"{name}_{lookback}": _within(name, lookback) for name in names for lookback in lookbacks}
        return (
            windowed.with_columns(**sums)
            .group_by(*PUPIL_DATE)
            .agg(*[nw.col(name).sum() for name in sums])
            .with_columns(*[nw.col(name).cast(nw.Float64) for name in sums])
        )

    def spells(self, table: str) -> Frame:
        """Each spell as it was known on each date: begun, with ``open`` and an end only once it was known."""
        known = (
            self._signed(table)
            .join(self._lookup(self._cuts), how="cross")
            .filter(
                nw.col("known_from") <= nw.col("as_of_date"), nw.col("start_date") <= nw.col("as_of_date")
            )
        )
        seen = _net_spells(known, self.declared[table], ("as_of_date",), nw.col("as_of_date"))
        return seen.with_columns(
            open=nw.col("end_date").is_null() | (nw.col("end_date") >= nw.col("as_of_date")),
        )

    def with_day_numbers(self, spells: Frame) -> Frame:
        """``spells`` with ``start_day`` and ``as_of_day``: whole days since a fixed day, for differences."""
        numbered = spells
        for date, number in (("start_date", "start_day"), ("as_of_date", "as_of_day")):
            lookup = self._lookup(self._ordinals.rename(columns={"number": number}))
            numbered = numbered.join(lookup, left_on=date, right_on="day", how="left")
        first = int(self._ordinals["number"].iloc[0])  # earlier starts, such as 1900-01-01, count from here
        return numbered.with_columns(nw.col("start_day").fill_null(first))

    def with_window_starts(self, spine: Frame) -> Frame:
        """``spine`` with ``from_<lookback>``: the first day of each look-back, missing where it has none."""
        return spine.join(self._lookup(self._window_starts), on="as_of_date", how="left")

    def events(self, table: str) -> Frame:
        """Each event as it was known on each date, one row an event. For small tables only."""
        declared = self.declared[table]
        known = (
            self._signed(table)
            .join(self._lookup(self._cuts), how="cross")
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

    def visibility(self, feed: str, located_by: str, source: str, lookbacks: Sequence[str]) -> Frame:
        """Whether each look-back was visible, as ``visible_<lookback>``: from coverage, never assumed.

        A pupil's spells in ``located_by`` (``enrolments`` or ``residence``) say which ``source`` should
        have sent; coverage says whether it did. Counted in school days.
        """
        located = (
            self.spells(located_by)
            .with_columns(
                end_date=nw.when(nw.col("open")).then(nw.col("as_of_date")).otherwise(nw.col("end_date"))
            )
            .join(self._lookup(self._day_numbers), left_on="start_date", right_on="day", how="left")
            .with_columns(nw.col("before").fill_null(0).alias("there_from"))
            .drop("before", "upto")
            .join(self._lookup(self._day_numbers), left_on="end_date", right_on="day", how="left")
            .with_columns(nw.col("upto").fill_null(0).alias("there_to"))
            .select(*PUPIL_DATE, nw.col(source).alias("source"), "there_from", "there_to")
        )
        stretches = (
            located.join(self._lookup(self._covered(feed)), on=["as_of_date", "source"])
            .with_columns(
                here_from=nw.max_horizontal("there_from", "covered_from").cast(nw.Float64),
                here_to=nw.min_horizontal("there_to", "covered_to").cast(nw.Float64),
            )
            .filter(nw.col("here_to") > nw.col("here_from"))
            .select(*PUPIL_DATE, "here_from", "here_to")
        )
        days = {f"visible_{lookback}": _overlap(lookback) for lookback in lookbacks}
        needed = {f"visible_{lookback}": f"needed_{lookback}" for lookback in lookbacks}
        return (
            _without_overlap(stretches)
            .join(self._lookup(self._window_days(lookbacks)), on="as_of_date")
            .with_columns(**days)
            .group_by(*PUPIL_DATE)
            .agg(
                *[nw.col(name).sum() for name in days],
                *[nw.col(name).max() for name in needed.values()],
            )
            .with_columns(*[(nw.col(name) >= nw.col(need)).alias(name) for name, need in needed.items()])
            .select(*PUPIL_DATE, *days)
        )

    @property
    def received_since(self) -> dt.date:
        """The first day for which any source sent anything."""
        first: pd.Timestamp = self._coverage["from_date"].min()
        return first.date()

    def received_to(self, feed: str) -> dict[str, dt.date]:
        """The last day for which each source had sent ``feed``, as known on the latest cut."""
        last = pd.Timestamp(self.calendar.as_of_dates[-1])
        rows = self._coverage[(self._coverage["feed"] == feed) & (self._coverage["known_from"] <= last)]
        days = rows.groupby("source")["to_date"].max()
        return {str(source): min(day, last).date() for source, day in days.items()}

    def covered_share(self, feed: str, spans: pd.DataFrame) -> pd.Series:
        """Share of each span's school days for which ``feed`` was received, as known on the extract's date.

        ``spans`` has columns source, start, end; the result has the same index. Used by labels: a window
        for which nothing was sent is not a window in which nothing happened.
        """
        merged = _merge_touching(
            self._received(feed, pd.DataFrame({"seen_on": [self.extracted_on]})), ["source"]
        )
        numbers = self._numbers
        asked = spans[["source", "start", "end"]].drop_duplicates()
        asked = asked.assign(
            first=_numbered(asked["start"], numbers["before"]), last=_numbered(asked["end"], numbers["upto"])
        )
        pairs = asked.merge(merged, on="source", how="left")
        overlap = pairs[["last", "covered_to"]].min(axis=1) - pairs[["first", "covered_from"]].max(axis=1)
        pairs["share"] = (overlap / (pairs["last"] - pairs["first"])).where(pairs["covered_to"].notna(), 0.0)
        shares = (
            pairs.assign(share=pairs["share"].clip(lower=0))
            .groupby(["source", "start", "end"])["share"]
            .sum()
        )
        keys = pd.MultiIndex.from_frame(spans[["source", "start", "end"]])
        return pd.Series(shares.reindex(keys).to_numpy(), index=spans.index)

    def _signed(self, table: str) -> Frame:
        declared = self.declared[table]
        last = self.calendar.as_of_dates[-1]
        happened = declared.date if declared.kind == "event" else "start_date"
        frame = self.tables[table].filter(
            nw.col(happened or "") <= nw.lit(last), nw.col("known_from") <= nw.lit(last)
        )
        return frame.with_columns(sign=_sign())

    def _lookup(self, frame: pd.DataFrame) -> Frame:
        """A small table in the engine. Its types are said, because an empty column has none of its own."""
        fields = [
            pa.field(
                name,
                pa.string() if name == "source" else _LOOKUP_TYPES.get(frame[name].dtype.kind, pa.date32()),
            )
            for name in frame.columns
        ]
        return self.engine.from_arrow(pa.Table.from_pandas(frame, pa.schema(fields), preserve_index=False))

    @cached_property
    def _cuts(self) -> pd.DataFrame:
        return pd.DataFrame({"as_of_date": list(self.calendar.as_of_dates)})

    @cached_property
    def _ordinals(self) -> pd.DataFrame:
        """Day → its ordinal, for every day a spell of somebody on roll could have begun."""
        last = self.calendar.as_of_dates[-1]
        days = _days(dt.date(last.year - LONGEST_SPELL_YEARS, 1, 1), last)
        return pd.DataFrame({"day": days, "number": [day.toordinal() for day in days]})

    @cached_property
    def _boundaries(self) -> list[dt.date]:
        """First days of the segments: every look-back start and the day after every look-back end."""
        starts = {window.start for window in self.calendar.windows if window.start > dt.date.min}
        ends = {window.end + dt.timedelta(days=1) for window in self.calendar.windows}
        return sorted(starts | ends)

    @cached_property
    def _segments(self) -> pd.DataFrame:
        """Day → segment; segment 0 (days before the first boundary) is left to the join's missing value."""
        bounds = self._boundaries
        days = _days(bounds[0], self.calendar.as_of_dates[-1])
        return pd.DataFrame({"day": days, "segment": [_rank(bounds, day) for day in days]})

    @cached_property
    def _first_cuts(self) -> pd.DataFrame:
        """known_from → position of the first cut on which the row was known; 0 for days before the first."""
        cuts = self.calendar.as_of_dates
        days = _days(cuts[0], cuts[-1])
        return pd.DataFrame({"known_day": days, "known_at": [bisect_left(cuts, day) for day in days]})

    def _windows(self, lookbacks: Sequence[str]) -> pd.DataFrame:
        """Cut × segment with ``in_<lookback>``, for the segments inside at least one look-back."""
        cuts = self.calendar.as_of_dates
        rows: dict[tuple[int, int], dict[str, object]] = {}
        for window in self.calendar.windows:
            if window.lookback not in lookbacks:
                continue
            cut = cuts.index(window.as_of_date)
            for segment in range(
                _rank(self._boundaries, window.start), _rank(self._boundaries, window.end) + 1
            ):
                row = rows.setdefault((cut, segment), {f"in_{lookback}": False for lookback in lookbacks})
                row[f"in_{window.lookback}"] = True
        keyed = [
            {"cut": cut, "as_of_date": cuts[cut], "segment": segment, **row}
            for (cut, segment), row in sorted(rows.items())
        ]
        columns = ["cut", "as_of_date", "segment", *[f"in_{lookback}" for lookback in lookbacks]]
        return pd.DataFrame(keyed, columns=columns)

    @cached_property
    def _window_starts(self) -> pd.DataFrame:
        rows: dict[dt.date, dict[str, dt.date]] = {
            cut: {"as_of_date": cut} for cut in self.calendar.as_of_dates
        }
        for window in self.calendar.windows:
            rows[window.as_of_date][f"from_{window.lookback}"] = window.start
        return pd.DataFrame(list(rows.values()))

    @cached_property
    def _day_numbers(self) -> pd.DataFrame:
        """Day → school days before it, and up to and including it."""
        school_days = self.calendar.school_days
        days = _days(school_days[0], max(school_days[-1], self.calendar.as_of_dates[-1]))
        before = [bisect_left(school_days, day) for day in days]
        upto = [bisect_left(school_days, day + dt.timedelta(days=1)) for day in days]
        return pd.DataFrame({"day": days, "before": before, "upto": upto})

    def _window_days(self, lookbacks: Sequence[str]) -> pd.DataFrame:
        """as_of_date → for each look-back its first and last school day's number and the days needed."""
        school_days = self.calendar.school_days
        rows: dict[dt.date, dict[str, object]] = {
            cut: {"as_of_date": cut} for cut in self.calendar.as_of_dates
        }
        for window in self.calendar.windows:
            if window.lookback in lookbacks:
                first = bisect_left(school_days, window.start)
                last = bisect_left(school_days, window.end + dt.timedelta(days=1))
                rows[window.as_of_date] |= {
                    f"first_{window.lookback}": first,
                    f"last_{window.lookback}": last,
                    f"needed_{window.lookback}": max((last - first) * VISIBLE_SHARE, 1.0),
                }
        parts = [f"{part}_{lookback}" for lookback in lookbacks for part in ("first", "last", "needed")]
        frame = pd.DataFrame(list(rows.values()), columns=["as_of_date", *parts])
        return frame.astype(dict.fromkeys(parts, float))

    @cached_property
    def _coverage(self) -> pd.DataFrame:
        return self.engine.collect(self.tables["coverage"])

    @cached_property
    def _numbers(self) -> pd.DataFrame:
        return self._day_numbers.assign(day=pd.to_datetime(self._day_numbers["day"])).set_index("day")

    def _received(self, feed: str, seen_on: pd.DataFrame) -> pd.DataFrame:
        """Rows of coverage for ``feed``, in school-day numbers, as known on each date in ``seen_on``."""
        rows = self._coverage.loc[self._coverage["feed"] == feed]
        rows = rows[
            (rows["to_date"] >= self._numbers.index[0]) & (rows["from_date"] <= self._numbers.index[-1])
        ]
        known = rows.assign(
            covered_from=_numbered(rows["from_date"], self._numbers["before"]),
            covered_to=_numbered(rows["to_date"], self._numbers["upto"]),
        )[["source", "known_from", "covered_from", "covered_to"]]
        dates = seen_on.assign(seen_on=pd.to_datetime(seen_on["seen_on"]))
        pairs: pd.DataFrame = known.merge(dates, how="cross")
        return pairs[pairs["known_from"] <= pairs["seen_on"]]

    def _covered(self, feed: str) -> pd.DataFrame:
        """as_of_date × source → stretches of school days covered without a gap, as known on the day."""
        merged = _merge_touching(
            self._received(feed, self._cuts.set_axis(["seen_on"], axis=1)), ["seen_on", "source"]
        )
        return merged.assign(as_of_date=merged["seen_on"].dt.date).drop(columns="seen_on")


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
    return nw.when(nw.col("record") == nw.lit("retraction")).then(nw.lit(-1)).otherwise(nw.lit(1))


def _within(measure: str, lookback: str) -> nw.Expr:
    return nw.when(nw.col(f"in_{lookback}")).then(nw.col(measure)).otherwise(nw.lit(0))


def _without_overlap(stretches: Frame) -> Frame:
    """Stretches of one pupil and date cut so that no school day is in two of them: two rolls, two rows."""
    order = ["here_from", "here_to"]
    reached = nw.col("here_to").cum_max().over(*PUPIL_DATE, order_by=order)
    before = nw.col("reached").shift(1).over(*PUPIL_DATE, order_by=order)
    return (
        stretches.with_columns(reached=reached)
        .with_columns(before=before.fill_null(0.0))
        .with_columns(here_from=nw.max_horizontal("here_from", "before"))
        .filter(nw.col("here_to") > nw.col("here_from"))
        .drop("reached", "before")
    )


def _overlap(lookback: str) -> nw.Expr:
    """School days that a visible stretch and a look-back have in common."""
    last = nw.min_horizontal("here_to", f"last_{lookback}")
    first = nw.max_horizontal("here_from", f"first_{lookback}")
    return nw.when(last > first).then(last - first).otherwise(nw.lit(0.0))


def _days(start: dt.date, end: dt.date) -> list[dt.date]:
    return [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]


def _rank(bounds: Sequence[dt.date], day: dt.date) -> int:
    """How many bounds lie on or before ``day``."""
    return bisect_left(bounds, day + dt.timedelta(days=1)) if day > dt.date.min else 0


def _numbered(days: pd.Series, numbers: pd.Series) -> pd.Series:
    """School-day numbers of ``days``; days outside the calendar are held at its ends."""
    held = pd.to_datetime(days).clip(numbers.index[0], numbers.index[-1])
    return held.map(numbers).astype(float)


def _merge_touching(spans: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Spans that touch or overlap, joined into one; ``by`` is what they belong to."""
    ordered = spans.sort_values([*by, "covered_from", "covered_to"], ignore_index=True)
    reach = ordered.groupby(by)["covered_to"].cummax().groupby([ordered[c] for c in by]).shift()
    starts = (reach.isna() | (ordered["covered_from"] > reach)).cumsum().rename("stretch")
    merged = ordered.groupby([*by, starts], as_index=False).agg(
        covered_from=("covered_from", "min"), covered_to=("covered_to", "max")
    )
    return merged[[*by, "covered_from", "covered_to"]]
