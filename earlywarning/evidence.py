"""What a training run found, put together in one place: plain values for the bundle, the page and --json."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from earlywarning.audit.checks import CheckResult
from earlywarning.dataset.splits import Fold
from earlywarning.model.lists import Capacity
from earlywarning.trial import MODEL, Trial


def evidence(
    trial: Trial,
    folds: Sequence[Fold],
    *,
    capacity: Capacity,
    shipping_slope: float,
    seed: int,
    canaries: Sequence[Mapping[str, Any]],
    gates: Sequence[CheckResult],
) -> dict[str, Any]:
    """Every figure of a training run, ready for JSON; ``shipping_slope`` is that of what would ship."""
    winner = trial.winner(shipping_slope, seed)
    return {
        "measures": trial.measures(capacity),
        "winner": winner.to_json(),
        "intervals": {name: trial.intervals(name, seed) for name in (MODEL, winner.best_rule)},
        "apart": trial.apart(MODEL),
        "canary": list(canaries),
        "gates": [gate.to_dict() for gate in gates],
        "sentences": {name: rung.sentence for name, rung in trial.rungs.items()},
        "kinds": {name: rung.kind for name, rung in trial.rungs.items()},
        "tested_on": ", ".join(fold.test_period for fold in folds),
        "tested_hashes": list(trial.model_hashes),
    }
