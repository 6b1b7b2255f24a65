"""The school year of the synthetic authority: half terms and school days by rule, for any year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from earlywarning.synthetic.arrays import Dates, Ints

LAST_YEAR = 2025
EXTRACTED_ON = dt.date(2026, 8, 31)
MONDAY, FRIDAY = 0, 4
LEAVERS = (11, 13)
"""NC years that end with public examinations."""


@dataclass(frozen=True)
class HalfTerm:
    """One half term: the first and the last day for pupils."""

    term: str
    half: int
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class SchoolYear:
    """An academic year that begins in September ``first`` (2024 for 2024/25)."""

    first: int

    @property
    def label(self) -> str:
        """The year as it is written.

        >>> SchoolYear(2024).label
        '2024/25'
        """
        return f"{self.first}/{(self.first + 1) % 100:02d}"

    @cached_property
    def half_terms(self) -> tuple[HalfTerm, ...]:
        """The six half terms, by the London pattern; two days in September and one in January are staff days.

        >>> [str(half.start) for half in SchoolYear(2024).half_terms]
        ['2024-09-04', '2024-11-04', '2025-01-07', '2025-02-24', '2025-04-22', '2025-06-02']
        >>> [str(half.end) for half in SchoolYear(2024).half_terms]
        ['2024-10-25', '2024-12-20', '2025-02-14', '2025-04-04', '2025-05-23', '2025-07-22']
        """
        one, two = self.first, self.first + 1
        october = weekday_from(dt.date(one, 10, 22), MONDAY)
        february = weekday_from(dt.date(two, 2, 12), MONDAY)
        may = weekday_from(dt.date(two, 5, 25), MONDAY)
        before_easter, after_easter = easter_break(two)
        july = dt.date(two, 7, 22)
        starts = (
            weekday_from(dt.date(one, 9, 1), MONDAY) + dt.timedelta(2),
            october + dt.timedelta(7),
            weekday_from(dt.date(two, 1, 3), MONDAY) + dt.timedelta(1),
            february + dt.timedelta(7),
            after_easter,
            may + dt.timedelta(7),
        )
        ends = (
            october - dt.timedelta(3),
            weekday_from(dt.date(one, 12, 16), FRIDAY),
            february - dt.timedelta(3),
            before_easter,
            may - dt.timedelta(3),
            july - dt.timedelta(max(0, july.weekday() - FRIDAY)),
        )
        names = [(term, half) for term in ("autumn", "spring", "summer") for half in (1, 2)]
        return tuple(
            HalfTerm(*name, start, end) for name, start, end in zip(names, starts, ends, strict=True)
        )

    @cached_property
    def days(self) -> Dates:
        """The school days of the year in order (about 190)."""
        early_may = np.datetime64(weekday_from(dt.date(self.first + 1, 5, 1), MONDAY))
        spans = [
            np.arange(np.datetime64(half.start), np.datetime64(half.end) + 1) for half in self.half_terms
        ]
        days = np.concatenate(spans)
        return np.asarray(days[np.is_busday(days) & (days != early_may)])

    @cached_property
    def half_of_day(self) -> Ints:
        """Which half term (0 to 5) each school day lies in."""
        starts = np.array([half.start for half in self.half_terms], dtype="datetime64[D]")
        return np.asarray(np.searchsorted(starts, self.days, side="right") - 1, dtype=np.int64)

    def span(self, half: int) -> tuple[int, int]:
        """The first day number of a half term and the one after its last."""
        low, high = np.searchsorted(self.half_of_day, [half, half + 1])
        return int(low), int(high)

    def last_days(self, nc_year: Ints) -> Ints:
        """The last day number on roll for each NC year: Years 11 and 13 leave on the last Friday of June."""
        june = weekday_from(dt.date(self.first + 1, 6, 24), FRIDAY)
        return np.asarray(
            np.where(np.isin(nc_year, LEAVERS), self.day_number(june), len(self.days) - 1), dtype=np.int64
        )

    def day_number(self, date: dt.date) -> int:
        """The number of the first school day on or after ``date``."""
        return int(np.searchsorted(self.days, np.datetime64(date)))


def school_years(years: int) -> tuple[SchoolYear, ...]:
    """The last ``years`` academic years, ending with 2025/26."""
    return tuple(SchoolYear(first) for first in range(LAST_YEAR - years + 1, LAST_YEAR + 1))


def weekday(dates: Dates) -> Ints:
    """The day of the week of each date, 0 for Monday."""
    return np.asarray((dates.astype("datetime64[D]").view(np.int64) + 3) % 7)


def weekday_from(date: dt.date, wanted: int) -> dt.date:
    """The first such day of the week on or after ``date``."""
    return date + dt.timedelta((wanted - date.weekday()) % 7)


def easter(year: int) -> dt.date:
    """Easter Sunday (Gregorian calendar, the anonymous algorithm of 1876).

    >>> easter(2025), easter(2026)
    (datetime.date(2025, 4, 20), datetime.date(2026, 4, 5))
    """
    golden = year % 19
    century, rest = divmod(year, 100)
    leap, remainder = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + century - leap - correction + 15) % 30
    day_of_week = (32 + 2 * remainder + 2 * (rest // 4) - moon - rest % 4) % 7
    shift = (golden + 11 * moon + 22 * day_of_week) // 451
    month, day = divmod(moon + day_of_week - 7 * shift + 114, 31)
    return dt.date(year, month, day + 1)


def easter_break(year: int) -> tuple[dt.date, dt.date]:
    """The last day of the spring term and the first of the summer term: two weeks that hold Easter."""
    sunday = easter(year)
    if sunday >= dt.date(year, 4, 12):
        return sunday - dt.timedelta(16), sunday + dt.timedelta(2)
    if sunday >= dt.date(year, 4, 1):
        return sunday - dt.timedelta(9), sunday + dt.timedelta(8)
    return sunday - dt.timedelta(3), sunday + dt.timedelta(15)
