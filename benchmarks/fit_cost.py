"""What ``fit`` costs beside bare LightGBM: ``python -m benchmarks.fit_cost --json``.

Both sides in one run, taking turns, on invented rows and one thread. ``fit`` grows boosters for the model
and for the margins that its calibrator is fitted on; bare LightGBM grows as many boosters of the same recipe
on the same rows, each from the matrix, as somebody would who wrote the loop. ``ratio`` is of the medians.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import lightgbm as lgb
import numpy as np

from earlywarning.model import RiskClassifier
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.calibration import calibration_folds

ALLOWED = 1.2
COLUMNS = 75
PERIODS = 3


def invented(rows: int, seed: int = 0) -> tuple[FloatArray, IntArray, IntArray]:
    """``X`` (rows, 75), a tenth missing; an event for about one row in 25; the period of each row."""
    random = np.random.default_rng(seed)
    X = random.gamma(1.0, size=(rows, COLUMNS))
    odds = X[:, :8].sum(axis=1) / 4 - 5.5
    X[random.random(X.shape) < 0.1] = np.nan
    event = (random.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int64)
    return X, event, np.arange(rows) * PERIODS // rows


def bare(model: RiskClassifier, X: FloatArray, event: IntArray, periods: IntArray) -> None:
    """Grow as many and as large boosters as ``fit`` does, and nothing else."""
    _, folds = calibration_folds(X, event, periods, 0)
    for rows in (*(train for train, _ in folds), np.arange(len(X))):
        recipe = model.recipe(event[rows])
        for seed in range(model.n_seeds):
            parameters = recipe.parameters(seed)
            lgb.train(parameters, lgb.Dataset(X[rows], event[rows], params=parameters), recipe.rounds)


def cost(rows: int, repeats: int) -> dict[str, Any]:
    """Median CPU seconds of both sides and their ratio, by booster fitted."""
    X, event, periods = invented(rows)
    model = RiskClassifier()
    ours, theirs = [], []
    for _ in range(repeats):
        ours.append(_seconds(lambda: model.fit(X, event, periods)))
        theirs.append(_seconds(lambda: bare(model, X, event, periods)))
    boosters = PERIODS * model.n_seeds  # for the model, and for each later period scored by those before
    fit, loop = statistics.median(ours), statistics.median(theirs)
    return {
        "rows": rows,
        "events": int(event.sum()),
        "boosters": boosters,
        "repeats": repeats,
        "fit_seconds_a_booster": round(fit / boosters, 4),
        "bare_seconds_a_booster": round(loop / boosters, 4),
        "ratio": round(fit / loop, 3),
        "allowed": ALLOWED,
    }


def _seconds(work: Callable[[], object]) -> float:
    """CPU seconds: what other programs do meanwhile does not count."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def main() -> int:
    """Print the figures; 1 when ``fit`` costs more than is allowed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_cost", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output")
    parser.add_argument("--rows", type=int, default=12_000)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    told = cost(given.rows, given.repeats)
    words = "\n".join(f"{name}: {value}" for name, value in told.items())
    sys.stdout.write((json.dumps(told, indent=2) if given.json else words) + "\n")
    return int(told["ratio"] > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
