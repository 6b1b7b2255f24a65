"""Results apart: of whom, out of how many, and what is left undefined."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import World

from earlywarning.dataset.assemble import Dataset
from earlywarning.model.ladder import model
from earlywarning.model.ranking import average_precision
from earlywarning.model.rules import RULES
from earlywarning.trial import Trial
from earlywarning.trial.parts import EVERYONE, NEVER, parts

RULE = "number_of_suspensions"
N = 240


def trial_of(scores: Mapping[str, Any], state: Any, schools: int = 12, **rows: Any) -> Trial:
    """A trial of ``scores`` on one date, without a model: a row a pupil, every other one met in training."""
    n = len(state)
    index = pd.MultiIndex.from_arrays(
        [[f"p{number:04d}" for number in range(n)], pd.to_datetime(["2024-12-31"] * n)],
        names=["pupil_id", "as_of_date"],
    )
    about = pd.DataFrame(
        {"state": state, "area": "213", "school_id": np.arange(n) % schools, "why_not": "", **rows},
        index=index,
    )
    empty = pd.DataFrame(index=index)
    met = pd.DataFrame({"pupil": np.arange(n) % 2 == 0, "school": True}, index=index)
    return Trial(
        data=Dataset(empty, empty, about, empty, ()),
        scores=pd.DataFrame(scores, index=index),
        probabilities=empty,
        rungs={RULE: RULES[RULE], "model": model()},
        met=met,
        models=(),
    )


def drawn(n: int = N) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Who was suspended before, the model's score (which ranks the others too), the rule's, and the state."""
    random = np.random.default_rng(4)
    before = random.random(n) < 0.3
    need = random.normal(size=n)
    chance = 1 / (1 + np.exp(2.5 - 1.5 * need - before))
    state = np.where(random.random(n) < chance, "event", "no_event").astype(object)
    state[random.random(n) < 0.05] = "censored"
    return before, need + before, before * random.integers(1, 4, n).astype(float), state


def test_those_never_suspended_are_ranked_by_themselves_on_the_list_of_everyone() -> None:
    before, score, rule, state = drawn()
    told = parts(trial_of({RULE: rule, "model": score}, state, suspended_before=before), 40, seed=1)
    never = told[NEVER]
    known = ~before & (state != "censored")
    assert (never["n"], never["unknown"]) == ((~before).sum(), (~before & (state == "censored")).sum())
    assert never["events"] == (~before & (state == "event")).sum()
    assert never["average_precision"] == pytest.approx(
        float(average_precision(state[known] == "event", score[known]))
    )
    on = np.argsort(-score)[:40]
    mine = on[~before[on]]
    hits, unknown = (state[mine] == "event").sum(), (state[mine] == "censored").sum()
    assert (never["listed"], never["listed_events"], never["listed_unknown"]) == (len(mine), hits, unknown)
    assert never["precision_at_capacity"] == pytest.approx(hits / (len(mine) - unknown))
    assert never["precision_at_capacity_none"] == pytest.approx(hits / len(mine))
    assert never["precision_at_capacity_all"] == pytest.approx((hits + unknown) / len(mine))
    assert never["recall_at_capacity"] == pytest.approx(hits / never["events"])
    assert (
        never["best_rule"]["recall_at_capacity"] == 0.0
    )  # nobody without a suspension is on that rule's list
    assert never["difference"]["lower"] > 0
    for name in ("auroc", "average_precision", "recall_at_capacity"):
        interval = never["intervals"][name]
        assert interval["lower"] < interval["value"] < interval["upper"]
    json.dumps(told, allow_nan=False)


def test_parts_add_up_to_everyone() -> None:
    before, score, rule, state = drawn()
    told = parts(trial_of({RULE: rule, "model": score}, state, suspended_before=before), 40, seed=1)
    for one, other in (
        ("pupils met in training", "pupils not met in training"),
        ("schools met in training", "schools not met in training"),
        (NEVER, "pupils suspended before"),
    ):
        for count in ("n", "events", "unknown", "listed", "listed_events"):
            assert told[one][count] + told[other][count] == pytest.approx(told[EVERYONE][count])
    assert told[EVERYONE]["listed"] == 40


def test_a_part_without_anybody_or_without_events_is_undefined_and_not_0() -> None:
    before, score, rule, state = drawn()
    everybody = trial_of({RULE: rule, "model": score}, state, suspended_before=np.zeros(N, bool))
    told = parts(everybody, 40, seed=1)
    assert told[NEVER] == told[EVERYONE]
    for nobody in ("pupils suspended before", "schools not met in training"):
        assert (told[nobody]["n"], told[nobody]["events"], told[nobody]["auroc"]) == (0, 0, None)
        assert told[nobody]["recall_at_capacity"] is told[nobody]["precision_at_capacity_none"] is None
        assert told[nobody]["intervals"]["average_precision"]["upper"] is None
        assert told[nobody]["best_rule"]["name"] is None
    quiet = np.where(before, state, "no_event")
    told = parts(trial_of({RULE: rule, "model": score}, quiet, suspended_before=before), 40, seed=1)[NEVER]
    assert (told["events"], told["recall_at_capacity"], told["average_precision"]) == (0, None, None)
    assert told["precision_at_capacity"] == 0.0
    assert told["difference"]["value"] is None


def test_ties_and_scores_that_are_missing_share_the_places() -> None:
    _, _, _, state = drawn()
    some = np.where(np.arange(N) % 3 == 0, np.nan, 1.0)
    told = parts(trial_of({RULE: np.full(N, np.nan), "model": some}, state, schools=1), 40, seed=1)
    assert NEVER not in told  # this study does not say who was suspended before
    all_ = told[EVERYONE]
    assert all_["listed"] == pytest.approx(40)
    tied = (state == "event") & ~np.isnan(some)
    assert all_["listed_events"] == pytest.approx(40 * tied.sum() / (~np.isnan(some)).sum())
    assert all_["intervals"]["auroc"]["by"] == "pupils"  # one school cannot be resampled


def test_who_was_suspended_before_comes_from_the_history_not_from_a_feature(world: World) -> None:
    data, trial = world.trained.data, world.trained.trial
    told = trial.data.rows["suspended_before"]
    recently = data.facts["spells_3t"].reindex(told.index) > 0
    assert told[recently].mean() > 0.99  # all but those whose suspension ended in reinstatement
    assert (told & ~recently).any()
    apart = world.trained.summary["apart"]
    assert apart[NEVER]["n"] == (~told).sum()
    assert 0 < apart[NEVER]["events"] < apart[EVERYONE]["events"]
