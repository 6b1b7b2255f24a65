"""How near the model comes to its limit: the same features and learner, taught by five times the pupils.

For each seed five authorities are made with the same schools and other pupils. The model learns from the
first alone, the limit from all five; both, the best rule and the oracle rank the test pupils of the first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.bi_borough.outlook import outlook
from earlywarning import config
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.splits import temporal_folds
from earlywarning.model.evaluation import calibration
from earlywarning.model.ladder import ladder
from earlywarning.model.ranking import average_precision, unscored_last
from earlywarning.pipeline import build_history, checked_extracts
from earlywarning.shipping import classifier_of
from earlywarning.studies import Study
from earlywarning.studies.secondary import SECONDARY
from earlywarning.synthetic.authority import Authority, found
from earlywarning.synthetic.generate import tell
from earlywarning.trial import fitted_on

TIMES = 5
YEARS = 4
RESAMPLES = 200
LEAST = 0.85
NOT_APPLICABLE = 0.02
"""Where the limit is less than this above the rule there is nothing to come near to."""
RANKINGS = ("model", "limit", "best rule", "oracle")


def limit(pupils: int, seeds: int) -> dict[str, Any]:
    """Average precision by seed, and the share of the way from rule to limit as a ratio of means."""
    settings = config.load()
    study = SECONDARY.narrowed(settings.features.families)
    tested = {seed: _one(study, settings, seed, pupils) for seed in range(1, seeds + 1)}
    values = {seed: _precisions(rows, None) for seed, rows in tested.items()}
    reached = _reached(list(values.values()))
    drawn = [_reached([_resampled(rows, draw) for rows in tested.values()]) for draw in range(RESAMPLES)]
    means = {name: float(np.mean([of_seed[name] for of_seed in values.values()])) for name in RANKINGS}
    asked = means["limit"] - means["best rule"] >= NOT_APPLICABLE
    return {
        "pupils": pupils,
        "years": YEARS,
        "by seed": {seed: _told(tested[seed], values[seed]) for seed in tested},
        "means": {name: round(value, 4) for name, value in means.items()},
        "share of the way from rule to limit": {
            "value": round(reached, 3),
            "interval": [round(float(np.quantile(drawn, at)), 3) for at in (0.025, 0.975)],
            "limit": LEAST,
            "applicable": asked,
            "met": reached >= LEAST or not asked,
        },
        "share of the oracle": round(means["model"] / means["oracle"], 3),
    }


def _one(study: Study, settings: Settings, seed: int, pupils: int) -> pd.DataFrame:
    """Outcome, rankings and the model's probability of the test pupils with a known outcome."""
    taught: list[Dataset] = []
    for data, truth in _worlds(study, settings, seed, pupils):
        (fold,) = temporal_folds(study, data)
        taught.append(data.where(fold.train))
        if len(taught) > 1:
            continue
        test = data.where(fold.test & data.known)
        rungs = ladder(data.X.columns, rules=study.rules, classifier=classifier_of(settings, data.features))
        rules = {
            rung.name: fitted_on(rung, data, fold, data.y).score(test.X, test.rows)
            for rung in rungs
            if rung.kind == "rule"
        }
        best = max(rules, key=lambda name: float(average_precision(test.y, unscored_last(rules[name]))))
        model = fitted_on(rungs[-1], data, fold, data.y)
        rows = pd.DataFrame({"event": test.y, "best rule": rules[best]}, index=test.X.index)
        rows["model"] = model.score(test.X, test.rows)
        rows["probability"] = model.probability(test.X, test.rows)
        rows["oracle"] = truth.reindex(rows.index)
        asked = test
    classifier = classifier_of(settings, taught[0].features).fit(
        pd.concat([data.X for data in taught]),
        np.concatenate([data.y for data in taught]),
        groups=np.concatenate([data.rows["period"].to_numpy() for data in taught]),
    )
    margin = classifier.decision_function(asked.X)
    return rows.assign(limit=np.where(asked.rows["why_not"].to_numpy() == "", margin, np.nan))


def _worlds(study: Study, settings: Settings, seed: int, pupils: int) -> Iterator[tuple[Dataset, pd.Series]]:
    """The authorities of a seed, one after the other: the dataset, and what the oracle knows."""
    first = found(seed, pupils, YEARS)
    for block in range(TIMES):
        authority = replace(
            found(seed, pupils, YEARS, block=block), schools=first.schools, silences=first.silences
        )
        with tempfile.TemporaryDirectory(prefix="earlywarning-limit-") as scratch:
            yield _dataset(study, settings, authority, Path(scratch) / "data")


def _dataset(
    study: Study, settings: Settings, authority: Authority, place: Path
) -> tuple[Dataset, pd.Series]:
    tell(place, "parquet", [authority])
    with checked_extracts(study, place, settings) as checked:
        data = assemble(study, build_history(study, checked))
    return data, outlook(place, data.rows)


def _precisions(rows: pd.DataFrame, weights: np.ndarray | None) -> dict[str, float]:
    return {
        name: float(average_precision(rows["event"], unscored_last(rows[name]), weights)) for name in RANKINGS
    }


def _resampled(rows: pd.DataFrame, draw: int) -> dict[str, float]:
    pupils = pd.factorize(rows.index.get_level_values("pupil_id"))[0]
    many = int(pupils.max()) + 1
    times = np.bincount(np.random.default_rng(draw).integers(many, size=many), minlength=many)
    return _precisions(rows, times[pupils])


def _reached(values: list[dict[str, float]]) -> float:
    model, best, rule = (np.mean([one[name] for one in values]) for name in ("model", "limit", "best rule"))
    return float((model - rule) / (best - rule))


def _told(rows: pd.DataFrame, values: dict[str, float]) -> dict[str, Any]:
    state = np.where(rows["event"] == 1, "event", "no_event")
    told = calibration(state, rows["probability"])
    return {"pupils' terms": len(rows), "events": int(rows["event"].sum())} | {
        name: None if value is None else round(value, 4)
        for name, value in (
            values | {key: told[key] for key in ("calibration_slope", "calibration_in_the_large")}
        ).items()
    }
