from __future__ import annotations

import itertools

import numpy as np
import pytest

from earlywarning.model.curves import BINS, FEWEST, calibration_curve, curves, lengthened
from earlywarning.model.evaluation import evaluate

N = 400
RANDOM = np.random.default_rng(0)
CHANCE = RANDOM.beta(1, 5, N)
STATE = np.where(RANDOM.random(N) < 0.1, "censored", np.where(RANDOM.random(N) < CHANCE, "event", "no_event"))
WHERE = {"area": np.array(["207", "213"])[np.arange(N) % 2], "as_of_date": ["x"] * N}


def test_the_gain_curve_passes_through_the_list_at_capacity() -> None:
    measures = evaluate(STATE, CHANCE, capacity=20, **WHERE)
    gain = curves(STATE, CHANCE, capacity=20, **WHERE)["gain"]
    (at,) = [point for point in gain if point["length"] == 1]
    assert at["listed"] == measures["listed"] == 40
    assert at["events"] == measures["listed_events"]
    assert at["unknown"] == measures["listed_unknown"]
    for name in ("listed", "events"):
        assert all(a[name] <= b[name] for a, b in itertools.pairwise(gain))
    assert gain[-1]["listed"] == N  # ten times the places is everyone
    assert gain[-1]["events"] == measures["events"]


def test_lists_grow_no_longer_than_the_roll() -> None:
    score = np.where(np.arange(N) < 100, CHANCE, np.nan)
    gain = curves(STATE, score, capacity=60, **WHERE)["gain"]
    assert [point["length"] for point in gain] == [0.25, 0.5, 1.0]  # 50 a list can be ranked
    assert gain[-1]["listed"] == 100
    everyone = curves(STATE, CHANCE, capacity=5000, **WHERE)["gain"]
    assert [point["length"] for point in everyone] == [0.25, 1.0]  # the capacity is always there


def test_calibration_bins_hold_everybody_known_and_expect_as_many_events_each() -> None:
    curve = calibration_curve(STATE, CHANCE)
    known = STATE != "censored"
    assert len(curve) == min(BINS, int(CHANCE[known].sum() / FEWEST))
    assert sum(point["n"] for point in curve) == known.sum()
    assert sum(point["events"] for point in curve) == (STATE == "event").sum()
    expected = [point["expected"] for point in curve]
    assert expected == pytest.approx([CHANCE[known].sum() / len(curve)] * len(curve), rel=0.1)
    assert all(a["upper"] <= b["lower"] for a, b in itertools.pairwise(curve))


@pytest.mark.parametrize(
    ("state", "chance", "told"),
    [
        (["event", "no_event"], None, []),
        (["event", "no_event"], [np.nan, np.nan], []),
        (["censored", "competing"], [0.5, 0.5], []),
        (["no_event"] * 2, [0.0, 0.0], []),
        (["event"] * 40, [0.5] * 40, [{"lower": 0.5, "upper": 0.5, "n": 40, "events": 40, "expected": 20.0}]),
        (
            ["event", "no_event"],
            [0.3, np.nan],
            [{"lower": 0.3, "upper": 0.3, "n": 1, "events": 1, "expected": 0.3}],
        ),
    ],
)
def test_a_calibration_curve_of_little(
    state: list[str], chance: list[float] | None, told: list[object]
) -> None:
    assert calibration_curve(state, chance) == told


def test_a_bin_shows_no_exact_probability_of_a_pupil() -> None:
    (point,) = calibration_curve(["event", "no_event"], [0.123456, 0.234567])
    assert (point["lower"], point["upper"]) == (0.123, 0.235)


@pytest.mark.parametrize(
    ("capacity", "length", "told"),
    [
        (60, 0.25, 15),
        (1, 0.25, 1),
        (0.2, 10, 1.0),
        (0.2, 0.5, 0.1),
        ({"a": 60, "b": 3}, 1.5, {"a": 90, "b": 4}),
    ],
)
def test_lists_are_lengthened_each_by_its_own_capacity(capacity: object, length: float, told: object) -> None:
    assert lengthened(capacity, length) == told  # type: ignore[arg-type]
