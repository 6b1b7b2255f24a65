"""What a school does after a serious incident: suspend or not, for how long, or exclude for good.

The chance depends on the school's strictness and on the planted response bias, never on anything recorded
later. A suspension begins on the next school day.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from earlywarning.synthetic.arrays import Floats, Ints
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.lines import SINGLE, Lines
from earlywarning.synthetic.people import CODES, People, provision
from earlywarning.synthetic.planted import Planted

LENGTHS = np.array([1, 2, 3, 4, 5, 6, 7, 8, 10])
LENGTH_SHARE = np.array([0.46, 0.24, 0.125, 0.035, 0.11, 0.010, 0.007, 0.005, 0.008])
"""Length in school days, and how often."""
REVIEW_DAYS = (15, 26)
IN_FORCE, UPHELD, REINSTATED, WITHDRAWN = "in_force", "upheld", "reinstated", "withdrawn"
DECISION_SHARE = {UPHELD: 0.86, REINSTATED: 0.08, WITHDRAWN: 0.06}


@dataclass(frozen=True)
class Suspension:
    """One suspension (or permanent exclusion): who, where, the incident's day and the first day out.

    ``days`` is the length in school days; of a permanent exclusion, the days until the review decides.
    """

    pupil: int
    line: int
    school: int
    incident: int
    start: int
    days: int
    permanent: bool
    decision: str

    @property
    def last(self) -> int:
        """The last day out of school; of a permanent exclusion the day of the decision."""
        return self.start + self.days - (not self.permanent)


@dataclass(frozen=True)
class Answer:
    """How incidents on a half term's lines are answered, one entry a line; ``ends`` is the day after it.

    ``chance`` is that of a suspension or more, ``permanent`` that it then is for good.
    """

    roll: Lines
    chance: Floats
    permanent: Floats
    ends: int


def chance_of_permanent(authority: Authority, roll: Lines, people: People, need: Floats) -> Floats:
    """The probability, on each line, that what would be a suspension is a permanent exclusion."""
    planted, borough = authority.planted, authority.schools.borough[roll.school]
    in_year = np.zeros(len(roll))
    for nc_year, more in planted.permanent_years:
        in_year += np.array(more)[borough] * (roll.nc_year == nc_year)
    level = planted.signal * (planted.permanent_need * need + in_year)
    chance = np.array(planted.permanent)[borough] * np.exp(level)
    return np.asarray(chance * removal_factor(planted, roll.pupil, people))


def chance_of_suspension(
    authority: Authority,
    roll: Lines,
    people: People,
    day: np.datetime64,
    *,
    strictness: bool = True,
    bias: bool = True,
) -> Floats:
    """The probability, on each line, that a serious incident of the half term that holds ``day`` suspends.

    With ``strictness`` or ``bias`` off, as if every school were of middling strictness, or unbiased.
    """
    planted = authority.planted
    if not planted.signal:
        return np.full(len(roll), planted.suspend)
    strict = authority.schools.strictness[roll.school] if strictness else _middling(authority, roll)
    tilt = bias_factor(authority, roll, people) if bias else np.ones(len(roll))
    stricter = policy_factor(authority, roll.school, day)
    return np.asarray(np.minimum(planted.suspend * strict * tilt * stricter, planted.suspend_most))


def bias_factor(authority: Authority, roll: Lines, people: People) -> Floats:
    """How much more often the same incident is answered with a suspension, by group, SEN and school."""
    by_sen = np.array([(0.0, 0.0), *authority.planted.response_sen])
    provided = provision(people, roll.pupil, roll.nc_year)
    sen = by_sen[provided, authority.schools.borough[roll.school]]
    return np.asarray(np.exp(authority.planted.bias_size * (_group_tilt(authority, roll, people) + sen)))


def recording_tilt(authority: Authority, roll: Lines, people: People) -> Floats:
    """How much more of the same behaviour is written down, by group and school (bias in measurement)."""
    return np.asarray(np.exp(authority.planted.recording_bias * _group_tilt(authority, roll, people)))


def _group_tilt(authority: Authority, roll: Lines, people: People) -> Floats:
    schools, group = authority.schools, dict(authority.planted.response_bias)
    by_code = np.array([group.get(code, (0.0, 0.0)) for code in CODES.tolist()])
    return np.asarray(
        by_code[people.ethnicity[roll.pupil], schools.borough[roll.school]] * schools.bias[roll.school]
    )


def removal_factor(planted: Planted, pupil: Ints, people: People) -> Floats:
    """How much more often a pupil is removed from mainstream, by whatever route, beyond need."""
    group = dict(planted.removal_bias)
    tilt = np.array([group.get(code, 0.0) for code in CODES.tolist()])[people.ethnicity[pupil]]
    level = planted.bias_size * tilt + planted.removal_boy * people.boy[pupil]
    return np.asarray(np.exp(planted.signal * level))


def policy_factor(authority: Authority, school: Ints, day: np.datetime64) -> Floats:
    """What a new behaviour policy multiplies the chance by in secondary schools, once it is in force."""
    begins = authority.switches.policy_change
    changed = begins is not None and day >= np.datetime64(begins)
    secondary = authority.schools.phase[school] == "secondary"
    return np.where(secondary & changed, authority.planted.policy_factor, 1.0)


def _middling(authority: Authority, roll: Lines) -> Floats:
    """The mean strictness of the schools of the same phase in both boroughs."""
    schools = authority.schools
    mean = {phase: schools.strictness[schools.of(phase)].mean() for phase in np.unique(schools.phase)}
    return np.array([mean[phase] for phase in schools.phase.tolist()])[roll.school]


def respond(
    rng: np.random.Generator,
    incidents: list[tuple[int, int]],
    answer: Answer,
    busy: dict[int, int],
    planted: Planted,
) -> tuple[list[Suspension], list[tuple[int, int]]]:
    """Suspensions of one half term, and the further incidents that follow a return to school.

    ``incidents`` are (day, line) pairs. ``busy`` maps a pupil to the last day out of school and is brought up
    to date.
    """
    waiting = [(day, line, False) for day, line in incidents]
    heapq.heapify(waiting)
    given: list[Suspension] = []
    followed: list[tuple[int, int]] = []
    while waiting:
        day, line, follows = heapq.heappop(waiting)
        pupil = int(answer.roll.pupil[line])
        answered = rng.random() < answer.chance[line]
        if day <= busy.get(pupil, -1) or day >= answer.roll.last[line]:
            continue
        if follows:
            followed.append((day, line))
        elif not answered:
            continue
        one = _suspend(rng, day, line, answer)
        given.append(one)
        # Once excluded for good a pupil does not come back to this line.
        busy[pupil] = max(one.last, answer.ends) if one.decision == UPHELD else one.last
        again = one.last + int(rng.integers(1, planted.suspend_again_within + 1))
        if rng.random() < planted.suspend_again and not one.permanent and again < answer.ends:
            heapq.heappush(waiting, (again, line, True))
    return given, followed


def _suspend(rng: np.random.Generator, day: int, line: int, answer: Answer) -> Suspension:
    """A suspension for the incident of ``day``, or rarely a permanent exclusion.

    Only the school of a single roll excludes for good, and only where the review fits in the year.
    """
    roll, start, last = answer.roll, day + 1, int(answer.roll.last[line])
    pupil, school = int(roll.pupil[line]), int(roll.school[line])
    severe, lasting = rng.random(2)
    review = int(rng.integers(*REVIEW_DAYS))
    if severe < answer.permanent[line] and roll.status[line] == SINGLE and start + review < last:
        decision = str(rng.choice(list(DECISION_SHARE), p=list(DECISION_SHARE.values())))
        return Suspension(pupil, line, school, day, start, review, True, decision)
    days = int(LENGTHS[np.searchsorted(np.cumsum(LENGTH_SHARE)[:-1], lasting, side="right")])
    return Suspension(pupil, line, school, day, start, min(days, last - start + 1), False, IN_FORCE)
