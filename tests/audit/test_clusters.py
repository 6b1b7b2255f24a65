"""The design effect on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from earlywarning.audit.clusters import design_effect, dispersion

RNG = np.random.default_rng(5)
COUNT = (RNG.random(400) < 0.2).astype(float)
OUT_OF = np.ones(400)
GROUPS = RNG.integers(0, 4, 400)
PUPILS = np.arange(400)


def test_each_pupil_once_costs_nothing() -> None:
    assert design_effect(COUNT, OUT_OF, GROUPS, PUPILS) == 1.0
    assert design_effect(COUNT, OUT_OF, GROUPS, None) == 1.0


def test_three_copies_of_each_pupil_are_worth_one() -> None:
    three = [np.tile(values, 3) for values in (COUNT, OUT_OF, GROUPS, PUPILS)]
    assert design_effect(three[0], three[1], three[2], three[3]) == pytest.approx(3.0)


def test_three_unrelated_terms_of_a_pupil_cost_almost_nothing() -> None:
    count = (RNG.random(12_000) < 0.2).astype(float)
    pupils = np.tile(np.arange(4_000), 3)
    effect = design_effect(count, np.ones(12_000), np.zeros(12_000, dtype=np.int64), pupils)
    assert 1.0 <= effect < 1.06


def test_where_all_agree_the_worst_is_taken() -> None:
    none = np.zeros(1200)
    effect = design_effect(none, np.tile(OUT_OF, 3), np.tile(GROUPS, 3), np.tile(PUPILS, 3))
    assert effect == 3.0
    assert design_effect(none, none, np.tile(GROUPS, 3), np.tile(PUPILS, 3)) == 1.0


def test_gaps_between_groups_are_not_taken_for_clusters() -> None:
    groups = np.repeat([0, 1], 200)
    count = (RNG.random(400) < np.where(groups == 0, 0.05, 0.9)).astype(float)
    assert design_effect(count, OUT_OF, groups, PUPILS // 2) < 1.35


def test_a_pupil_who_moved_between_groups_counts_once_in_each() -> None:
    both = np.repeat([0, 1], 400)
    assert design_effect(np.tile(COUNT, 2), np.tile(OUT_OF, 2), both, np.tile(PUPILS, 2)) == 1.0


def test_yeses_and_noes_are_not_dispersed_and_places_are_less() -> None:
    assert dispersion(COUNT, OUT_OF, GROUPS) == 1.0
    assert dispersion(COUNT * OUT_OF, OUT_OF, np.zeros(400, dtype=np.int64)) == 1.0
    place = RNG.random(4_000)
    assert dispersion(place, np.ones(4_000), np.zeros(4_000, dtype=np.int64)) == pytest.approx(
        1 / 3, abs=0.02
    )
    assert dispersion(np.zeros(400), OUT_OF, GROUPS) == 1.0
