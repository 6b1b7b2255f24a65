"""One academic year, half term by half term: placements, incidents, the schools' response, the marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from earlywarning.synthetic.arrays import Bools, Bytes, Dates, Floats, Ints
from earlywarning.synthetic.attendance import Lived, marks
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.incidents import (
    SERIOUS,
    Incidents,
    draw_recorded,
    draw_serious,
    of_kind,
    serious_rate,
)
from earlywarning.synthetic.lines import Lines, lines
from earlywarning.synthetic.need import HALF_TERMS
from earlywarning.synthetic.people import People
from earlywarning.synthetic.placements import HalfTermRoll, Placement, place
from earlywarning.synthetic.response import UPHELD, Answer, Suspension, chance_of_suspension, respond


@dataclass(frozen=True)
class HalfTermPassed:
    """What happened in one half term.

    ``roll`` is as it was at the end; ``on`` (lines, days) says who was on roll, ``code`` holds the marks
    (days, lines, 2), and incidents refer to the lines of ``roll``.
    """

    number: int
    days: Dates
    roll: Lines
    on: Bools
    code: Bytes
    incidents: Incidents


@dataclass
class Course:
    """The course of one academic year.

    ``moving`` is drift plus shock of each pupil by half term, (pupils, 6). ``roll`` grows and lines end as
    pupils are placed or excluded; a line keeps its number.
    """

    authority: Authority
    year: SchoolYear
    people: People
    moving: Floats
    roll: Lines
    busy: dict[int, int] = field(default_factory=dict)
    suspensions: list[Suspension] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)

    def pass_(self) -> Iterator[HalfTermPassed]:
        """Live through the year, one half term after the other."""
        for half in range(HALF_TERMS):
            incidents = self._live_through(half)
            low, high = self.year.span(half)
            yield HalfTermPassed(
                half,
                self.year.days[low:high],
                self.roll,
                self.roll.on(low, high),
                self._marks(half),
                incidents,
            )

    def _live_through(self, half: int) -> Incidents:
        """Placements, then incidents and what schools do about them; what goes on is written down."""
        low, high = self.year.span(half)
        authority, planted = self.authority, self.authority.planted
        rng = authority.stream("events", self.year.first, half)
        standing = HalfTermRoll(self.year, half, self.roll, self._need(half), self.busy)
        self.roll, placed = place(rng, authority, standing)
        self.placements += placed
        roll, need = self.roll, self._need(half)
        exposed = roll.on(low, high) & ~roll.away[:, None]
        rate = serious_rate(roll, need + self.people.temper[roll.pupil], planted)
        serious = draw_serious(rng, rate, exposed).later(low)
        chance = chance_of_suspension(authority, roll.school, self.people.ethnicity[roll.pupil])
        when = list(zip(serious.day.tolist(), serious.line.tolist(), strict=True))
        given, followed = respond(rng, when, Answer(roll, chance, need, high), self.busy, planted)
        self.suspensions += given
        self._exclude([one for one in given if one.permanent])
        again = np.array(followed, dtype=np.int64).reshape(-1, 2)
        serious = serious.and_(of_kind(rng, again[:, 1], again[:, 0], SERIOUS))
        in_school = exposed & self.roll.on(low, high)[: len(roll)] & (self._out(half)[: len(roll)] == 0)
        serious = serious.take(in_school[serious.line, serious.day - low])
        return draw_recorded(rng, roll, need, in_school, authority).later(low).and_(serious)

    def _need(self, half: int) -> Floats:
        """The need of each line's pupil in a half term."""
        pupil = self.roll.pupil
        return np.asarray(self.people.need[pupil] + self.moving[pupil, half])

    def _exclude(self, permanent: list[Suspension]) -> None:
        """Upheld permanent exclusions end the line; alternative provision takes the pupil on the next day."""
        schools = self.authority.schools
        for one in permanent:
            if one.decision != UPHELD:
                continue
            self.busy[one.pupil] = one.last
            hosts = schools.of("alternative_provision")
            near = hosts[schools.la[hosts] == schools.la[one.school]]
            host = near[:1] if len(near) else hosts[:1]
            line, nc_year = np.array([one.line]), self.roll.nc_year[[one.line]]
            new = lines(np.array([one.pupil]), host, nc_year, one.last + 1, self.year.last_days(nc_year))
            self.roll = self.roll.ending(line, np.array([one.last])).and_(new)

    def _out(self, half: int) -> Ints:
        """School days since a suspension began (1 on its first day), 0 in school: (lines, days)."""
        low, high = self.year.span(half)
        counted = np.zeros((len(self.roll), high - low), dtype=np.int64)
        for one in self.suspensions:
            begin, end = max(one.start, low), min(one.last + 1, high)
            if begin < end:
                counted[one.line, begin - low : end - low] = np.arange(begin, end) - one.start + 1
        return counted

    def _marks(self, half: int) -> Bytes:
        low, high = self.year.span(half)
        roll, people, schools = self.roll, self.people, self.authority.schools
        lived = Lived(
            need=self._need(half),
            absence=people.absence[roll.pupil],
            health=people.health[roll.pupil],
            nc_year=roll.nc_year,
            alternative=schools.phase[roll.school] == "alternative_provision",
            away=roll.away,
            out=self._out(half),
        )
        rng = self.authority.stream("marks", self.year.first, half)
        return marks(rng, self.year.days[low:high], lived, self.authority.planted)
