from __future__ import annotations

import time

import numpy as np
import pytest

from earlywarning.errors import WrongUsage
from earlywarning.model.comparison import (
    Winner,
    choose_winner,
    compared,
    interval,
    paired_difference,
    tail_of,
)
from earlywarning.model.ranking import auroc, average_precision


def scores(n: int = 2000, gain: float = 1.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, a model's score that is better than a rule's by ``gain``, and the rule's."""
    random = np.random.default_rng(seed)
    event = random.random(n) < 0.08
    shared = random.normal(size=n)
    return event, event * (0.7 + gain) + shared, np.round(event * 0.7 + shared)


def test_the_interval_is_that_of_a_plain_bootstrap_over_pupils() -> None:
    event, a, b = scores(300)
    pupils = np.repeat(np.arange(100), 3)
    random, plain = np.random.default_rng(9), []
    for _ in range(400):
        rows = np.concatenate([np.arange(3) + 3 * pupil for pupil in random.integers(100, size=100)])
        plain.append(float(average_precision(event[rows], a[rows]) - average_precision(event[rows], b[rows])))
    ours = paired_difference(event, a, b, pupils, n=1000, seed=1)
    assert ours.value == pytest.approx(float(average_precision(event, a) - average_precision(event, b)))
    assert ours.lower == pytest.approx(np.quantile(plain, 0.025), abs=0.03)
    assert ours.upper == pytest.approx(np.quantile(plain, 0.975), abs=0.03)
    assert (ours.events, ours.clusters, ours.resamples) == (event.sum(), 100, 1000)


def test_rows_of_one_pupil_are_drawn_together() -> None:
    event, a, b = scores(400)
    alone = paired_difference(event, a, b, np.arange(400))
    twins = paired_difference(np.tile(event, 4), np.tile(a, 4), np.tile(b, 4), np.tile(np.arange(400), 4))
    as_if_more = paired_difference(np.tile(event, 4), np.tile(a, 4), np.tile(b, 4), np.arange(1600))
    width = {k: e.upper - e.lower for k, e in {"alone": alone, "twins": twins, "more": as_if_more}.items()}
    assert width["twins"] == pytest.approx(width["alone"], rel=0.2)
    assert width["more"] < 0.7 * width["twins"]


def test_the_same_seed_gives_the_same_interval_and_swapping_turns_it_round() -> None:
    event, a, b = scores(300)
    one, again = (paired_difference(event, a, b, np.arange(300), seed=4) for _ in range(2))
    assert one == again
    swapped = paired_difference(event, b, a, np.arange(300), seed=4)
    assert (swapped.lower, swapped.upper) == pytest.approx((-one.upper, -one.lower))


def test_an_interval_of_the_auroc_covers_it() -> None:
    event, a, _ = scores()
    estimate = interval(auroc, event, a, np.arange(len(event)))
    assert estimate.value == pytest.approx(float(auroc(event, a)))
    assert 0.005 < estimate.upper - estimate.lower < 0.1


def test_too_few_events_leave_the_interval_undefined() -> None:
    event = np.r_[True, np.zeros(49, bool)]
    estimate = interval(average_precision, event, np.arange(50.0), np.arange(50))
    assert estimate.value is not None
    assert (estimate.lower, estimate.upper) == (
        None,
        None,
    )  # over a third of the resamples miss the one event
    assert interval(average_precision, np.zeros(50), np.arange(50.0), np.arange(50)).value is None


def test_ten_thousand_rows_are_compared_in_seconds() -> None:
    event, a, b = scores(10_000)
    began = time.process_time()
    paired_difference(event, a, b, np.arange(10_000) // 3)
    assert time.process_time() - began < 6  # 1.3 s where it was written


def chosen(event: np.ndarray, slope: float = 1.0, **scores: np.ndarray) -> Winner:
    rules = [name for name in scores if name != "model"]
    return choose_winner(compared(event, scores, np.arange(len(event))), rules=rules, slope=slope)


def choose(event: np.ndarray, slope: float = 1.0, **scores: np.ndarray) -> str:
    return chosen(event, slope, **scores).name


def test_the_model_wins_only_beyond_chance_and_against_the_best_rule() -> None:
    event, model, rule = scores()
    noise = np.random.default_rng(1).normal(size=len(event))
    assert choose(event, model=model, rule=rule, noise=noise) == "model"
    assert choose(event, model=rule + 1e-3 * noise, rule=rule, noise=noise) == "rule"
    assert choose(event, model=noise, rule=rule) == "rule"
    assert choose(event, model=rule, best=model, rule=noise) == "best"


def test_a_gain_within_chance_is_no_win() -> None:
    event, model, rule = scores(300, gain=0.05)
    choice = chosen(event, model=model, rule=rule)
    assert choice.difference.value > 0 > choice.difference.lower
    assert choice.name == "rule"
    assert choice.why == "the model's average precision does not beat the best rule's beyond chance"


def test_a_model_whose_slope_is_not_positive_never_wins() -> None:
    event, model, rule = scores()
    assert choose(event, slope=0.0, model=model, rule=rule) == "rule"


def test_without_events_the_rule_stays_and_says_why() -> None:
    event, model, rule = np.zeros(50), np.arange(50.0), np.arange(50.0)
    choice = chosen(event, model=model, rule=rule)
    assert choice.name == choice.best_rule == "rule"
    assert choice.why.startswith("there are too few events")
    assert choice.to_json()["difference"]["value"] is None


def test_a_model_is_always_compared_with_a_rule() -> None:
    with pytest.raises(WrongUsage, match="No simple rule"):
        choose_winner(compared([1, 0], {"model": [1.0, 0.0]}, [0, 1]), rules=[], slope=1.0)


def at_schools(schools: int = 20, size: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, a model's score, a rule's and the school: the model is only better at every other school."""
    random = np.random.default_rng(5)
    school = np.repeat(np.arange(schools), size)
    event = random.random(len(school)) < 0.1
    rule = random.normal(size=len(school)) + event
    return event, rule + event * np.where(school % 2, 1.5, -0.7), rule, school


def test_the_wider_of_pupils_and_schools_is_the_interval_and_decides() -> None:
    event, model, rule, school = at_schools()
    pupils = np.arange(len(event))
    both = paired_difference(event, model, rule, {"pupils": pupils, "schools": school})
    by_pupil, by_school = (paired_difference(event, model, rule, of) for of in (pupils, school))
    width = {by: found.upper - found.lower for by, found in {"p": by_pupil, "s": by_school}.items()}
    assert width["s"] > 1.3 * width["p"]
    assert (both.lower, both.upper, both.by, both.clusters) == (
        by_school.lower,
        by_school.upper,
        "schools",
        20,
    )
    alike = paired_difference(event, model, rule, {"pupils": pupils, "schools": pupils % 400})
    assert alike.by == "pupils" or alike.upper - alike.lower > width["p"]
    scores = {"model": model, "rule": rule}
    alone, wider = (compared(event, scores, of) for of in (pupils, {"pupils": pupils, "schools": school}))
    assert choose_winner(alone, rules=["rule"], slope=1.0).name == "model"
    choice = choose_winner(wider, rules=["rule"], slope=1.0)
    assert (choice.name, choice.difference.by) == ("rule", "schools")


def test_what_is_compared_together_is_what_is_compared_alone() -> None:
    event, model, rule, school = at_schools()
    of = {"pupils": np.arange(len(event)), "schools": school}
    together = compared(event, {"model": model, "rule": rule, "noise": -rule}, of, seed=3)
    assert together.difference("model", "rule") == paired_difference(event, model, rule, of, seed=3)
    assert together.estimate("rule", auroc) == interval(auroc, event, rule, of, seed=3)
    assert together.difference("model", "model").value == 0


def test_one_school_says_nothing_of_schools_and_pupils_count() -> None:
    event, model, rule = scores(300)
    pupils = np.arange(300)
    one = paired_difference(event, model, rule, {"pupils": pupils, "schools": np.zeros(300)})
    assert one == paired_difference(event, model, rule, pupils)
    single = interval(average_precision, [1, 0], [2.0, 1.0], [7, 7])
    assert (single.value, single.lower, single.upper) == (1.0, None, None)


def test_what_cannot_be_told_of_schools_cannot_be_told() -> None:
    event, model, rule = scores(300)
    school = np.repeat([0, 1, 2], 100)
    event &= school == 0  # two resamples of schools in three hold an event
    found = paired_difference(event, model, rule, {"pupils": np.arange(300), "schools": school})
    assert found.value is not None
    assert (found.lower, found.upper, found.by) == (None, None, "schools")


def test_few_clusters_are_stretched() -> None:
    assert tail_of(3) < tail_of(10) < tail_of(50) < 0.025
    random = np.random.default_rng(0)
    covered, plain = 0, 0
    for _ in range(200):
        effect = random.normal(size=6)  # of six schools with five pupils each, around 0
        school = np.repeat(np.arange(6), 5)

        def mean(event, score, weights=None, effect=effect, school=school):
            of = effect[school]
            return of.mean() if weights is None else (weights * of).sum(axis=1) / weights.sum(axis=1)

        found = interval(mean, np.ones(30), np.ones(30), school, n=200)
        covered += found.lower <= 0 <= found.upper
        means = [effect[random.integers(6, size=6)].mean() for _ in range(200)]
        plain += np.quantile(means, 0.025) <= 0 <= np.quantile(means, 0.975)
    assert covered >= 180 > plain


def test_scores_that_are_missing_rank_last_and_nobody_is_undefined() -> None:
    event = np.tile([True, False], 50)
    none = compared(event, {"none": np.full(100, np.nan)}, np.arange(100))
    assert none.estimate("none", auroc).value == 0.5
    nobody = compared([], {"model": []}, {"pupils": [], "schools": []})
    assert nobody.estimate("model").to_json() == {
        "value": None,
        "lower": None,
        "upper": None,
        "events": 0,
        "clusters": 0,
        "resamples": 0,
        "by": "pupils",
    }
