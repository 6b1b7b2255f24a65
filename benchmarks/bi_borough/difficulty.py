"""How hard the invented outcome is: the model, the best rule and the oracle on the same test pupils."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.bi_borough.outlook import outlook
from earlywarning import config
from earlywarning.dataset.assemble import assemble
from earlywarning.dataset.splits import temporal_folds
from earlywarning.model.ladder import ladder
from earlywarning.pipeline import build_history, checked_extracts
from earlywarning.shipping import classifier_of
from earlywarning.studies.secondary import SECONDARY
from earlywarning.trial import MODEL, Trial, run_trial

NEVER = "never suspended before"


def difficulty(folder: Path) -> dict[str, Any]:
    """Ranking measures on the test year, for all pupils with a known outcome and those never suspended."""
    settings = config.load()
    with checked_extracts(SECONDARY, folder, settings) as checked:
        data = assemble(SECONDARY, build_history(SECONDARY, checked))
    folds = temporal_folds(SECONDARY, data)
    rungs = ladder(data.X.columns, rules=SECONDARY.rules, classifier=classifier_of(settings, data.features))
    trial = run_trial(data, folds, rungs, lambda _: None)
    scored = _with_oracle(trial, folder)
    given = pd.read_parquet(folder / "suspensions.parquet", columns=["pupil_id", "start_date"])
    first = pd.to_datetime(given.groupby("pupil_id")["start_date"].min())
    begun = scored.index.get_level_values("pupil_id").map(first.to_dict())
    never = ~(begun <= scored.index.get_level_values("as_of_date"))
    return {"all": _measures(scored), NEVER: _measures(scored[never])}


def _with_oracle(trial: Trial, folder: Path) -> pd.DataFrame:
    """The scores of model, best rule and oracle of the pupils whose outcome is known, with the outcome."""
    rule = trial.winner(1.0, 0).best_rule
    scores = trial.scores[[MODEL, rule]].set_axis(["model", "best rule"], axis=1)
    scores["happened"] = trial.data.y
    scores = scores[trial.data.known]
    scores["oracle"] = outlook(folder, trial.data.rows)[trial.data.known]
    return scores.dropna(subset="oracle").fillna(-1e9)


def _measures(scored: pd.DataFrame) -> dict[str, Any]:
    happened = scored["happened"]
    told: dict[str, Any] = {"pupils": len(scored), "events": int(happened.sum())}
    for name in ("model", "best rule", "oracle"):
        told[name] = {
            "auroc": round(float(roc_auc_score(happened, scored[name])), 3),
            "average_precision": round(float(average_precision_score(happened, scored[name])), 3),
        }
    return told
