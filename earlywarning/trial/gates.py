"""The gates of a trial: the canary and every coded check, fold by fold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from earlywarning.audit.checks import CHECKS, CheckContext, CheckResult, Rows, run_checks
from earlywarning.config import GateSettings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.canary import canary
from earlywarning.model.ladder import Ranker
from earlywarning.trial.run import Step, fitted_on


def run_canaries(
    data: Dataset, folds: Sequence[Fold], model: Ranker, settings: GateSettings, seed: int, step: Step
) -> list[dict[str, Any]]:
    """The canary of each fold: ``model`` trained and tested as always, on permuted labels."""
    return [_canary(data, fold, model, settings, seed, step) for fold in folds]


def run_gates(
    data: Dataset,
    folds: Sequence[Fold],
    canaries: Sequence[Mapping[str, Any]],
    settings: GateSettings,
    extracted_on: dt.date,
) -> list[CheckResult]:
    """Every check on every fold; without canaries, every check but the canary."""
    results: list[CheckResult] = []
    for number, fold in enumerate(folds):
        context = CheckContext(
            train=_rows(data.where(fold.train & data.known)),
            test=_rows(data.where(fold.test & data.known)),
            extracted_on=extracted_on,
            canary=canaries[number] if canaries else None,
            min_events_train=settings.fewest_train_events,
            min_events_test=settings.fewest_test_events,
        )
        results += run_checks(context, CHECKS if canaries else CHECKS[1:])
    return results


def _canary(
    data: Dataset, fold: Fold, model: Ranker, settings: GateSettings, seed: int, step: Step
) -> dict[str, Any]:
    known = (fold.train | fold.test) & data.known
    used = data.where(known)

    def fit_and_margin(permuted: IntArray) -> FloatArray:
        step(f"canary on {fold.test_period}: labels permuted between pupils")
        labels = data.y.copy()
        labels[known] = permuted
        return fitted_on(model, data, fold, labels).score(used.X, used.rows)

    return canary(
        fit_and_margin,
        used.y,
        pupils=used.X.index.get_level_values("pupil_id"),
        as_of_date=used.X.index.get_level_values("as_of_date"),
        test=fold.test[known],
        repeats=settings.canary_repeats,
        seed=seed,
    )


def _rows(data: Dataset) -> Rows:
    return Rows(data.X, pd.Series(data.y, index=data.X.index), data.rows)
