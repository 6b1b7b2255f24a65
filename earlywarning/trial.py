"""The trial: every rung of the ladder on the same test rows, the canary, the gates and the winner."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.audit import DECLARED, Comparison, FairnessAudit, capacity_curves, fairness_audit
from earlywarning.audit.checks import CHECKS, CheckContext, CheckResult, Rows, run_checks
from earlywarning.config import GateSettings, Settings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.errors import WrongUsage
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.boosting import booster_text
from earlywarning.model.canary import canary
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.comparison import Compared, Winner, choose_winner, compared
from earlywarning.model.evaluation import Measures, evaluate
from earlywarning.model.ladder import Fitted, Ranker
from earlywarning.model.learners import FittedLearner
from earlywarning.model.lists import Capacity
from earlywarning.policy import AuditPolicy
from earlywarning.studies import Study
from earlywarning.watchlist.rank import Limit, draw, tie_break, within

MODEL = "model"
PAIRS = (("ethnicity", "sen_provision"),)
"""Attributes that are audited together."""
CURVES = ("ethnicity_major", "sen_provision")
"""Attributes whose groups are followed over longer and shorter lists."""
UNDECLARED = AuditPolicy()
"""No policy was given: what the library declares, and its own material gaps."""
Step = Callable[[str], None]


@dataclass(frozen=True)
class Trial:
    """What every rung did on the test rows of all folds together.

    ``data`` are the tested rows, everyone on roll; ``scores`` and ``probabilities`` have one column a rung
    (NaN: not assessed); ``met`` says of each whether its ``pupil`` and its ``school`` were met in training;
    ``models`` are the classifiers that were tested, one a fold; ``limits`` what every list was held to.
    """

    data: Dataset
    scores: pd.DataFrame
    probabilities: pd.DataFrame
    rungs: Mapping[str, Ranker]
    met: pd.DataFrame
    models: tuple[RiskClassifier, ...]
    limits: tuple[Limit, ...] = ()

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
                drawn_from=self.drawn_from(str(name)),
            )
            for name in self.scores
        }

    def compared(self, seed: int, names: Sequence[str] | None = None) -> Compared:
        """The rungs (or those called ``names``) on the same resamples of pupils and of schools."""
        known = self.data.known
        scores = {name: self.scores[name].to_numpy()[known] for name in names or self.rungs}
        return compared(self.data.y[known], scores, self.clusters(known), seed=seed)

    def winner(self, shipping_slope: float, seed: int) -> Winner:
        """The model where it beats the best rule beyond chance, else that rule (see :meth:`won`)."""
        return self.won(self.compared(seed, [*self.rules, MODEL]), shipping_slope)

    def won(self, compared: Compared, shipping_slope: float) -> Winner:
        """What ``compared`` says won.

        A model that would ship with a calibration slope of 0 or less never wins, whatever it did in the test.
        """
        return choose_winner(compared, rules=self.rules, slope=min(self.slope, shipping_slope))

    @property
    def lists(self) -> int:
        """How many lists were drawn: one an area and date."""
        rows = self.data.rows
        return len(set(zip(rows["area"], rows.index.get_level_values("as_of_date"), strict=True)))

    @property
    def rules(self) -> list[str]:
        """The names of the rungs that are rules."""
        return [name for name, rung in self.rungs.items() if rung.kind == "rule"]

    def clusters(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """The pupil and the school of each of ``rows``, a boolean mask of shape (n_rows,)."""
        schools = self.data.rows["school_id"].to_numpy()
        return {"pupils": self._pupils[rows], "schools": schools[rows]}

    @property
    def slope(self) -> float:
        """The smallest of the model's calibration slopes over the folds."""
        return min(model.calibrator_.slope for model in self.models)

    @property
    def model_hashes(self) -> tuple[str, ...]:
        """Of the boosters that were tested: what ships is refitted and has its own."""
        return tuple(_hash(model) for model in self.models)

    def listed(self, name: str, capacity: Capacity) -> pd.Series:
        """Who would have been on the lists of one rung, drawn as an issue's list is."""
        rows = self.data.rows
        return draw(self.scores[name], rows["area"], capacity, tie_break(rows.index), self.limits)

    def drawn_from(self, name: str) -> pd.Series:
        """The scores of one rung without those beyond a limit: lists of any length are drawn from them."""
        score = self.scores[name]
        return within(score, tie_break(score.index), self.limits) if self.limits else score

    def audit(
        self, name: str, capacity: Capacity, fewest_positives: int, rules: AuditPolicy = UNDECLARED
    ) -> FairnessAudit:
        """How the lists of one rung would have fallen on groups of pupils, terms pooled.

        ``rules`` are the policy's: what was declared before looking, and how large a gap matters.
        """
        rows, attributes = self.data.rows, self.data.attributes
        y, known = (pd.Series(each, index=self.data.X.index) for each in (self.data.y, self.data.known))
        dates = rows.index.get_level_values("as_of_date")
        audit = fairness_audit(
            y,
            self.listed(name, capacity),
            attributes,
            score=self.probabilities.get(name),
            clusters=self._pupils,
            min_positives=fewest_positives,
            known=known,
            schools=rows["school_id"].to_numpy(),
            ranking=self.drawn_from(name).to_numpy(),
            lists=pd.factorize(pd.MultiIndex.from_arrays([rows["area"], dates]))[0],
            pairs=[pair for pair in PAIRS if set(pair) <= set(attributes)],
            declared=[Comparison(*names) for names in rules.comparisons] or DECLARED,
            material=rules.material,
        )
        followed = [each for each in CURVES if each in attributes]
        if not followed:
            return audit
        drawn = capacity_curves(
            y,
            self.drawn_from(name),
            attributes[followed],
            area=rows["area"],
            as_of_date=dates,
            capacity=capacity,
            tie_break=tie_break(rows.index),
            known=known,
            clusters=self._pupils,
        )
        return replace(audit, curves=drawn)

    @property
    def _pupils(self) -> np.ndarray:
        return self.data.X.index.get_level_values("pupil_id").to_numpy()


