"""What learns from features, on the same footing as a rule: fit on training rows, score the assessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.model.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Learner:
    """A scikit-learn classifier with a name; ``make(columns)`` gives a fresh one for features of these names.

    ``by_period``: whether its ``fit`` takes the ordered periods of the rows as ``groups``.
    """

    name: str
    sentence: str
    make: Callable[[Sequence[str]], Any]
    kind: Literal["peer", "model"] = "peer"
    by_period: bool = False
    looks_at: tuple[str, ...] = ()

    def fit(self, X: pd.DataFrame, rows: pd.DataFrame, y: npt.ArrayLike) -> FittedLearner:
        """The learner fitted on the training rows: ``X``, ``rows`` and 0/1 ``y`` of one length."""
        periods = {"groups": rows["period"].to_numpy()} if self.by_period else {}
        return FittedLearner(self.make(list(X.columns)).fit(X, np.asarray(y), **periods))


@dataclass(frozen=True)
class FittedLearner:
    """A fitted classifier that leaves out whom it should not score."""

    estimator: Any

    def score(self, X: pd.DataFrame, rows: pd.DataFrame) -> FloatArray:
        """The margin where there is one, else the decision function; NaN where not assessed: shape (n,)."""
        rank = getattr(self.estimator, "margin", self.estimator.decision_function)
        return self._where_scorable(rank, X, rows)

    def probability(self, X: pd.DataFrame, rows: pd.DataFrame) -> FloatArray:
        """The probability of the event; NaN where not assessed: shape (n,)."""
        return self._where_scorable(lambda scored: self.estimator.predict_proba(scored)[:, 1], X, rows)

    def scorable(self, X: pd.DataFrame, rows: pd.DataFrame) -> BoolArray:
        """Who is assessed: no reason against it, nothing missing that never was in training. Shape (n,)."""
        assessed = np.asarray(rows["why_not"] == "")
        if hasattr(self.estimator, "unscorable") and len(X):
            assessed = assessed & ~self.estimator.unscorable(X)
        return assessed

    def _where_scorable(
        self, values: Callable[[pd.DataFrame], npt.ArrayLike], X: pd.DataFrame, rows: pd.DataFrame
    ) -> FloatArray:
        scorable = self.scorable(X, rows)
        scores = np.full(len(X), np.nan)
        if scorable.any():
            scores[scorable] = values(X[scorable])
        return scores
