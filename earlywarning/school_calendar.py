"""Academic years, terms, half terms and the dates of an issue: date arithmetic only.

A *calendar* is what any study needs: the issues (when the data are cut, when the panel meets, when the
label closes and matures) and the look-back windows that end on each cut.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from earlywarning.errors import InputRefused

LEAD: Final = dt.timedelta(days=14)
"""Between the data cut and the panel: time to score, check and send."""

SETTLING: Final = dt.timedelta(days=7)
"""A panel never meets in the first week of a term."""

SHORTEST_HORIZON: Final = dt.timedelta(days=21)
"""With fewer days than this left in a term, the list is for the next term."""

REPORTING_LAG: Final = dt.timedelta(days=30)
"""After the label closes, how long until the suspensions of the term have been notified."""

HALF_TERMS: Final = {
    "1ht": (0, 1),
    "1ht_before": (1, 2),
    "1ht_year_ago": (6, 7),
    "1t": (0, 2),
    "3t": (0, 6),
    "6t": (0, 12),
}
"""Look-backs in half terms, counted back from the one under way: (skip, up to)."""

JUNE_DAY: Final = 20
"""The June list is cut here: term is left to act in, and key stage 2 results are weeks away."""

AUTUMN_DAY: Final = 26
"""The autumn list and the September list are cut on this day of September."""

THIS_YEAR: Final = "1y"

EVER: Final = "ever"


@dataclass(frozen=True)
class HalfTerm:
    """One half term: ``term`` is autumn, spring or summer; both days are included."""

    academic_year: str
    term: str
    start_date: dt.date
    end_date: dt.date


@dataclass(frozen=True)
class AcademicYear:
    """One academic year, from the first day of its autumn term to the last of its summer term."""

    name: str
    start_date: dt.date
    end_date: dt.date


@dataclass(frozen=True, order=True)
class IssueDates:
    """The dates of one issue.

    ``train_before``: a label may train a model tested on this issue only when it matured before this day.
    ``period`` is what the splits go by (the academic year).
    """

    as_of_date: dt.date
    panel_date: dt.date
    closes: dt.date
    matures_on: dt.date
    train_before: dt.date
    period: str
    name: str


@dataclass(frozen=True)
class Window:
    """One look-back on one cut: the days from ``start`` to ``end``, both included."""

    as_of_date: dt.date
    lookback: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class Calendar:
    """When a study looks, and how far back.

    ``school_days`` are the days on which sources are expected to send, in order; visibility is counted
    in them. ``marks`` are last days of what any run over the same terms adds up together, so that it can be
    kept and used again.
    """

    issues: tuple[IssueDates, ...]
    windows: tuple[Window, ...]
    school_days: tuple[dt.date, ...]
    marks: tuple[dt.date, ...] = ()

    @property
    def as_of_dates(self) -> tuple[dt.date, ...]:
        """The distinct cuts, in order."""
        return tuple(sorted({issue.as_of_date for issue in self.issues}))

    def on(self, as_of_dates: Collection[dt.date]) -> Calendar:
        """The same calendar with some of its cuts alone."""
        return replace(
            self,
            issues=tuple(issue for issue in self.issues if issue.as_of_date in as_of_dates),
            windows=tuple(window for window in self.windows if window.as_of_date in as_of_dates),
        )


def weekdays(start: dt.date, end: dt.date) -> list[dt.date]:
    """Mondays to Fridays from ``start`` to ``end``.

    >>> [day.day for day in weekdays(dt.date(2024, 9, 5), dt.date(2024, 9, 9))]
    [5, 6, 9]
    """
    days = ((start + dt.timedelta(days=n)) for n in range((end - start).days + 1))
    return [day for day in days if day.weekday() < 5]


def half_terms(terms: pd.DataFrame) -> tuple[HalfTerm, ...]:
    """The rows of the table ``terms``, in order of time."""
    rows = zip(
        terms["academic_year"],
        terms["term"],
        pd.to_datetime(terms["start_date"]).dt.date,
        pd.to_datetime(terms["end_date"]).dt.date,
        strict=True,
    )
    return tuple(sorted((HalfTerm(*row) for row in rows), key=lambda half: half.start_date))


def school_days(halves: Iterable[HalfTerm]) -> tuple[dt.date, ...]:
    """Every weekday inside a half term, in order; bank holidays and INSET days are not taken out."""
    days: set[dt.date] = set()
    for half in halves:
        days.update(weekdays(half.start_date, half.end_date))
    return tuple(sorted(days))


def whole_terms(halves: Iterable[HalfTerm]) -> list[HalfTerm]:
    """The half terms of each term as one, in order of time."""
    terms: dict[tuple[str, str], HalfTerm] = {}
    for half in halves:
        key = (half.academic_year, half.term)
        begun = terms.get(key, half)
        terms[key] = HalfTerm(
            *key, min(begun.start_date, half.start_date), max(begun.end_date, half.end_date)
        )
    return sorted(terms.values(), key=lambda term: term.start_date)


def issue_on(halves: Sequence[HalfTerm], as_of_date: dt.date) -> IssueDates:
    """The dates of the issue whose data are cut on ``as_of_date``.

    The panel meets :data:`LEAD` after the cut, but not in the first week of a term; the label closes with
    that term.

    Raises:
        InputRefused: the terms table ends before the panel could meet.
    """
    for term in whole_terms(halves):
        panel_date = max(as_of_date + LEAD, term.start_date + SETTLING)
        if term.end_date - panel_date >= SHORTEST_HORIZON:
            return IssueDates(
                as_of_date=as_of_date,
                panel_date=panel_date,
                closes=term.end_date,
                matures_on=term.end_date + REPORTING_LAG,
                train_before=as_of_date,
                period=term.academic_year,
                name=term.term,
            )
    raise InputRefused(
        f"table 'terms', column 'end_date': no term is left after {as_of_date}. A list needs the dates of "
        "the term it is for; add them to terms, or choose an earlier --as-of."
    )


def termly_issues(halves: Sequence[HalfTerm], last_day: dt.date) -> list[IssueDates]:
    """The scheduled issues up to ``last_day``: late September, end of December and Easter."""
    last_end = max((half.end_date for half in halves), default=dt.date.min)
    reachable = last_end - SHORTEST_HORIZON - LEAD
    return [issue_on(halves, cut) for cut in termly_cuts(halves) if cut <= min(last_day, reachable)]


def termly_cuts(halves: Sequence[HalfTerm]) -> list[dt.date]:
    """The days of the scheduled issues, in order."""
    cuts = []
    for term in whole_terms(halves):
        if term.term == "autumn":
            year = term.start_date.year
            cuts += [dt.date(year, 9, AUTUMN_DAY), dt.date(year, 12, 31)]
        if term.term == "spring":
            cuts.append(term.end_date)
    return sorted(cuts)


def whole_years(halves: Iterable[HalfTerm]) -> list[AcademicYear]:
    """The academic years whose autumn, spring and summer terms are known, in order of time."""
    terms: dict[str, list[HalfTerm]] = {}
    for term in whole_terms(halves):
        terms.setdefault(term.academic_year, []).append(term)
    return [
        AcademicYear(name, of[0].start_date, of[-1].end_date) for name, of in terms.items() if len(of) == 3
    ]


def year_seven(years: Iterable[AcademicYear], as_of_date: dt.date, nc_year: str) -> AcademicYear | None:
    """The academic year in which a pupil who is in Year 6 or 7 on ``as_of_date`` is in Year 7.

    ``None`` for a pupil of another year group, or where the dates of that year are not known.

    >>> starts = {"2024/25": dt.date(2024, 9, 2), "2025/26": dt.date(2025, 9, 3)}
    >>> years = [AcademicYear(name, day, day + dt.timedelta(days=320)) for name, day in starts.items()]
    >>> [year_seven(years, dt.date(2025, 6, 20), group).name for group in ("6", "7")]
    ['2025/26', '2024/25']
    """
    under_way = as_of_date.year - (as_of_date.month < 9)
    first = {"6": under_way + 1, "7": under_way}.get(nc_year)
    return next((year for year in years if year.start_date.year == first), None)


def transition_issue_on(halves: Sequence[HalfTerm], as_of_date: dt.date) -> IssueDates:
    """The dates of the list of children moving to Year 7, in June or September of the year they move.

    The label closes with Year 7, whose academic year is the period of both lists: they are never on two sides
    of a split.

    Raises:
        InputRefused: the day is in another month, or the terms of Year 7 are not all known.
    """
    name = {6: "June", 9: "September"}.get(as_of_date.month)
    if name is None:
        raise InputRefused(
            f"as_of_date {as_of_date}: children moving to Year 7 are listed in June, without key stage 2 "
            "results, and in September, with them. Choose a day of one of these months."
        )
    year = year_seven(whole_years(halves), as_of_date, "6" if name == "June" else "7")
    if year is None:
        raise InputRefused(
            f"table 'terms': the autumn, spring and summer terms of the Year 7 that {as_of_date} looks "
            "ahead to are not all there. Add them: they are published a year ahead."
        )
    return IssueDates(
        as_of_date=as_of_date,
        panel_date=as_of_date + LEAD,
        closes=year.end_date,
        matures_on=year.end_date + REPORTING_LAG,
        train_before=as_of_date,
        period=year.name,
        name=name,
    )


def transition_issues(halves: Sequence[HalfTerm], last_day: dt.date) -> list[IssueDates]:
    """The scheduled lists of children moving to Year 7, from the first June in the terms to ``last_day``."""
    first_day = min((half.start_date for half in halves), default=dt.date.max)
    issues = []
    for year in whole_years(halves):
        june = dt.date(year.start_date.year, 6, JUNE_DAY)
        if june >= first_day:
            issues += [june, dt.date(june.year, 9, AUTUMN_DAY)]
    return [transition_issue_on(halves, cut) for cut in issues if cut <= last_day]


def half_term_windows(
    halves: Iterable[HalfTerm], as_of_dates: Iterable[dt.date], lookbacks: Sequence[str] = tuple(HALF_TERMS)
) -> list[Window]:
    """The look-backs that end on each cut, in half terms.

    ``1ht`` is the half term under way or last begun; ``1ht_before`` the one before it; ``1t`` the two
    together; ``3t`` those and the four before (a year of terms); ``1ht_year_ago`` the half term a year before
    ``1ht``; ``6t`` two years of terms. ``1y`` is the academic year so far; ``ever`` every day up to the cut.
    """
    ordered = sorted(halves, key=lambda half: half.start_date)
    windows = []
    for cut in as_of_dates:
        known = [half for half in ordered if half.start_date <= cut]
        begun = [half.start_date for half in known][::-1]
        if known:
            first = min(h.start_date for h in known if h.academic_year == known[-1].academic_year)
            windows.append(Window(cut, THIS_YEAR, first, cut))
        for lookback in lookbacks:
            skip, upto = HALF_TERMS[lookback]
            if len(begun) < upto:
                continue  # the data do not reach that far back: no window, so the measures are missing
            end = cut if skip == 0 else begun[skip - 1] - dt.timedelta(days=1)
            windows.append(Window(cut, lookback, begun[upto - 1], end))
        windows.append(Window(cut, EVER, dt.date.min, cut))
    return windows


def school_calendar(halves: Sequence[HalfTerm], issues: Sequence[IssueDates]) -> Calendar:
    """The calendar of a school study: ``issues``, their half-term look-backs and the school days."""
    cuts = sorted({issue.as_of_date for issue in issues})
    day_before = dt.timedelta(days=1)
    marks = sorted({*termly_cuts(halves), *[half.start_date - day_before for half in halves]})
    windows = half_term_windows(halves, cuts)
    return Calendar(tuple(issues), tuple(windows), school_days(halves), tuple(marks))
