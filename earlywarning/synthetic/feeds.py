"""Feeds: when each reaches the authority, who falls silent, and the coverage rows that say so."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from earlywarning.synthetic.areas import SHARING
from earlywarning.synthetic.arrays import Bools, Dates, Ints, Strings
from earlywarning.synthetic.attainment import FIRST_SCALED, results_day, test_day, tested
from earlywarning.synthetic.authority import SCHOOL_FEEDS, Authority
from earlywarning.synthetic.calendar import SchoolYear, weekday
from earlywarning.synthetic.writing import Values

NOTIFIED_AT_ONCE = 2022
"""From this September schools tell the authority of a suspension the next day; before, a term later."""
FRIDAY, SECOND_HALF = 4, 2


class Rows(NamedTuple):
    """Coverage rows: feed, source, first and last day, and the day the row was known."""

    feed: Strings
    source: Strings
    from_date: Dates
    to_date: Dates
    known_from: Dates


def later(dates: Dates, days: int) -> Dates:
    """Each date so many days later."""
    return np.asarray(dates + np.timedelta64(days, "D"))


def sends(authority: Authority, feed: str, school: Ints, days: Dates) -> Bools:
    """Whether each school's row of ``feed`` for each day reached the authority: (schools given, days)."""
    sent = np.ones((len(school), len(days)), dtype=np.bool_)
    for one in authority.silences:
        if one.feed == feed:
            sent &= ~((school == one.school)[:, None] & (days >= one.start) & (days <= one.end))
    return sent


def suspension_known(authority: Authority, year: SchoolYear, dates: Dates) -> Dates:
    """When a suspension begun on each of ``dates`` reached the authority; once, at the next term's end."""
    if year.first >= NOTIFIED_AT_ONCE:
        return later(dates, 1)
    halves = (*year.half_terms, *authority.year_after(year).half_terms)
    ends = np.array([half.end for half in halves if half.half == SECOND_HALF], dtype="datetime64[D]")
    return np.asarray(ends[np.searchsorted(ends, dates) + 1])


def coverage_rows(authority: Authority) -> dict[str, Values]:
    """A row a week for each school and feed it sent."""
    return _coverage(authority, [rows for year in authority.years for rows in _of_schools(authority, year)])


def shared_coverage_rows(authority: Authority) -> dict[str, Values]:
    """A row a week for each home authority that shares and for supports; KS2 a row a tested year."""
    return _coverage(authority, [*_through_the_holidays(authority), _ks2(authority)])


def _coverage(authority: Authority, parts: list[Rows]) -> dict[str, Values]:
    feed, source, start, end, known = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((source, feed, start))
    order = order[known[order] <= authority.extracted_on]
    columns = Rows(feed[order], source[order], start[order], end[order], known[order])
    return dict(columns._asdict())


def _of_schools(authority: Authority, year: SchoolYear) -> list[Rows]:
    """The school feeds of a year; a weekly row is known the day after, a late feed with its events."""
    schools = authority.schools
    everyone, start, end = np.arange(len(schools.school_id)), *_weeks(year)
    rows = []
    for feed in SCHOOL_FEEDS:
        known = suspension_known(authority, year, end) if feed == "suspensions" else later(end, 1)
        rows.append(_sent_weeks(authority, feed, everyone, (start, end, known)))
    june = start >= np.datetime64(f"{year.first + 1}-06-01")
    writers = np.flatnonzero((schools.phase == "primary") & schools.hands_over)
    rows.append(_sent_weeks(authority, "transition", writers, (start[june], end[june], later(end[june], 14))))
    return rows


def _weeks(year: SchoolYear) -> tuple[Dates, Dates]:
    """The first and the last school day of every week that has one."""
    monday = np.unique(year.days - weekday(year.days))
    first = year.days[np.searchsorted(year.days, monday)]
    last = year.days[np.searchsorted(year.days, later(monday, FRIDAY), side="right") - 1]
    return np.asarray(first), np.asarray(last)


def _sent_weeks(authority: Authority, feed: str, who: Ints, weeks: tuple[Dates, Dates, Dates]) -> Rows:
    start, end, known = weeks
    school, week = np.nonzero(sends(authority, feed, who, start) & sends(authority, feed, who, end))
    source = authority.schools.school_id[who[school]]
    return Rows(np.full(len(week), feed), source, start[week], end[week], known[week])


def _through_the_holidays(authority: Authority) -> list[Rows]:
    """Services by home authority, and supports, every week from before the first term to the extract."""
    begin = np.datetime64(f"{authority.years[0].first}-09-01")
    monday = np.arange(begin - weekday(np.array([begin]))[0], authority.extracted_on, 7)
    feeds = (*(("services", la) for la in SHARING), ("supports", "all"))
    many = len(monday)
    return [
        Rows(np.full(many, feed), np.full(many, source), monday, later(monday, 6), later(monday, 7))
        for feed, source in feeds
    ]


def _ks2(authority: Authority) -> Rows:
    summers = [summer for summer in range(FIRST_SCALED, authority.years[-1].first + 2) if tested(summer)]
    day = np.array([test_day(summer) for summer in summers], dtype="datetime64[D]")
    known = np.array([results_day(summer) for summer in summers], dtype="datetime64[D]")
    return Rows(np.full(len(day), "ks2"), np.full(len(day), "all"), day, later(day, 3), known)
