"""Fairlearn's reductions as one more learner, for the study of mitigation and for nothing else.

A reduction learns many plain models, each on other weights, until their mixture is even between groups.
Fairlearn then draws one of them at random for each pupil. Nothing here does: pupils are ranked on the mean of
what the models say, so the same pupil has the same score. It looks at groups in training and at none when it
scores. What it makes is never saved: a bundle holds boosters alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.errors import Pandas4Warning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from earlywarning.model.arrays import FloatArray

ROUNDS = 12
"""Iterations of the reduction at most: each trains a model."""
CONSTRAINTS = {
    "equal recall": "TruePositiveRateParity",
    "equal selection": "DemographicParity",
}
"""What a reduction makes even between groups, and what Fairlearn calls it."""


@dataclass(frozen=True, eq=False)
class Reduction:
    """A rung that evens out ``constraint`` between the groups of ``attribute`` while it trains.

    ``attribute`` has the index of the dataset; ``listed`` is the share of all on roll who are listed: models
    are held to the threshold that such a list amounts to, because at one half nobody would be predicted.
    """

    constraint: str
    attribute: pd.Series[Any]
    listed: float
    kind: Literal["peer"] = "peer"
    looks_at: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What is made even, and between which groups."""
        return f"{self.constraint} by {self.attribute.name}"

    @property
    def sentence(self) -> str:
        """What it is, in words."""
        return f"a mixture of logistic regressions with {self.name} (Fairlearn)"

    def fit(self, X: pd.DataFrame, rows: pd.DataFrame, y: npt.ArrayLike) -> Mixture:
        """The mixture, fitted on training rows."""
        del rows
        from fairlearn import reductions

        event, groups = np.asarray(y, dtype=int), self.attribute.loc[X.index].to_numpy()
        prepared = _prepared().fit(X)
        scaled = prepared.transform(X)
        plain = LogisticRegression(C=0.01, max_iter=500)
        chance = plain.fit(scaled, event).predict_proba(scaled)[:, 1]
        threshold = float(np.clip(np.quantile(chance, 1 - self.listed), 0.01, 0.99))
        costs = {"fp": threshold, "fn": 1 - threshold}
        reduction = reductions.ExponentiatedGradient(
            LogisticRegression(C=0.01, max_iter=500),
            constraints=getattr(reductions, CONSTRAINTS[self.constraint])(difference_bound=0.01),
            objective=reductions.ErrorRate(costs=costs),
            max_iter=ROUNDS,
            eps=0.02,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pandas4Warning)  # Fairlearn 0.15 sets by a key that is not there
            reduction.fit(scaled, event, sensitive_features=groups)
        weights = np.asarray(reduction.weights_, dtype=float)
        kept = [number for number in range(len(weights)) if weights[number] > 0]
        return Mixture(prepared, [reduction.predictors_[number] for number in kept], weights[kept])


@dataclass(frozen=True, eq=False)
class Mixture:
    """Models with a weight each; it scores without looking at a group, and without chance."""

    prepared: Pipeline
    models: Sequence[Any]
    weights: FloatArray

    def score(self, X: pd.DataFrame, rows: pd.DataFrame) -> FloatArray:
        """The weighted mean of the models' probabilities; NaN where not assessed: shape (n,)."""
        scaled = self.prepared.transform(X)
        said = np.column_stack([_chance(model, scaled) for model in self.models])
        mean = said @ (self.weights / self.weights.sum())
        return np.asarray(np.where(rows["why_not"] == "", mean, np.nan))

    def probability(self, X: pd.DataFrame, rows: pd.DataFrame) -> None:
        """None: the models learnt on weights, so what they say is no probability of the event."""
        del X, rows


def _chance(model: Any, scaled: FloatArray) -> FloatArray:
    """What one model says; one that saw a single class on its weights says the same of everybody."""
    if not hasattr(model, "predict_proba"):
        return np.asarray(model.predict(scaled), dtype=float)
    said = model.predict_proba(scaled)
    return np.asarray(said[:, 1] if said.shape[1] > 1 else np.full(len(scaled), float(model.classes_[0])))


def _prepared() -> Pipeline:
    """Medians where a value is missing, an indicator that it was, and one scale."""
    return make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )
