"""Moves out of the ordinary classroom: managed moves, off-site directions and alternative provision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlywarning.synthetic.arrays import Bools, Floats
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.lines import MAIN, SINGLE, SUBSIDIARY, Lines
from earlywarning.synthetic.people import SECONDARY, SIXTH_FORM, People
from earlywarning.synthetic.planted import Planted
from earlywarning.synthetic.response import removal_factor

MANAGED_MOVE, OFF_SITE, ALTERNATIVE = ROUTES = ("managed_move", "off_site_direction", "alternative_provision")
STAYED, RETURNED, FAILED, ENDED = OUTCOMES = ("permanent", "returned", "failed", "ended")
SHORTEST = 15
"""School days; a placement that would be shorter is not begun."""
BEGINS = (3, 12)
WORKED_OUT, DIRECTED, CAME_BACK = 0.50, 0.60, 0.75
"""Shares: of managed moves that last, of the rest that are off-site directions, of those that return."""


@dataclass(frozen=True)
class Placement:
    """One placement: the school that made it, the route, its days in the year, and how it came out."""

    pupil: int
    school: int
    host: int
    route: str
    start: int
    end: int
    outcome: str


@dataclass(frozen=True)
class HalfTermRoll:
    """The lines at the start of a half term, how likely each is placed beyond the ordinary, and who is out.

    ``busy`` maps a pupil to the last day out of school.
    """

    year: SchoolYear
    half: int
    roll: Lines
    leaning: Floats
    busy: dict[int, int]


def place(
    rng: np.random.Generator, authority: Authority, standing: HalfTermRoll
) -> tuple[Lines, list[Placement]]:
    """The roll with this half term's placements in it, and the placements.

    The main line is cut in three (before, during, after); the host has a subsidiary line meanwhile. Most last
    to the end of the next half term, within the year.
    """
    planted, roll, year = authority.planted, standing.roll, standing.year
    often = planted.managed_move + planted.off_site
    chance = often * standing.leaning * _in_reach(authority, standing)
    end = year.span(min(standing.half + 1, 5))[1] - 1
    made: list[Placement] = []
    for line in np.flatnonzero(rng.random(len(roll)) < chance).tolist():
        start = year.span(standing.half)[0] + int(rng.integers(*BEGINS))
        until = min(end, int(roll.last[line]))
        if until - start < SHORTEST or standing.busy.get(int(roll.pupil[line]), -1) >= start:
            continue
        school = int(roll.school[line])
        host, route, outcome = _where(rng, authority, school)
        placement = Placement(int(roll.pupil[line]), school, host, route, start, until, outcome)
        made.append(placement)
        roll = _moved(roll, line, placement)
    return roll, made


def placement_leaning(roll: Lines, people: People, need: Floats, planted: Planted) -> Floats:
    """How likely each line's pupil is placed elsewhere, beside the ordinary chance."""
    by_need = np.exp(planted.signal * planted.placement_need * need)
    return np.asarray(by_need * removal_factor(planted, roll.pupil, people))


def _in_reach(authority: Authority, standing: HalfTermRoll) -> Bools:
    """Pupils of Years 7 to 11 on one ordinary roll to the end of the year."""
    roll, year = standing.roll, standing.year
    ordinary = (roll.status == SINGLE) & (authority.schools.phase[roll.school] == "secondary")
    settled = (roll.last == year.last_days(roll.nc_year)) & (roll.first < year.span(standing.half)[0] + 1)
    return np.asarray(ordinary & settled & (roll.nc_year >= SECONDARY) & (roll.nc_year < SIXTH_FORM))


def _where(rng: np.random.Generator, authority: Authority, school: int) -> tuple[int, str, str]:
    """The host school, the route and the outcome of one placement."""
    planted, schools = authority.planted, authority.schools
    managed = rng.random() < planted.managed_move / (planted.managed_move + planted.off_site)
    hosts = schools.of("secondary" if managed else "alternative_provision")
    near = hosts[(schools.borough[hosts] == schools.borough[school]) & (hosts != school)]
    host = int(rng.choice(near if len(near) else hosts[hosts != school]))
    kind, success = rng.random(2)
    if managed:
        return host, MANAGED_MOVE, STAYED if success < WORKED_OUT else FAILED
    return host, OFF_SITE if kind < DIRECTED else ALTERNATIVE, RETURNED if success < CAME_BACK else ENDED


def _moved(roll: Lines, line: int, placement: Placement) -> Lines:
    last = int(roll.last[line])
    after = placement.host if placement.outcome == STAYED else placement.school
    count = 3 if placement.end < last else 2
    more = Lines(
        pupil=np.full(count, placement.pupil),
        school=np.array([placement.school, placement.host, after])[:count],
        nc_year=np.full(count, roll.nc_year[line]),
        status=np.array([MAIN, SUBSIDIARY, SINGLE])[:count],
        first=np.array([placement.start, placement.start, placement.end + 1])[:count],
        last=np.array([placement.end, placement.end, last])[:count],
        away=np.array([True, False, False])[:count],
    )
    return roll.ending(np.array([line]), np.array([placement.start - 1])).and_(more)
