"""The schools' response: strictness and bias move the chance, only a single roll can be ended for good."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from earlywarning.synthetic.authority import Authority, found
from earlywarning.synthetic.lines import MAIN, SINGLE, SUBSIDIARY, Lines, lines
from earlywarning.synthetic.people import CODES
from earlywarning.synthetic.planted import PLANTED
from earlywarning.synthetic.response import UPHELD, Answer, Suspension, chance_of_suspension, respond

BLACK_CARIBBEAN, WHITE_BRITISH = (CODES.tolist().index(code) for code in ("BCRB", "WBRI"))


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found(1, 6000, 5)


def registered(status: int, count: int = 40) -> Lines:
    who = np.arange(count)
    roll = lines(who, np.zeros(count, dtype=np.int64), np.full(count, 9), 0, 150)
    return replace(roll, status=np.full(count, status))


def answered(
    roll: Lines, incidents: list[tuple[int, int]], chance: float = 1.0, **planted: float
) -> list[Suspension]:
    answer = Answer(roll, np.full(len(roll), chance), np.zeros(len(roll)), 60)
    return respond(np.random.default_rng(5), incidents, answer, {}, replace(PLANTED, **planted))[0]


def test_the_same_incident_is_answered_by_school_and_by_bias_and_each_can_be_switched_off(
    authority: Authority,
) -> None:
    secondary = authority.schools.of("secondary")
    white, black = (np.full(len(secondary), code) for code in (WHITE_BRITISH, BLACK_CARIBBEAN))
    chance = chance_of_suspension(authority, secondary, white)
    assert chance.max() > 2 * np.median(chance)
    assert (chance_of_suspension(authority, secondary, black) >= chance).all()
    assert np.allclose(chance_of_suspension(authority, secondary, black, bias=False), chance)
    assert np.ptp(chance_of_suspension(authority, secondary, white, strictness=False)) == 0


@pytest.mark.parametrize(("status", "excludes"), [(SINGLE, True), (MAIN, False), (SUBSIDIARY, False)])
def test_only_the_school_of_a_single_roll_excludes_for_good(status: int, excludes: bool) -> None:
    given = answered(registered(status), [(10, line) for line in range(40)], permanent=1.0)
    assert len(given) >= 40 and {one.permanent for one in given if one.start == 11} == {excludes}


def test_nobody_is_suspended_while_suspended() -> None:
    given = answered(
        registered(SINGLE), [(day, line) for line in range(40) for day in range(5, 50)], permanent=0.0
    )
    days = [(one.pupil, day) for one in given for day in range(one.start, one.start + one.days)]
    assert len(days) == len(set(days)) > 400


def test_a_suspension_begins_the_next_day_and_ends_with_the_roll() -> None:
    roll = replace(registered(SINGLE), last=np.full(40, 12))
    given = answered(roll, [(11, line) for line in range(40)], permanent=1.0)
    assert [(one.start, one.days, one.permanent) for one in given] == [(12, 1, False)] * 40
    assert answered(roll, [(12, 0)]) == []


def test_who_is_excluded_for_good_does_not_come_back() -> None:
    incidents = [(day, line) for line in range(40) for day in range(5, 50)]
    given = answered(registered(SINGLE), incidents, permanent=1.0)
    gone = {one.pupil: one.start for one in given if one.decision == UPHELD}
    assert len(gone) > 20 and len(given) > len(gone)
    assert all(one.start <= gone.get(one.pupil, one.start) for one in given)


def test_without_a_chance_nothing_follows() -> None:
    assert answered(registered(SINGLE), [(10, line) for line in range(40)], chance=0.0) == []
