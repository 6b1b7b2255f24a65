from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from earlywarning.model.evaluation import (
    at_one_threshold,
    calibration,
    evaluate,
    net_benefit,
    smallest_difference,
)

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


def test_lift_and_number_needed_to_review_of_a_list_worked_by_hand() -> None:
    measures = evaluate(STATE, SCORE, capacity=4, **WHERE)
    assert measures["lift_at_capacity"] == pytest.approx((2 / 3) / (3 / 8))  # 8 have a known outcome
    assert measures["lift_at_capacity_none"] == pytest.approx((2 / 4) / (3 / 10))
    assert measures["lift_at_capacity_all"] == pytest.approx((3 / 4) / (5 / 10))
    assert measures["number_needed_to_review"] == pytest.approx(3 / 2)
    assert measures["number_needed_to_review_none"] == pytest.approx(2)
    assert measures["lists"] == 1


def test_all_ties_go_from_nobody_found_to_everybody() -> None:
    measures = evaluate(
        ["event", "no_event", "event", "no_event"],
        [1] * 4,
        capacity=2,
        area=["213"] * 4,
        as_of_date=["x"] * 4,
    )
    for name, expected in {"precision": 0.5, "recall": 0.5, "lift": 1.0}.items():
        assert measures[f"{name}_at_capacity"] == pytest.approx(expected)
        assert measures[f"{name}_at_capacity_worst"] == 0.0
        assert measures[f"{name}_at_capacity_best"] == pytest.approx(2 * expected)
    assert measures["number_needed_to_review"] == 2
    assert measures["number_needed_to_review_worst"] is None  # nobody found: no number is enough
    assert measures["number_needed_to_review_best"] == 1


def test_a_list_longer_than_the_roll_holds_everyone_who_can_be_ranked() -> None:
    score = np.where(np.arange(10) == 7, np.nan, SCORE)  # the third event cannot be assessed
    measures = evaluate(STATE, score, capacity=50, probability=score / 10, **WHERE)
    assert (measures["listed"], measures["listed_events"]) == (9, 2.0)
    assert measures["recall_at_capacity"] == pytest.approx(2 / 3)
    assert measures["threshold_at_capacity"] == 0.0  # the lowest probability on the list
    assert measures["net_benefit_at_capacity"] == pytest.approx(2 / 8)  # at a price of nothing


def test_brier_skill_is_against_the_share_of_events_in_the_test() -> None:
    state, chance = ["event", "no_event", "no_event", "no_event"], [0.7, 0.1, 0.2, 0.2]
    brier = (0.09 + 0.01 + 0.04 + 0.04) / 4
    assert calibration(state, chance)["brier_skill"] == pytest.approx(1 - brier / (0.25 * 0.75))
    reference = brier_score_loss([1, 0, 0, 0], [0.25] * 4)
    assert calibration(state, chance)["brier_skill"] == pytest.approx(1 - brier / reference)
    assert calibration(state, [0.25] * 4)["brier_skill"] == pytest.approx(0)
    assert calibration(["event"] * 4, chance)["brier_skill"] is None  # one class: no share to do better than


def test_net_benefit_is_at_the_lowest_probability_on_each_list() -> None:
    # Two lists of two places: they go down to .5 and to .2, so t = .35 and a miss costs 35/65 of a hit.
    measures = evaluate(
        ["event", "no_event", "no_event", "event", "censored", "no_event"],
        [9, 5, 1, 8, 2, 1],
        area=["207"] * 3 + ["213"] * 3,
        as_of_date=["x"] * 6,
        capacity=2,
        probability=[0.9, 0.5, 0.1, 0.8, 0.2, 0.1],
    )
    price = 0.35 / 0.65
    assert measures["threshold_at_capacity"] == pytest.approx(0.35)
    assert measures["net_benefit_at_capacity"] == pytest.approx((2 - 1 * price) / 5)
    assert measures["net_benefit_at_capacity_none"] == pytest.approx((2 - 2 * price) / 6)
    assert measures["net_benefit_at_capacity_all"] == pytest.approx((3 - 1 * price) / 6)


def test_net_benefit_of_listing_all_at_their_share_is_that_of_listing_nobody() -> None:
    everyone = {"n": 200, "unknown": 0, "listed": 200, "listed_events": 50.0, "listed_unknown": 0.0}
    assert net_benefit(everyone, 0.25)["net_benefit_at_capacity"] == pytest.approx(0)
    nobody = {"n": 200, "unknown": 0, "listed": 0, "listed_events": 0.0, "listed_unknown": 0.0}
    assert net_benefit(nobody, 0.25)["net_benefit_at_capacity"] == 0.0
    for no_price in (None, 1.0, float("nan")):
        assert net_benefit(everyone, no_price)["net_benefit_at_capacity"] is None
    assert net_benefit({**everyone, "unknown": 200}, 0.25)["net_benefit_at_capacity"] is None


def test_a_rule_is_worth_something_only_at_the_price_of_the_model() -> None:
    rule = evaluate(STATE, SCORE, capacity=4, **WHERE)
    model = evaluate(STATE, SCORE, capacity=4, probability=SCORE / 10, **WHERE)
    assert rule["net_benefit_at_capacity"] is rule["threshold_at_capacity"] is None
    together = at_one_threshold({"rule": rule, "model": model}, "model")
    assert together["model"] == model
    assert together["rule"]["net_benefit_at_capacity"] == model["net_benefit_at_capacity"] is not None
    without = at_one_threshold({"rule": rule, "model": model}, "rule")
    assert without["model"]["net_benefit_at_capacity"] is None


def test_the_smallest_difference_is_28_tenths_of_a_standard_error() -> None:
    assert smallest_difference(-0.0196, 0.0196) == pytest.approx(0.02802, abs=1e-5)
    assert smallest_difference(0.1, None) is smallest_difference(None, 0.1) is None
