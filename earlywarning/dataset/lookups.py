"""A calendar as small tables to join on a date: segments, look-backs, cuts and school days.

Every table is a pandas frame whose ``day`` columns are dates; ``History.lookup`` takes one into the engine.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from earlywarning.school_calendar import Calendar

VISIBLE_SHARE = 0.5
"""A look-back is visible when sources covering at least this share of its school days were received."""

WEEKS_IN_BLOCK = 8
WEEK_BASE = 64.0
"""A block of weeks is held as one number, each week a digit: 8 digits of 6 bits are exact in a float."""


@dataclass(frozen=True)
class Lookups:
    """The look-up tables of one calendar."""

    calendar: Calendar

    @cached_property
    def cuts(self) -> pd.DataFrame:
        """as_of_date → its day number."""
        cuts = self.calendar.as_of_dates
        return pd.DataFrame({"as_of_date": list(cuts), "as_of_day": [cut.toordinal() for cut in cuts]})

    @cached_property
    def segments(self) -> pd.DataFrame:
        """Day → segment, day number, block of weeks and the week's digit in it (0 outside school weeks).

        Segments are bounded by every look-back's start, every cut and every mark of the calendar, and are
        called by their first day's number: the same days have the same segment whatever else is asked for.
        Blocks are up to eight school weeks without a break: they depend on the terms alone, so that a week
        counts once whatever the cuts. Segment 0 (days before the first boundary) is left to the join's
        missing value.
        """
        blocks = self._blocks
        rows = []
        for day in days(self._boundaries[0], self.calendar.as_of_dates[-1]):
            block, week = blocks.get(monday_of(day), (0, None))
            digit = 0.0 if week is None else WEEK_BASE**week
            rows.append((day, self.segment_of(day), day.toordinal(), block, digit))
        return pd.DataFrame(rows, columns=["day", "segment", "number", "block", "digit"])

    @cached_property
    def first_cuts(self) -> pd.DataFrame:
        """known_from → number of the first day, of cuts and marks, on which the row was known.

        Days before the first are left to the join's missing value.
        """
        listed = days(self._marks[0], self._marks[-1])
        return pd.DataFrame({"known_day": listed, "known_at": [self.known_at(day) for day in listed]})

    def known_at(self, day: dt.date) -> int:
        """The number of the first cut or mark from ``day`` on; 0 for days before the first."""
        return self._marks[bisect_left(self._marks, day)].toordinal() if day >= self._marks[0] else 0

    def known_after(self, known_at: int) -> dt.date:
        """The day after which rows became known that are first known at ``known_at``."""
        before = [mark for mark in self._marks if mark.toordinal() < known_at]
        return before[-1] if before else dt.date(1, 1, 1)

    def windows(self, lookbacks: Sequence[str]) -> pd.DataFrame:
        """Cut × look-back × segment, for the segments inside each look-back."""
        bounds = self._boundaries
        segments = [0, *[bound.toordinal() for bound in bounds]]
        rows = [
            (window.as_of_date.toordinal(), window.as_of_date, window.lookback, segment)
            for window in self.calendar.windows
            if window.lookback in lookbacks
            for segment in segments[rank(bounds, window.start) : rank(bounds, window.end) + 1]
        ]
        columns = ["cut", "as_of_date", "lookback", "segment"]
        return pd.DataFrame(rows, columns=columns).astype({"cut": int, "segment": int})

    def segment_of(self, day: dt.date) -> int:
        """The segment that ``day`` lies in; 0 before the first boundary."""
        position = rank(self._boundaries, day)
        return self._boundaries[position - 1].toordinal() if position else 0

    def earliest(self, lookbacks: Sequence[str]) -> dt.date:
        """The first day that any of some look-backs reaches back to, on any cut."""
        return min((w.start for w in self.calendar.windows if w.lookback in lookbacks), default=dt.date.max)

    @cached_property
    def window_starts(self) -> pd.DataFrame:
        """as_of_date → ``from_<lookback>``, the first day of each look-back."""
        rows: dict[dt.date, dict[str, dt.date]] = {
            cut: {"as_of_date": cut} for cut in self.calendar.as_of_dates
        }
        for window in self.calendar.windows:
            rows[window.as_of_date][f"from_{window.lookback}"] = window.start
        return pd.DataFrame(list(rows.values()))

    @cached_property
    def school_days(self) -> pd.DataFrame:
        """Day → school days before it, and up to and including it."""
        school_days = self.calendar.school_days
        listed = days(school_days[0], max(school_days[-1], self.calendar.as_of_dates[-1]))
        before = [bisect_left(school_days, day) for day in listed]
        upto = [bisect_left(school_days, day + dt.timedelta(days=1)) for day in listed]
        return pd.DataFrame({"day": listed, "before": before, "upto": upto})

    def window_days(self, lookbacks: Sequence[str]) -> pd.DataFrame:
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
    def _boundaries(self) -> list[dt.date]:
        """First days of the segments: look-back starts, and the days after look-back ends and marks."""
        starts = {window.start for window in self.calendar.windows if window.start > dt.date.min}
        ends = {window.end for window in self.calendar.windows} | set(self._marks)
        return sorted(starts | {end + dt.timedelta(days=1) for end in ends})

    @cached_property
    def _marks(self) -> list[dt.date]:
        """The calendar's marks and cuts, up to the last cut."""
        cuts = self.calendar.as_of_dates
        return sorted({*cuts, *[mark for mark in self.calendar.marks if mark <= cuts[-1]]})

    @cached_property
    def _blocks(self) -> dict[dt.date, tuple[int, int]]:
        """Monday of each school week → its block, from 1, and its place in the block, from 0."""
        blocks: dict[dt.date, tuple[int, int]] = {}
        for monday in sorted({monday_of(day) for day in self.calendar.school_days}):
            block, week = blocks.get(monday - dt.timedelta(days=7), (len(blocks) + 1, -1))
            full = week + 1 == WEEKS_IN_BLOCK
            blocks[monday] = (len(blocks) + 1, 0) if full else (block, week + 1)
        return blocks


def days(start: dt.date, end: dt.date) -> list[dt.date]:
    """Every day from ``start`` to ``end``."""
    return [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]


def rank(bounds: Sequence[dt.date], day: dt.date) -> int:
    """How many bounds lie on or before ``day``."""
    return bisect_left(bounds, day + dt.timedelta(days=1)) if day > dt.date.min else 0


def monday_of(day: dt.date) -> dt.date:
    """The Monday of the week of ``day``."""
    return day - dt.timedelta(days=day.weekday())
