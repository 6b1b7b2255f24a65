"""Partial pooling: few borrow much, many hardly anything, and nothing becomes certain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.metrics import BY_NAME
from earlywarning.audit.pooling import partly_pooled

RECALL, OE = BY_NAME["recall"], BY_NAME["observed_over_expected"]
RNG = np.random.default_rng(6)
NONE = pd.DataFrame(index=range(40))


def test_a_group_of_few_moves_to_the_others_and_one_of_many_stays() -> None:
    out_of = np.array([2.0, 2_000.0, *[100.0] * 38])
    truth = np.clip(RNG.normal(0.4, 0.12, 40), 0.05, 0.95)
    count = np.round(out_of * truth)
    count[0] = 2.0
    value, lower, upper = partly_pooled(RECALL, count, out_of, NONE)
    assert value[0] < 0.65
    assert value[1] == pytest.approx(count[1] / 2_000, abs=0.01)
    assert ((lower < value) & (value < upper)).all()
    assert upper[0] - lower[0] > 3 * (upper[1] - lower[1])


def test_pooled_values_are_nearer_the_truth_than_raw_ones() -> None:
    gain, held = [], []
    for _ in range(30):
        truth = np.clip(RNG.normal(0.3, 0.05, 40), 0.01, 0.99)
        out_of = RNG.integers(3, 30, 40).astype(float)
        count = RNG.binomial(out_of.astype(int), truth).astype(float)
        value, lower, upper = partly_pooled(RECALL, count, out_of, NONE)
        raw = np.mean((count / out_of - truth) ** 2)
        gain.append(np.mean((value - truth) ** 2) / raw)
        held.append(((lower <= truth) & (truth <= upper)).mean())
    assert np.mean(gain) < 0.5
    assert 0.93 <= np.mean(held) <= 1.0


def test_a_pair_is_pulled_to_its_row_and_column_and_not_to_the_mean() -> None:
    margins = pd.DataFrame([(a, b) for a in "wxyz" for b in "NKE"])
    rate = np.array([0.1, 0.2, 0.4] * 4) * np.repeat([0.8, 1.0, 1.2, 1.5], 3)
    out_of = np.full(12, 400.0)
    out_of[2] = 1.0
    count = np.round(out_of * rate)
    count[2] = 0.0
    value, _, _ = partly_pooled(RECALL, count, out_of, margins)
    assert value[2] == pytest.approx(0.32, abs=0.07)


def test_a_ratio_is_pooled_too_and_an_empty_group_gets_what_is_expected() -> None:
    margins = pd.DataFrame([(a, b) for a in "xy" for b in "NK"])
    count, expected = np.array([50.0, 100.0, 60.0, 0.0]), np.array([50.0, 50.0, 60.0, 0.0])
    value, lower, upper = partly_pooled(OE, count, expected, margins)
    assert value[3] == pytest.approx(2.0, rel=0.15)
    assert lower[3] < 1.8
    assert upper[3] > 2.2


def test_nothing_seen_is_not_certain_and_nothing_to_see_is_undefined() -> None:
    _, lower, upper = partly_pooled(RECALL, np.zeros(40), np.full(40, 5.0), NONE)
    assert (lower >= 0).all()
    assert (upper > 0.005).all()
    assert all(np.isnan(each).all() for each in partly_pooled(RECALL, np.zeros(40), np.zeros(40), NONE))
    value, _, upper = partly_pooled(RECALL, np.full(40, 5.0), np.full(40, 5.0), NONE)
    assert value[0] == pytest.approx(1.0, abs=1e-3)
    assert (upper <= 1).all()
