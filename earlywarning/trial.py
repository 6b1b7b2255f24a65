"""The trial: every rung of the ladder on the same test rows, the canary, the gates and the winner."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.audit import FairnessAudit, fairness_audit
from earlywarning.audit.checks import CHECKS, CheckContext, CheckResult, Rows, run_checks
from earlywarning.config import GateSettings, Settings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.errors import WrongUsage
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.boosting import booster_text
from earlywarning.model.canary import canary
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.comparison import Winner, choose_winner, interval
from earlywarning.model.evaluation import Measures, evaluate
from earlywarning.model.ladder import Fitted, Ranker
from earlywarning.model.learners import FittedLearner
from earlywarning.model.lists import Capacity, listed
from earlywarning.model.ranking import auroc, average_precision, unscored_last
from earlywarning.studies import Study
from earlywarning.watchlist.rank import tie_break

MODEL = "model"
Step = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """What every rung did on the test rows of all folds together.

    ``data`` are the tested rows, everyone on roll; ``scores`` and ``probabilities`` have one column a rung
    (NaN: not assessed); ``met`` says of each whether its ``pupil`` and its ``school`` were met in training;
    ``slope`` is the smallest of the model's calibration slopes over the folds, and
    ``model_hashes`` are of the boosters that were tested (what ships is refitted and has its own).
    """

    data: Dataset
    scores: pd.DataFrame
    probabilities: pd.DataFrame
    rungs: Mapping[str, Ranker]
    met: pd.DataFrame
    slope: float
    model_hashes: tuple[str, ...]

    def measures(self, capacity: Capacity) -> dict[str, Measures]:
        """The measures of each rung, by name."""
        rows = self.data.rows
        return {
            str(name): evaluate(
                rows["state"],
                self.scores[name],
                area=rows["area"],
                as_of_date=rows.index.get_level_values("as_of_date"),
                capacity=capacity,
                probability=self.probabilities.get(str(name)),
            )
            for name in self.scores
        }

    def winner(self, shipping_slope: float, seed: int) -> Winner:
        """The model where it beats the best rule beyond chance, else that rule.

        A model that would ship with a calibration slope of 0 or less never wins, whatever it did in the test.
        """
        known = self.data.known
        return choose_winner(
            self.data.y[known],
            {str(name): self.scores[name].to_numpy()[known] for name in self.scores},
            rules=[name for name, rung in self.rungs.items() if rung.kind == "rule"],
            slope=min(self.slope, shipping_slope),
            clusters=self._pupils[known],
            seed=seed,
        )

    def intervals(self, name: str, seed: int) -> dict[str, Any]:
        """95% intervals of AUROC and average precision of one rung, from resampling pupils."""
        known = self.data.known
        event, score, pupils = self.data.y[known], self.scores[name].to_numpy()[known], self._pupils[known]
        return {
            measure.__name__: interval(measure, event, score, pupils, seed=seed).to_json()
            for measure in (auroc, average_precision)
        }

    def apart(self, name: str) -> dict[str, dict[str, float | int | None]]:
        """How one rung ranks pupils, and schools, met in training and not; always with the events."""
        known = self.data.known
        parts = {
            f"{what}s {'met' if met else 'not met'} in training": known & (self.met[what] == met).to_numpy()
            for what in ("pupil", "school")
            for met in (True, False)
        }
        return {part: self._ranking(name, rows) for part, rows in parts.items()}

    def _ranking(self, name: str, rows: np.ndarray) -> dict[str, float | int | None]:
        event, score = self.data.y[rows], unscored_last(self.scores[name].to_numpy()[rows])
        values = {measure.__name__: float(measure(event, score)) for measure in (auroc, average_precision)}
        counts: dict[str, float | int | None] = {"n": int(rows.sum()), "events": int(event.sum())}
        return counts | {key: None if np.isnan(value) else value for key, value in values.items()}

    def listed(self, name: str, capacity: Capacity) -> pd.Series:
        """Who would have been on the lists of one rung."""
        rows = self.data.rows
        dates = rows.index.get_level_values("as_of_date")
        return listed(self.scores[name], rows["area"], dates, capacity, tie_break(rows.index))

    def audit(self, name: str, capacity: Capacity, fewest_positives: int) -> FairnessAudit:
        """How the lists of one rung would have fallen on groups of pupils, terms pooled."""
        return fairness_audit(
            pd.Series(self.data.y, index=self.data.X.index),
            self.listed(name, capacity),
            self.data.attributes,
            score=self.probabilities.get(name),
            clusters=self._pupils,
            min_positives=fewest_positives,
            known=pd.Series(self.data.known, index=self.data.X.index),
        )

    @property
    def _pupils(self) -> np.ndarray:
        return self.data.X.index.get_level_values("pupil_id").to_numpy()


def capacity_of(study: Study, settings: Settings, rows: pd.DataFrame) -> Capacity:
    """The share the study lists, or the settings' places for each area of ``rows``."""
    if study.share_listed is not None:
        return study.share_listed
    places = settings.list
    areas = sorted(rows["area"].unique())
    if unknown := sorted(set(places.capacity_by_area) - set(areas)):
        raise WrongUsage(
            f"list.capacity_by_area: {', '.join(unknown)} has nobody on roll; known here: {', '.join(areas)}."
        )
    return {area: places.capacity_by_area.get(area, places.capacity) for area in areas}


