from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest

from earlywarning.errors import GateRefused
from earlywarning.model.canary import canary
from earlywarning.model.classifier import RiskClassifier

from .conftest import Invented, invent

CHEAP = {"n_seeds": 1, "n_estimators": 150}


def path(data: Invented, train: np.ndarray, test: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The path of a real run: trained on ``train``, margins for ``test``."""

    def fit_and_margin(y: np.ndarray) -> np.ndarray:
        margin = np.full(len(y), np.nan)
        model = RiskClassifier(**CHEAP).fit(data.X[train], y[train], data.rows["period"][train])
        margin[test] = model.margin(data.X[test])
        return margin

    return fit_and_margin


@pytest.fixture(scope="module")
def data() -> Invented:
    return invent(pupils=250, seed=11, base=-1.0)


def sing(data: Invented, train: np.ndarray, test: np.ndarray, **options: int) -> dict:
    pupils, dates = (data.X.index.get_level_values(level) for level in (0, 1))
    return canary(path(data, train, test), data.y, pupils=pupils, as_of_date=dates, test=test, **options)


def test_an_honest_path_passes(data: Invented) -> None:
    test = (data.rows["period"] == "2023/24").to_numpy()
    result = sing(data, ~test, test)
    assert result["passed"]
    assert len(set(result["aurocs"])) == result["repeats"] == 5  # five different permutations
    assert result["events"] == data.y[test].sum()
    assert abs(result["mean"] - 0.5) < 4 * result["standard_error"] < 0.12


def test_test_rows_among_the_training_rows_make_it_fail(data: Invented) -> None:
    test = (data.rows["period"] == "2023/24").to_numpy()
    result = sing(data, np.ones_like(test), test)
    assert not result["passed"]
    assert result["mean"] > 0.6


def test_copies_of_test_rows_among_the_training_rows_make_it_fail(data: Invented) -> None:
    of_test = data.period("2023/24")
    doubled = Invented(
        pd.concat([data.X, of_test.X]), pd.concat([data.rows, of_test.rows]), np.r_[data.y, of_test.y]
    )
    test = np.arange(len(doubled.y)) >= len(data.y)
    assert not sing(doubled, ~test, test)["passed"]


def test_a_margin_that_ranks_the_wrong_way_round_fails_too(data: Invented) -> None:
    test = (data.rows["period"] == "2023/24").to_numpy()
    honest = path(data, np.ones_like(test), test)
    pupils, dates = (data.X.index.get_level_values(level) for level in (0, 1))
    upside_down = canary(lambda y: -honest(y), data.y, pupils=pupils, as_of_date=dates, test=test)
    assert upside_down["mean"] < 0.4
    assert not upside_down["passed"]


def test_labels_move_within_a_date_and_never_between_dates() -> None:
    y, dates = np.r_[np.ones(30), np.zeros(70), np.ones(5), np.zeros(95)], np.repeat(["a", "b"], 100)
    seen = []
    canary(
        lambda permuted: seen.append(permuted) or np.arange(200.0),
        y,
        pupils=np.tile(np.arange(100), 2),
        as_of_date=dates,
        test=np.ones(200, bool),
    )
    assert {(int(p[:100].sum()), int(p[100:].sum())) for p in seen} == {(30, 5)}
    assert all((p != y).any() for p in seen)


def test_knowing_the_dates_own_rates_is_no_hole() -> None:
    y, dates = np.r_[np.ones(60), np.zeros(40), np.ones(5), np.zeros(95)], np.repeat(["a", "b"], 100)
    result = canary(
        lambda _: np.where(dates == "a", 2.0, 1.0) + np.arange(200) / 1000,
        y,
        pupils=np.arange(200),
        as_of_date=dates,
        test=np.ones(200, bool),
    )
    assert result["passed"]


def test_the_standard_error_is_that_of_chance() -> None:
    random = np.random.default_rng(5)
    y, dates, margin = np.repeat([1, 0], [40, 160]), np.tile(["a", "b"], 100), random.normal(size=200)
    run = partial(
        canary, lambda _: margin, y, pupils=np.arange(200), as_of_date=dates, test=np.ones(200, bool)
    )
    many = run(repeats=600)
    assert np.std(many["aurocs"]) == pytest.approx(many["standard_error"] * 600**0.5, rel=0.1)
    assert run(repeats=1)["standard_error"] == pytest.approx(many["standard_error"] * 600**0.5)


def test_a_test_without_events_is_refused_not_passed() -> None:
    with pytest.raises(GateRefused, match="no as_of_date of the test"):
        canary(lambda y: y, np.zeros(10), pupils=np.arange(10), as_of_date=["a"] * 10, test=np.ones(10, bool))


def test_the_same_seed_sings_the_same(data: Invented) -> None:
    test = (data.rows["period"] == "2023/24").to_numpy()
    assert sing(data, ~test, test, repeats=2, seed=3) == sing(data, ~test, test, repeats=2, seed=3)
