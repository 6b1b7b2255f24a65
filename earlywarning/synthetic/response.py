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
from earlywarning.synthetic.people import CODES
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
    """How incidents on a half term's lines are answered; ``chance`` and ``need`` have one entry a line.

    ``ends`` is the day after the half term.
    """

    roll: Lines
    chance: Floats
    need: Floats
    ends: int


def chance_of_suspension(
    authority: Authority, school: Ints, ethnicity: Ints, *, strictness: bool = True, bias: bool = True
) -> Floats:
    """The probability that a serious incident leads to a suspension or a permanent exclusion.

    With ``strictness`` or ``bias`` off, as if every school were of middling strictness, or unbiased.
    """
    planted = authority.planted
    strict = authority.schools.strictness[school] if strictness else np.ones(len(school))
    tilt = bias_factor(authority, school, ethnicity) if bias else np.ones(len(school))
    return np.asarray(np.minimum(planted.suspend * strict * tilt, planted.suspend_most))


def bias_factor(authority: Authority, school: Ints, ethnicity: Ints) -> Floats:
    """How much more often the same incident is answered with a suspension, by group and school."""
    group = dict(authority.planted.response_bias)
    tilt = np.array([group.get(code, 0.0) for code in CODES.tolist()])
    return np.asarray(np.exp(tilt[ethnicity] * authority.schools.bias[school]))


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
        one = _suspend(rng, day, line, answer, planted)
        given.append(one)
        # Once excluded for good a pupil does not come back to this line.
        busy[pupil] = max(one.last, answer.ends) if one.decision == UPHELD else one.last
        again = one.last + int(rng.integers(1, planted.suspend_again_within + 1))
        if rng.random() < planted.suspend_again and not one.permanent and again < answer.ends:
            heapq.heappush(waiting, (again, line, True))
    return given, followed


def _suspend(rng: np.random.Generator, day: int, line: int, answer: Answer, planted: Planted) -> Suspension:
    """A suspension for the incident of ``day``, or rarely a permanent exclusion.

    Only the school of a single roll excludes for good, and only where the review fits in the year.
    """
    roll, start, last = answer.roll, day + 1, int(answer.roll.last[line])
    pupil, school = int(roll.pupil[line]), int(roll.school[line])
    severe, lasting = rng.random(2)
    review = int(rng.integers(*REVIEW_DAYS))
    permanent = severe < planted.permanent * np.exp(planted.permanent_need * answer.need[line])
    if permanent and roll.status[line] == SINGLE and start + review < last:
        decision = str(rng.choice(list(DECISION_SHARE), p=list(DECISION_SHARE.values())))
        return Suspension(pupil, line, school, day, start, review, True, decision)
    days = int(LENGTHS[np.searchsorted(np.cumsum(LENGTH_SHARE)[:-1], lasting, side="right")])
    return Suspension(pupil, line, school, day, start, min(days, last - start + 1), False, IN_FORCE)