def capacity_of(study: Study, settings: Settings, rows: pd.DataFrame) -> Capacity:
    """The share the study lists, or the settings' places for each area of ``rows``."""
    if study.share_listed is not None:
        return study.share_listed
    areas = _areas(rows, settings.list.capacity_by_area, "capacity_by_area")
    return {area: settings.list.length(area) for area in areas}


def places_of(settings: Settings, rows: pd.DataFrame) -> dict[str, int]:
    """Programme places for each area of ``rows``; empty where the settings give none.

    Raises:
        WrongUsage: an area has none while another has, or is not known.
    """
    given = settings.list
    areas = _areas(rows, given.programme_places_by_area, "programme_places_by_area")
    places = {area: given.places(area) for area in areas}
    without = [area for area, number in places.items() if not number]
    if without and len(without) < len(areas):
        raise WrongUsage(
            f"list.programme_places_by_area: no places are given for {', '.join(without)}. Give every area "
            "its own, or list.programme_places for the others."
        )
    return {} if without else places


def _areas(rows: pd.DataFrame, given: Mapping[str, int], setting: str) -> list[str]:
    """The areas of ``rows``; refuses a setting for another."""
    areas = sorted(rows["area"].unique())
    if unknown := sorted(set(given) - set(areas)):
        raise WrongUsage(
            f"list.{setting}: {', '.join(unknown)} has nobody on roll; known here: {', '.join(areas)}."
        )
    return areas


def fitted_on(rung: Ranker, data: Dataset, fold: Fold, y: IntArray) -> Fitted:
    """``rung`` fitted on the training rows of ``fold`` with the labels ``y`` of all rows.

    The one place where anything is trained for a test: the trial gives it the labels, the canary permuted
    ones.
    """
    train = data.where(fold.train)
    return rung.fit(train.X, train.rows, y[fold.train])


def run_trial(
    data: Dataset, folds: Sequence[Fold], rungs: Sequence[Ranker], step: Step, limits: Sequence[Limit] = ()
) -> Trial:
    """Every rung trained on the training rows of each fold and scored on its test rows.

    Its lists are held to the ``limits``, which are aligned with ``data``.
    """
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
        scores=pooled(scores, probabilities).reindex(order),
        probabilities=pd.concat(probabilities).reindex(order),
        rungs={rung.name: rung for rung in rungs},
        met=pd.concat(met).reindex(order),
        models=tuple(models),
        limits=tuple(limit.on(order) for limit in limits),
    )


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


def pooled(scores: Sequence[pd.DataFrame], probabilities: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Scores of all folds on one scale: margins of two models cannot be compared, probabilities can."""
    if len(scores) == 1:
        return scores[0]
    together, chances = pd.concat(scores), pd.concat(probabilities)
    together[chances.columns] = chances
    return together
