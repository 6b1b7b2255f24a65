"""The trial and its canary take one path: a hole in it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import FAST, World

from earlywarning.audit.checks import refuse_failed
from earlywarning.dataset.splits import Fold
from earlywarning.errors import GateRefused
from earlywarning.model import RiskClassifier
from earlywarning.model.comparison import paired_difference
from earlywarning.model.ladder import model
from earlywarning.trial import run_canaries, run_gates

STEEP = model(
    RiskClassifier(n_seeds=1, n_estimators=300, learning_rate=0.1, num_leaves=31, min_child_samples=5)
)
DAY = np.datetime64("2026-08-31").item()


def canaries(world: World, fold: Fold) -> list[dict[str, float]]:
    data = world.trained.data
    return run_canaries(data, [fold], STEEP, FAST.gates, 1, lambda _: None)


def test_the_canary_is_quiet_on_the_real_split(world: World) -> None:
    (told,) = canaries(world, world.trained.folds[0])
    assert told["passed"]


def test_test_rows_among_the_training_rows_make_the_canary_sing(world: World) -> None:
    (fold,) = world.trained.folds
    leaking = replace(fold, train=fold.train | fold.test)
    told = canaries(world, leaking)
    assert not told[0]["passed"]
    assert told[0]["mean"] > 0.6
    gates = run_gates(world.trained.data, [leaking], told, FAST.gates, DAY)
    assert {"EW01", "EW04"} <= {gate.code for gate in gates if gate.status == "failed"}
    with pytest.raises(GateRefused, match="EW01"):
        refuse_failed(gates)


def test_a_model_that_would_ship_upside_down_never_wins(world: World) -> None:
    trial = world.trained.trial
    assert trial.winner(1.0, seed=1).name == "model"
    turned = trial.winner(-0.1, seed=1)
    assert turned.name == turned.best_rule


def test_what_is_pooled_and_retested_has_the_interval_of_the_ladder(world: World) -> None:
    trial, metrics = world.trained.trial, world.trained.bundle.metrics
    winner = trial.winner(1.0, FAST.model.random_state)
    assert winner.to_json() == metrics["winner"]
    assert metrics["differences"][winner.best_rule] == metrics["winner"]["difference"]
    assert set(metrics["differences"]) == set(metrics["measures"]) - {"model"}
    by = trial.clusters(trial.data.known)
    known = trial.data.known
    alone = {
        kind: paired_difference(
            trial.data.y[known],
            trial.scores["model"][known],
            trial.scores[winner.best_rule][known],
            of,
            seed=FAST.model.random_state,
        )
        for kind, of in by.items()
    }
    width = {kind: found.upper - found.lower for kind, found in alone.items()}
    assert winner.difference.by == max(width, key=width.__getitem__)
    assert winner.difference.upper - winner.difference.lower == pytest.approx(max(width.values()))
