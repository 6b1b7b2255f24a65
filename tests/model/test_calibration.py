from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from earlywarning.model.calibration import Platt, calibration_folds, logistic_line


@pytest.mark.parametrize(("intercept", "slope"), [(-3.0, 1.0), (0.5, 0.3), (-1.0, 2.5)])
def test_the_line_is_the_maximum_of_the_likelihood(intercept: float, slope: float) -> None:
    random = np.random.default_rng(0)
    x = random.normal(50, 3, size=2000)
    y = (random.random(2000) < 1 / (1 + np.exp(-(intercept + slope * (x - 50))))).astype(float)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10_000).fit((x - 50).reshape(-1, 1), y)
    found_intercept, found_slope = logistic_line(x, y)
    assert found_slope == pytest.approx(peer.coef_[0, 0], abs=1e-5)
    assert found_intercept + 50 * found_slope == pytest.approx(peer.intercept_[0], abs=1e-4)


def test_margins_that_rank_the_wrong_way_give_a_negative_slope() -> None:
    y = np.repeat([0, 1], 50)
    assert Platt.fit(-np.arange(100.0) / 50, y).slope < 0 < Platt.fit(np.arange(100.0) / 50, y).slope


def test_perfect_separation_keeps_a_finite_slope() -> None:
    calibrator = Platt.fit(np.r_[np.full(20, -1.0), np.full(5, 1.0)], np.repeat([0, 1], [20, 5]))
    chance = 1 / (1 + np.exp(-calibrator.apply(np.array([-1.0, 1.0]))))
    np.testing.assert_allclose(chance, [1 / 22, 6 / 7], atol=1e-6)


def test_equal_margins_give_slope_zero_and_the_smoothed_rate() -> None:
    calibrator = Platt.fit(np.full(100, 0.3), np.repeat([0, 1], [80, 20]))
    assert calibrator.slope == 0.0
    assert 1 / (1 + np.exp(-calibrator.intercept)) == pytest.approx(0.2, abs=0.01)


def test_calibrated_probabilities_add_up_to_the_events() -> None:
    random = np.random.default_rng(1)
    margin = random.normal(-3, 1, 5000)
    y = random.random(5000) < 1 / (1 + np.exp(-(0.5 + 0.6 * margin)))
    chance = 1 / (1 + np.exp(-Platt.fit(margin, y).apply(margin)))
    assert chance.sum() == pytest.approx(y.sum(), rel=0.01)


def test_a_calibrator_survives_json() -> None:
    calibrator = Platt(-1.2345678901234567, 0.1 + 0.2)
    assert Platt.from_json(calibrator.to_json()) == calibrator


EVENT = np.tile([0, 0, 1], 20)


def test_each_period_is_scored_by_earlier_ones_only() -> None:
    periods = np.repeat(["2023/24", "2021/22", "2022/23"], 20)
    how, folds = calibration_folds(np.zeros((60, 1)), EVENT, periods, seed=0)
    assert how == "earlier periods"
    assert len(folds) == 2
    for train, score in folds:
        assert max(periods[train]) < min(periods[score])


@pytest.mark.parametrize("periods", [None, np.repeat("2023/24", 60)])
def test_without_periods_every_row_is_scored_once_by_rows_that_are_not_it(periods: np.ndarray | None) -> None:
    how, folds = calibration_folds(np.zeros((60, 1)), EVENT, periods, seed=0)
    assert how == "out of fold"
    assert sorted(np.concatenate([score for _, score in folds])) == list(range(60))
    assert not any(set(train) & set(score) for train, score in folds)


def test_periods_whose_later_part_has_no_event_fall_back_on_folds() -> None:
    event = np.repeat([1, 0, 0], 20)
    event[5] = 0
    how, _ = calibration_folds(np.zeros((60, 1)), event, np.repeat(["a", "b", "c"], 20), seed=0)
    assert how == "out of fold"
