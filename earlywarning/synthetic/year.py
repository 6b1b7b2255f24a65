"""One academic year, half term by half term: placements, incidents, the schools' response, the marks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from earlywarning.synthetic.arrays import Bools, Bytes, Dates, Floats, Ints
from earlywarning.synthetic.attendance import Lived, marks
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.incidents import (
    SERIOUS,
    Incidents,
    Seen,
    draw_recorded,
    draw_serious,
    of_kind,
    serious_rate,
)
from earlywarning.synthetic.lines import Lines, lines
from earlywarning.synthetic.need import Moving
from earlywarning.synthetic.needs import NEVER, SEMH, TYPES
from earlywarning.synthetic.people import People, provision
from earlywarning.synthetic.placements import HalfTermRoll, Placement, place, placement_leaning
from earlywarning.synthetic.response import (
    UPHELD,
    Answer,
    Suspension,
    chance_of_permanent,
    chance_of_suspension,
    recording_tilt,
    respond,
)


@dataclass(frozen=True)
class HalfTermPassed:
    """What happened in one half term: the number of its first day, the days, the roll, the incidents."""

    number: int
    first: int
    days: Dates
    roll: Lines
    incidents: Incidents


@dataclass(frozen=True)
class Register:
    """The marks of one half term: ``on`` (lines, days) says who was on roll, ``code`` is (days, lines, 2)."""

    days: Dates
    roll: Lines
    on: Bools
    code: Bytes


@dataclass
class Course:
    """The course of one academic year.

    ``roll`` grows and lines end as
    pupils are placed or excluded; a line keeps its number.
    """

    authority: Authority
    year: SchoolYear
    people: People
    moving: Moving
    roll: Lines
    busy: dict[int, int] = field(default_factory=dict)
    suspensions: list[Suspension] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)

    def live_through(self, half: int) -> HalfTermPassed:
        """Live through a half term; the ones before it must have passed."""
        incidents = self._live_through(half)
        low, high = self.year.span(half)
        return HalfTermPassed(half, low, self.year.days[low:high], self.roll, incidents)

    def register(self, half: int, which: Ints) -> Register:
        """The marks of some of the roll's lines in a half term that has passed, in the order asked for."""
        low, high = self.year.span(half)
        roll = self.roll.take(which)
        return Register(self.year.days[low:high], roll, roll.on(low, high), self._marks(half, which))

    def _live_through(self, half: int) -> Incidents:
        """Placements, then incidents and what schools do about them; what goes on is written down."""
        low, high = self.year.span(half)
        authority, planted = self.authority, self.authority.planted
        rng = authority.stream("events", self.year.first, half)
        leaning = placement_leaning(self.roll, self.people, self._need(half), planted)
        standing = HalfTermRoll(self.year, half, self.roll, leaning, self.busy)
        self.roll, placed = place(rng, authority, standing)
        self.placements += placed
        roll, need = self.roll, self._need(half)
        exposed = roll.on(low, high) & ~roll.away[:, None]
        rate = serious_rate(roll.nc_year, need + self.people.temper[roll.pupil], planted)
        serious = draw_serious(rng, rate, exposed).later(low)
        chance = chance_of_suspension(authority, roll, self.people, self.year.days[low])
        permanent = chance_of_permanent(authority, roll, self.people, need)
        when = list(zip(serious.day.tolist(), serious.line.tolist(), strict=True))
        given, followed = respond(rng, when, Answer(roll, chance, permanent, high), self.busy, planted)
        self.suspensions += given
        self._exclude([one for one in given if one.permanent])
        again = np.array(followed, dtype=np.int64).reshape(-1, 2)
        serious = serious.and_(of_kind(rng, again[:, 1], again[:, 0], SERIOUS))
        in_school = exposed & self.roll.on(low, high)[: len(roll)] & (self._out(half)[: len(roll)] == 0)
        serious = serious.take(in_school[serious.line, serious.day - low])
        rng = authority.stream("recorded", self.year.first, half)
        tilt = recording_tilt(authority, roll, self.people)
        return draw_recorded(rng, authority, Seen(roll, need, tilt, in_school)).later(low).and_(serious)

    def _need(self, half: int) -> Floats:
        """The need of each line's pupil in a half term."""
        return self.moving.need(self.people, self.roll.pupil, half)

    def _exclude(self, permanent: list[Suspension]) -> None:
        """Upheld permanent exclusions end the line; alternative provision takes the pupil on the next day."""
        schools = self.authority.schools
        for one in permanent:
            if one.decision != UPHELD:
                continue
            self.busy[one.pupil] = one.last
            hosts = schools.of("alternative_provision")
            near = hosts[schools.borough[hosts] == schools.borough[one.school]]
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

    def _marks(self, half: int, which: Ints) -> Bytes:
        low, high = self.year.span(half)
        roll, people, schools = self.roll.take(which), self.people, self.authority.schools
        elsewhere = np.array(self.authority.planted.unauthorised_alternative)[schools.borough[roll.school]]
        lived = Lived(
            need=self._need(half)[which],
            absence=absence_leaning(self.authority, roll, people),
            health=people.health[roll.pupil],
            nc_year=roll.nc_year,
            alternative=elsewhere * (schools.phase[roll.school] == "alternative_provision"),
            away=roll.away,
            out=self._out(half)[which],
        )
        rng = self.authority.stream("marks", self.year.first, half)
        return marks(rng, self.year.days[low:high], lived, self.authority.planted)


def absence_leaning(authority: Authority, roll: Lines, people: People) -> Floats:
    """Each line's leaning to absence: the pupil's own, the borough's, and more with SEN."""
    planted, borough = authority.planted, authority.schools.borough[roll.school]
    some = provision(people, roll.pupil, roll.nc_year) > NEVER
    semh = some & (people.sen_type[roll.pupil] == list(TYPES).index(SEMH))
    shifts = (planted.absence_borough, planted.absence_sen, planted.absence_semh)
    by_borough, by_sen, by_semh = (np.array(shift)[borough] for shift in shifts)
    return np.asarray(people.absence[roll.pupil] + by_borough + by_sen * some + by_semh * semh)
