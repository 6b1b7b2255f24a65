"""Who is on which roll: cohorts come up, move to secondary school, arrive, move and leave."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from earlywarning.synthetic.areas import areas
from earlywarning.synthetic.arrays import Bools, Floats, Ints
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.chance import happens, pick
from earlywarning.synthetic.lines import SUBSIDIARY, Lines, lines
from earlywarning.synthetic.people import (
    LAST,
    NURSERY,
    PRIMARY,
    SECONDARY,
    SIXTH_FORM,
    Newcomers,
    People,
    draw_people,
)
from earlywarning.synthetic.schools import Schools

NOWHERE = -1
AT_A_TIME = 20_000
NC_YEARS = np.arange(NURSERY, LAST + 1)
SHARE_OF_ROLL = (0.014, *[0.50 / 7] * 7, *[0.406 / 5] * 5, 0.045, 0.035)
"""Share of each NC year, from the nursery to Year 13; so much of it in each borough:"""
SHARE_OF_BOROUGH = (20_826 / 33_774, 12_948 / 33_774)
RESIDENT_PRIMARY, RESIDENT_OUTSIDER, RESIDENT_JOINER = 0.84, 0.08, 0.60
NOT_LONG = 5
"""School days at either end of the year on which nobody moves."""
OUTSIDERS = 0.58
"""Share of secondary pupils whom no primary school of the two boroughs knew."""
LEAVE_IN_YEAR, MOVE_IN_YEAR = 0.020, 0.010
LEAVE_IN_SUMMER, MOVE_IN_SUMMER, STAY_FOR_12, STAY_FOR_13 = 0.03, 0.012, 0.55, 0.88
STAY_IN_BOROUGH = 0.90
TO_LOCAL_SECONDARY = (0.32, 0.51)
"""Share of Year 6 who go on to a secondary school of the two boroughs: from outside, and residents."""


@dataclass
class Roll:
    """The state of the rolls between two academic years.

    ``school`` is where each pupil is (or NOWHERE), ``alone`` the share of classmates who did not move along
    to secondary school.
    """

    authority: Authority
    schools: Schools = field(init=False)
    people: People = field(init=False)
    school: Ints = field(init=False)
    alone: Floats = field(init=False)
    affinity: Floats = field(init=False)
    feeding: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Work out who is near to which school, and which primary schools feed which secondary."""
        self.schools = self.authority.schools
        self.affinity = _affinity(self.schools)
        count = len(self.schools.school_id)
        self.feeding = np.exp(self.authority.stream("feeders").normal(0, 1.2, (count, count)))

    def first_year(self, year: SchoolYear) -> Lines:
        """Fill every NC year and open the first academic year."""
        rng = self.authority.stream("roll", year.first)
        nc_year, borough = self._cells(self._wanted())
        outsider = (nc_year >= SECONDARY) & (rng.random(len(nc_year)) < OUTSIDERS)
        whom = Newcomers(nc_year, borough, _resident(outsider), outsider)
        self.people = draw_people(rng, year.first, whom, self.authority.planted)
        who = np.arange(len(nc_year))
        self.school = self._choose(rng, nc_year, borough, np.full(len(nc_year), NOWHERE), who)
        self.alone = rng.uniform(0.2, 1.0, len(nc_year))
        return self._open(rng, year)

    def _wanted(self) -> Ints:
        """Pupils wanted in each NC year and borough: (years, boroughs)."""
        wanted = self.authority.size * np.outer(SHARE_OF_ROLL, SHARE_OF_BOROUGH)
        return np.asarray(np.rint(wanted), dtype=np.int64)

    @staticmethod
    def _cells(counts: Ints) -> tuple[Ints, Ints]:
        """NC year and borough of so many pupils: (years, boroughs) → one entry a pupil."""
        nc_year = np.repeat(np.repeat(NC_YEARS, 2), counts.reshape(-1))
        borough = np.repeat(np.tile([0, 1], len(NC_YEARS)), counts.reshape(-1))
        return nc_year, borough

    def next_year(self, year: SchoolYear, at_end: Ints) -> Lines:
        """Move everyone up a year from where they were ``at_end`` of the last, and open the year."""
        rng = self.authority.stream("roll", year.first)
        self.school = at_end
        nc_year = year.first - self.people.reception
        self._leave_in_summer(rng, nc_year)
        self._to_primary(rng, nc_year)
        self._to_secondary(rng, nc_year)
        there = self.school != NOWHERE
        cell = 2 * (nc_year[there] - NURSERY) + self.schools.borough[self.school[there]]
        counts = np.bincount(cell, minlength=2 * len(NC_YEARS)).reshape(-1, 2)
        self._arrive(rng, year, np.maximum(self._wanted() - counts, 0))
        return self._open(rng, year)

    def _leave_in_summer(self, rng: np.random.Generator, nc_year: Ints) -> None:
        on_roll = self.school != NOWHERE
        sixth_form = self.schools.sixth_form[self.school] & on_roll
        stay = np.select(
            [
                nc_year > LAST,
                nc_year == LAST,
                nc_year == SIXTH_FORM,
                np.isin(nc_year, (PRIMARY, SECONDARY)),
            ],
            [0.0, STAY_FOR_13, np.where(sixth_form, STAY_FOR_12, 0.0), 1.0],
            1 - LEAVE_IN_SUMMER,
        )
        self.school = np.where(on_roll & happens(rng, stay), self.school, NOWHERE)
        moving = (
            (self.school != NOWHERE)
            & ~np.isin(nc_year, (PRIMARY, SECONDARY))
            & (nc_year < SIXTH_FORM)
            & (rng.random(len(nc_year)) < MOVE_IN_SUMMER)
        )
        self._move(rng, nc_year, np.flatnonzero(moving), feeding=False)

    def _to_primary(self, rng: np.random.Generator, nc_year: Ints) -> None:
        """Nursery children start Reception at a primary school."""
        nursery = self.schools.phase[self.school] == "nursery"
        who = np.flatnonzero((nc_year == PRIMARY) & (self.school != NOWHERE) & nursery)
        self._move(rng, nc_year, who, feeding=False)

    def _move(self, rng: np.random.Generator, nc_year: Ints, who: Ints, *, feeding: bool) -> None:
        """Another school for some pupils: most stay in the borough."""
        old = self.school[who]
        borough = self.schools.borough[old] ^ (rng.random(len(who)) >= STAY_IN_BOROUGH)
        asked = old if feeding else np.full(len(who), NOWHERE)
        self.school[who] = self._choose(rng, nc_year[who], borough, asked, who)

    def _to_secondary(self, rng: np.random.Generator, nc_year: Ints) -> None:
        """Year 6 leavers choose a secondary school; some leave the authority."""
        who = np.flatnonzero((nc_year == SECONDARY) & (self.school != NOWHERE) & ~self.people.special)
        resident = areas().ward[self.people.home[who]] != ""
        staying = rng.random(len(who)) < np.where(resident, *TO_LOCAL_SECONDARY[::-1])
        self.school[who[~staying]] = NOWHERE
        who = who[staying]
        old = self.school[who]
        self._move(rng, nc_year, who, feeding=True)
        new = self.school[who]
        count = len(self.schools.school_id)
        together = np.zeros((count, count))
        np.add.at(together, (old, new), 1)
        mates = together.sum(axis=1)[old] - 1
        self.alone[who] = 1 - np.divide(
            together[old, new] - 1, mates, out=np.zeros(len(who)), where=mates > 0
        )

    def _arrive(self, rng: np.random.Generator, year: SchoolYear, counts: Ints) -> None:
        nc_year, borough = self._cells(counts)
        outsider = nc_year >= SECONDARY
        self._add(rng, year, Newcomers(nc_year, borough, _resident(outsider), outsider))

    def _add(self, rng: np.random.Generator, year: SchoolYear, whom: Newcomers) -> Ints:
        start = len(self.people)
        self.people = self.people.and_(draw_people(rng, year.first, whom, self.authority.planted))
        who = np.arange(start, len(self.people))
        school = self._choose(rng, whom.nc_year, whom.borough, np.full(len(who), NOWHERE), who)
        self.school = np.concatenate([self.school, school])
        self.alone = np.concatenate([self.alone, np.ones(len(who))])
        return who

    def _choose(self, rng: np.random.Generator, nc_year: Ints, borough: Ints, old: Ints, who: Ints) -> Ints:
        """A school in the borough for each pupil: by home, by phase and, at a move up, by the old school."""
        parts = [slice(start, start + AT_A_TIME) for start in range(0, max(len(who), 1), AT_A_TIME)]
        return np.concatenate(
            [self._choose_some(rng, nc_year[part], borough[part], old[part], who[part]) for part in parts]
        )

    def _choose_some(
        self, rng: np.random.Generator, nc_year: Ints, borough: Ints, old: Ints, who: Ints
    ) -> Ints:
        schools, home = self.schools, self.people.home[who]
        ordinary = np.select([nc_year < PRIMARY, nc_year < SECONDARY], ["nursery", "primary"], "secondary")
        # A small authority may have no nursery in a borough: its primary schools take the children then.
        wanted = np.where(self.people.special[who] & (nc_year >= PRIMARY), "special", ordinary)
        fits = (schools.phase == wanted[:, None]) & (schools.borough == borough[:, None])
        primary = (schools.phase == "primary") & (schools.borough == borough[:, None])
        weights = self.affinity[home] * np.where(fits.any(axis=1)[:, None], fits, primary)
        offers = np.where(schools.sixth_form, 1.0, 1e-9)
        weights *= np.where((nc_year >= SIXTH_FORM)[:, None], offers, 1.0)
        weights *= np.where((old != NOWHERE)[:, None], self.feeding[old], 1.0)
        return pick(rng, weights)

    def _open(self, rng: np.random.Generator, year: SchoolYear) -> Lines:
        """The year's lines: most for the whole year, some leaving, moving or arriving in it."""
        nc_year = year.first - self.people.reception
        last = year.last_days(nc_year)
        who = np.flatnonzero(self.school != NOWHERE)
        whole = lines(who, self.school[who], nc_year[who], 0, last[who])
        free = ~self.people.special[who] & (nc_year[who] < SIXTH_FORM)
        drawn = rng.random(len(who))
        leaving = np.flatnonzero(free & (drawn < LEAVE_IN_YEAR))
        moving = np.flatnonzero(free & (drawn >= LEAVE_IN_YEAR) & (drawn < LEAVE_IN_YEAR + MOVE_IN_YEAR))
        day = rng.integers(NOT_LONG, last[who] - NOT_LONG)
        borough = self.schools.borough[self.school[who[moving]]] ^ (
            rng.random(len(moving)) >= STAY_IN_BOROUGH
        )
        new = self._choose(rng, nc_year[who[moving]], borough, np.full(len(moving), NOWHERE), who[moving])
        really = new != self.school[who[moving]]
        moving, new = moving[really], new[really]
        moved = lines(who[moving], new, nc_year[who[moving]], day[moving] + 1, last[who[moving]])
        whole = whole.ending(leaving, day[leaving]).ending(moving, day[moving])
        left = whole.take(leaving)
        return whole.and_(moved).and_(self._joiners(rng, year, left))

    def _joiners(self, rng: np.random.Generator, year: SchoolYear, left: Lines) -> Lines:
        """A pupil from elsewhere for each who leaves in the year, in the same year group and borough."""
        nc_year, count = left.nc_year, len(left)
        borough, outsider = self.schools.borough[left.school], np.ones(count, dtype=np.bool_)
        whom = Newcomers(nc_year, borough, np.full(count, RESIDENT_JOINER), outsider)
        who = self._add(rng, year, whom)
        last = year.last_days(nc_year)
        return lines(who, self.school[who], nc_year, rng.integers(NOT_LONG, last - NOT_LONG), last)


def at_end(roll: Lines, people: int, year: SchoolYear) -> Ints:
    """The school of each pupil on the last day of the pupil's year (the main one), or NOWHERE."""
    school = np.full(people, NOWHERE, dtype=np.int64)
    there: Bools = (roll.last == year.last_days(roll.nc_year)) & (roll.status < SUBSIDIARY)
    school[roll.pupil[there]] = roll.school[there]
    return school


def _resident(outsider: Bools) -> Floats:
    """The chance of living in one of the two boroughs."""
    return np.where(outsider, RESIDENT_OUTSIDER, RESIDENT_PRIMARY)


def _affinity(schools: Schools) -> Floats:
    """How likely a pupil of each home area is to go to each school of its phase: (areas, schools)."""
    table = areas()
    near = np.where(np.arange(len(table.la))[:, None] == schools.ward[None, :], 6.0, 1.0)
    unlike = np.abs(table.deprivation[:, None] - table.deprivation[schools.ward][None, :])
    return np.asarray(near * np.exp(-0.5 * unlike) * schools.capacity[None, :])
