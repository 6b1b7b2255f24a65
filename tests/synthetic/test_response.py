"""The schools' response: strictness and bias move the chance, only a single roll can be ended for good."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from earlywarning.synthetic.authority import Authority, found
from earlywarning.synthetic.incidents import serious_rate
from earlywarning.synthetic.lines import MAIN, SINGLE, SUBSIDIARY, Lines, lines
from earlywarning.synthetic.people import CODES, Newcomers, People, draw_people
from earlywarning.synthetic.planted import PLANTED
from earlywarning.synthetic.response import (
    UPHELD,
    Answer,
    Suspension,
    chance_of_permanent,
    chance_of_suspension,
    respond,
)
from earlywarning.synthetic.switches import Switches

BLACK_CARIBBEAN, REFUSED = (CODES.tolist().index(code) for code in ("BCRB", "REFU"))
DAY = np.datetime64("2024-09-04")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return found(1, 6000, 5)


def registered(status: int, count: int = 40) -> Lines:
    who = np.arange(count)
    roll = lines(who, np.zeros(count, dtype=np.int64), np.full(count, 9), 0, 150)
    return replace(roll, status=np.full(count, status))


def answered(
    roll: Lines,
    incidents: list[tuple[int, int]],
    chance: float = 1.0,
    permanent: float = 0.0,
) -> list[Suspension]:
    many = np.ones(len(roll))
    answer = Answer(roll, many * chance, many * permanent, 60)
    return respond(np.random.default_rng(5), incidents, answer, {}, PLANTED)[0]


def one_a_school(authority: Authority, code: int, sen: int = 0) -> tuple[Lines, People]:
    """A pupil of one group on the roll of each secondary school."""
    secondary = authority.schools.of("secondary")
    many = len(secondary)
    nc_year = np.full(many, 9)
    whom = Newcomers(nc_year, authority.schools.borough[secondary], np.zeros(many), np.ones(many, bool))
    people = draw_people(np.random.default_rng(1), 2024, whom, PLANTED)
    onset = np.where(np.full(many, sen > 0), 0.0, np.inf)
    people = replace(
        people,
        ethnicity=np.full(many, code),
        support_from=onset,
        plan_from=np.where(np.full(many, sen == 2), 0.0, np.inf),
    )
    return lines(np.arange(many), secondary, nc_year, 0, 150), people


def test_the_same_incident_is_answered_by_school_and_by_bias_and_each_can_be_switched_off(
    authority: Authority,
) -> None:
    neither, black = (one_a_school(authority, code) for code in (REFUSED, BLACK_CARIBBEAN))
    chance = chance_of_suspension(authority, *neither, DAY)
    assert chance.max() > 2 * np.median(chance)
    assert (chance_of_suspension(authority, *black, DAY) > chance).all()
    assert np.allclose(chance_of_suspension(authority, *black, DAY, bias=False), chance)
    assert np.ptp(chance_of_suspension(authority, *neither, DAY, strictness=False)) < 1e-12


def test_pupils_with_a_plan_are_answered_as_planted(authority: Authority) -> None:
    without, plan = (one_a_school(authority, REFUSED, sen) for sen in (0, 2))
    ratio = chance_of_suspension(authority, *plan, DAY) / chance_of_suspension(authority, *without, DAY)
    borough = authority.schools.borough[plan[0].school]
    assert np.allclose(ratio, np.exp(np.array(PLANTED.response_sen[1])[borough]))


def test_a_policy_holds_from_its_date_on_and_in_secondary_schools_only() -> None:
    authority = found(1, 6000, 5, Switches(policy_change=dt.date(2025, 1, 1)))
    ordinary = found(1, 6000, 5)
    lot = one_a_school(authority, REFUSED)
    before, after = np.datetime64("2024-11-04"), np.datetime64("2025-01-06")
    chance = chance_of_suspension(authority, *lot, before)
    assert np.allclose(chance, chance_of_suspension(ordinary, *lot, before))
    assert np.allclose(
        chance_of_suspension(authority, *lot, after),
        np.minimum(chance * PLANTED.policy_factor, PLANTED.suspend_most),
    )
    primary = replace(lot[0], school=np.full(len(lot[0]), authority.schools.of("primary")[0]))
    assert np.allclose(
        chance_of_suspension(authority, primary, lot[1], after),
        chance_of_suspension(ordinary, primary, lot[1], after),
    )


def test_without_signal_everybody_has_the_same_chance() -> None:
    authority = found(1, 6000, 5, Switches(no_signal=True))
    lot = one_a_school(authority, BLACK_CARIBBEAN, 2)
    assert np.ptp(chance_of_suspension(authority, *lot, DAY)) == 0
    assert np.ptp(serious_rate(lot[0].nc_year, lot[1].need, authority.planted)) == 0
    assert np.ptp(chance_of_permanent(authority, *lot, lot[1].need)) < 1e-12


def test_the_rate_of_serious_incidents_levels_off() -> None:
    rate = serious_rate(np.full(4, 10), np.array([0.0, 2.0, 8.0, 80.0]), PLANTED)
    assert rate[0] == pytest.approx(PLANTED.serious_per_day, rel=0.02)
    assert (np.diff(rate) > 0).all() and rate[-1] == pytest.approx(PLANTED.serious_most)


@pytest.mark.parametrize(("status", "excludes"), [(SINGLE, True), (MAIN, False), (SUBSIDIARY, False)])
def test_only_the_school_of_a_single_roll_excludes_for_good(status: int, excludes: bool) -> None:
    given = answered(registered(status), [(10, line) for line in range(40)], permanent=1.0)
    assert len(given) >= 40 and {one.permanent for one in given if one.start == 11} == {excludes}


def test_nobody_is_suspended_while_suspended() -> None:
    given = answered(
        registered(SINGLE),
        [(day, line) for line in range(40) for day in range(5, 50)],
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