def fitted_on(rung: Ranker, data: Dataset, fold: Fold, y: IntArray) -> Fitted:
    """``rung`` fitted on the training rows of ``fold`` with the labels ``y`` of all rows.

    The one place where anything is trained for a test: the trial gives it the labels, the canary permuted
    ones.
    """
    train = data.where(fold.train)
    return rung.fit(train.X, train.rows, y[fold.train])


def run_trial(data: Dataset, folds: Sequence[Fold], rungs: Sequence[Ranker], step: Step) -> Trial:
    """Every rung trained on the training rows of each fold and scored on its test rows."""
    scores, probabilities, tested, met = [], [], [], []
    models: list[RiskClassifier] = []
    for fold in folds:
        test = data.where(fold.test)
        score, chance = {}, {}
        for rung in rungs:
            step(f"testing on {fold.test_period}: {rung.name}")
            fitted = fitted_on(rung, data, fold, data.y)
            score[rung.name] = fitted.score(test.X, test.rows)
            probability = fitted.probability(test.X, test.rows)
            if probability is not None:
                chance[rung.name] = probability
            if isinstance(fitted, FittedLearner) and rung.kind == "model":
                models.append(fitted.estimator)
        scores.append(pd.DataFrame(score, index=test.X.index))
        probabilities.append(pd.DataFrame(chance, index=test.X.index))
        tested.append(fold.test)
        met.append(_met(data, fold))
    together = data.where(np.any(tested, axis=0))
    order = together.X.index
    return Trial(
        data=together,
        scores=_pooled(scores, probabilities).reindex(order),
        probabilities=pd.concat(probabilities).reindex(order),
        rungs={rung.name: rung for rung in rungs},
        met=pd.concat(met).reindex(order),
        slope=min(model.calibrator_.slope for model in models),
        model_hashes=tuple(_hash(model) for model in models),
    )


def run_canaries(
    data: Dataset, folds: Sequence[Fold], model: Ranker, settings: GateSettings, seed: int, step: Step
) -> list[dict[str, Any]]:
    """The canary of each fold: the model trained and tested as always, on permuted labels."""
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


def _met(data: Dataset, fold: Fold) -> pd.DataFrame:
    """Whether the pupil and the school of each test row are among the training rows."""
    pupils, schools = data.rows.index.get_level_values("pupil_id"), data.rows["school_id"]
    return pd.DataFrame(
        {
            "pupil": pupils[fold.test].isin(pupils[fold.train]),
            "school": schools[fold.test].isin(schools[fold.train]).to_numpy(),
        },
        index=data.rows.index[fold.test],
    )


def _hash(model: RiskClassifier) -> str:
    texts = "".join(booster_text(booster) for booster in model.boosters_)
    return hashlib.sha256(texts.encode()).hexdigest()


def _rows(data: Dataset) -> Rows:
    return Rows(data.X, pd.Series(data.y, index=data.X.index), data.rows)


def _pooled(scores: Sequence[pd.DataFrame], probabilities: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Scores of all folds on one scale: margins of two models cannot be compared, probabilities can."""
    if len(scores) == 1:
        return scores[0]
    together, chances = pd.concat(scores), pd.concat(probabilities)
    together[chances.columns] = chances
    return together
