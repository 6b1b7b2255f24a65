from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from earlywarning.model.evaluation import calibration, evaluate

# Ten pupils on one list, best score first; c: left the roll before the end of the term.
STATE = np.array(
    [
        "event",
        "censored",
        "no_event",
        "event",
        "no_event",
        "censored",
        "no_event",
        "event",
        "no_event",
        "no_event",
    ]
)
SCORE = np.arange(10.0)[::-1]
WHERE = {"area": ["213"] * 10, "as_of_date": ["2024-09-26"] * 10}


def test_precision_and_recall_have_bounds_for_what_is_not_known() -> None:
    measures = evaluate(STATE, SCORE, capacity=4, **WHERE)
    assert (measures["n"], measures["events"], measures["unknown"], measures["listed"]) == (10, 3, 2, 4)
    assert measures["precision_at_capacity"] == pytest.approx(2 / 3)  # three listed have a known outcome
    assert measures["precision_at_capacity_none"] == pytest.approx(2 / 4)
    assert measures["precision_at_capacity_all"] == pytest.approx(3 / 4)
    assert measures["recall_at_capacity"] == measures["recall_at_capacity_none"] == pytest.approx(2 / 3)
    assert measures["recall_at_capacity_all"] == pytest.approx(3 / 5)


def test_average_precision_has_the_same_bounds() -> None:
    measures = evaluate(STATE, SCORE, capacity=4, **WHERE)
    assert measures["average_precision"] == pytest.approx((1 / 1 + 2 / 3 + 3 / 6) / 3)
    assert measures["average_precision_none"] == pytest.approx((1 / 1 + 2 / 4 + 3 / 8) / 3)
    assert measures["average_precision_all"] == pytest.approx((1 + 1 + 3 / 4 + 4 / 6 + 5 / 8) / 5)


def test_ties_at_the_end_of_a_list_are_averaged_between_worst_and_best() -> None:
    measures = evaluate(
        ["event", "no_event", "event", "no_event"],
        [2, 1, 1, 1],
        capacity=2,
        area=["213"] * 4,
        as_of_date=["x"] * 4,
    )
    assert measures["precision_at_capacity_worst"] == 0.5
    assert measures["precision_at_capacity"] == pytest.approx((1 + 1 / 3) / 2)
    assert measures["precision_at_capacity_best"] == 1.0
    assert (measures["recall_at_capacity_worst"], measures["recall_at_capacity_best"]) == (0.5, 1.0)


def test_pupils_not_assessed_stay_in_the_denominator_and_off_the_list() -> None:
    score = SCORE.copy()
    score[0] = np.nan
    measures = evaluate(STATE, score, capacity=4, **WHERE)
    assert (measures["n"], measures["assessed"], measures["events_assessed"]) == (10, 9, 2)
    assert measures["recall_at_capacity"] == pytest.approx(1 / 3)
    assert measures["precision_at_capacity_none"] == pytest.approx(1 / 4)
    assert measures["average_precision"] == pytest.approx(
        (1 / 2 + 2 / 5 + 3 / 8) / 3
    )  # the first now ranks last


def test_what_is_undefined_is_none() -> None:
    nobody = evaluate(["no_event"] * 3, [1.0, 2.0, 3.0], capacity=1, area=["213"] * 3, as_of_date=["x"] * 3)
    for name in ("auroc", "average_precision", "recall_at_capacity", "brier", "calibration_slope"):
        assert nobody[name] is None, name
    assert nobody["precision_at_capacity"] == 0.0  # one listed, none with the event: that is known
    unseen = evaluate(["event"] * 3, [np.nan] * 3, capacity=1, area=["213"] * 3, as_of_date=["x"] * 3)
    assert unseen["precision_at_capacity"] is None
    assert unseen["recall_at_capacity"] == 0.0
    gone = evaluate(["censored"] * 3, [1.0, 2.0, 3.0], capacity=1, area=["213"] * 3, as_of_date=["x"] * 3)
    assert gone["precision_at_capacity"] is None
    assert (gone["precision_at_capacity_none"], gone["precision_at_capacity_all"]) == (0.0, 1.0)
    assert gone["auroc"] is None


def test_calibration_of_true_probabilities_is_one() -> None:
    random = np.random.default_rng(0)
    chance = random.beta(1, 9, 20_000)
    state = np.where(random.random(20_000) < chance, "event", "no_event")
    measures = calibration(state, chance)
    assert measures["calibration_in_the_large"] == pytest.approx(1, abs=0.04)
    assert measures["calibration_slope"] == pytest.approx(1, abs=0.06)
    assert measures["brier"] == pytest.approx(brier_score_loss(state == "event", chance))
    twice = calibration(state, 1 / (1 + ((1 - chance) / chance) ** 2))  # log-odds doubled: too extreme
    assert twice["calibration_slope"] == pytest.approx(0.5, abs=0.03)


def test_calibration_leaves_out_the_unknown_and_the_unassessed() -> None:
    state, chance = ["event", "no_event", "censored", "event"], [0.5, 0.5, 0.9, np.nan]
    assert calibration(state, chance)["brier"] == pytest.approx(0.25)
    assert calibration(state, chance)["calibration_in_the_large"] == pytest.approx(1.0)


@pytest.mark.parametrize("chance", [[0.9, 0.8, 0.2, 0.1], [0.1, 0.2, 0.8, 0.9], [0.5] * 4])
def test_a_slope_without_a_maximum_is_none(chance: list[float]) -> None:
    assert calibration(["event", "event", "no_event", "no_event"], chance)["calibration_slope"] is None
