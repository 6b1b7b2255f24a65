"""How often a model wins where there is nothing to learn: small authorities made with --no-signal."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from earlywarning import config
from earlywarning.dataset.assemble import assemble
from earlywarning.dataset.splits import temporal_folds
from earlywarning.model.ladder import ladder
from earlywarning.pipeline import build_history, checked_extracts
from earlywarning.shipping import classifier_of
from earlywarning.studies.secondary import SECONDARY
from earlywarning.synthetic import Switches, generate
from earlywarning.trial import MODEL, run_trial

PUPILS, YEARS = 1_500, 3
MOST = 0.03


def no_signal(runs: int) -> dict[str, Any]:
    """Of so many runs, each with a seed of its own, those in which the model won, and their differences."""
    differences, won = [], []
    for seed in range(1, runs + 1):
        winner, difference, events = _one(seed)
        differences.append(difference)
        if winner == MODEL:
            won.append(seed)
        sys.stderr.write(f"{seed} of {runs}: {events} events, {winner}, {difference:+.4f}\n")
    return {
        "runs": runs,
        "pupils": PUPILS,
        "years": YEARS,
        "won by the model": len(won),
        "seeds": won,
        "mean difference": round(sum(differences) / runs, 4),
        "limit": MOST,
        "met": len(won) <= MOST * runs,
    }


def _one(seed: int) -> tuple[str, float, int]:
    """Who won, the model's average precision less the best rule's, and the events of the test."""
    settings = config.load()
    study = SECONDARY.narrowed(settings.features.families)
    with tempfile.TemporaryDirectory(prefix="earlywarning-no-signal-") as scratch:
        place = Path(scratch) / "data"
        generate(place, pupils=PUPILS, years=YEARS, seed=seed, switches=Switches(no_signal=True))
        with checked_extracts(study, place, settings) as checked:
            data = assemble(study, build_history(study, checked))
    rungs = ladder(data.X.columns, rules=study.rules, classifier=classifier_of(settings, data.features))
    only = [rung for rung in rungs if rung.kind in {"rule", "model"}]
    trial = run_trial(data, temporal_folds(study, data), only, lambda _: None)
    winner = trial.winner(1.0, seed)
    return winner.name, winner.difference.value or 0.0, winner.difference.events
