"""Roll lines from before the first year of data, so that nobody seems to have arrived when the data begin."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.lines import Lines, lines
from earlywarning.synthetic.people import SECONDARY

SINCE_THE_START = 0.8


def earlier_years(authority: Authority, roll: Lines) -> Iterator[tuple[SchoolYear, Lines]]:
    """The academic years before the first and their whole-year lines, oldest first.

    ``roll`` is the first year's. Most pupils have been at their school since its first year group; the rest
    joined in some year after it.
    """
    rng = authority.stream("history")
    there = roll.take(np.flatnonzero(roll.first == 0))
    entry = np.where(authority.schools.phase[there.school] == "secondary", SECONDARY, 0)
    possible = np.maximum(there.nc_year - entry, 0)
    some = np.floor(rng.random(len(there)) * (possible + 1)).astype(np.int64)
    spent = np.where(rng.random(len(there)) < SINCE_THE_START, possible, some)
    for back in range(int(spent.max()), 0, -1):
        year = SchoolYear(authority.years[0].first - back)
        were = there.take(np.flatnonzero(spent >= back))
        nc_year = were.nc_year - back
        yield year, lines(were.pupil, were.school, nc_year, 0, year.last_days(nc_year))
