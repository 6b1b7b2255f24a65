"""The ladder: rules, then peers, then the model, each fitted and scored in the same way on the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Protocol

import numpy.typing as npt
import pandas as pd

from earlywarning.model.arrays import FloatArray
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.learners import Learner
from earlywarning.model.peers import PEERS
from earlywarning.model.rules import RULES, Rule


class Fitted(Protocol):
    """What can score everyone on roll; ``rows`` has ``why_not``, ``school_id`` and ``group``."""

    def score(self, X: pd.DataFrame, rows: pd.DataFrame) -> FloatArray:
        """What pupils are ranked on, higher first; NaN where not assessed: shape (n,)."""

    def probability(self, X: pd.DataFrame, rows: pd.DataFrame) -> FloatArray | None:
        """The probability of the event, NaN where not assessed; ``None`` from what estimates none."""


class Ranker(Protocol):
    """One rung: a rule, a peer or the model."""

    @property
    def name(self) -> str:
        """What it is called in results; the model is ``"model"``."""

    @property
    def sentence(self) -> str:
        """What it is, in words."""

    @property
    def kind(self) -> Literal["rule", "peer", "model"]:
        """Which part of the ladder it belongs to."""

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The features it cannot do without."""

    def fit(self, X: pd.DataFrame, rows: pd.DataFrame, y: npt.ArrayLike) -> Fitted:
        """It, fitted on training rows; ``rows`` has ``period``, ``school_id`` and ``group``."""


def model(classifier: RiskClassifier | None = None) -> Learner:
    """The top rung: a copy of ``classifier`` (by default as it comes), calibrated on earlier periods.

    Directions by name are kept for the columns it is fitted on: without a family, they go with it.
    """
    parameters = (classifier or RiskClassifier()).get_params()

    def make(columns: Sequence[str]) -> RiskClassifier:
        asked = parameters["monotonic_cst"]
        if isinstance(asked, Mapping):
            asked = {name: asked[name] for name in columns if name in asked}
        return RiskClassifier(**parameters | {"monotonic_cst": asked})

    return Learner(
        name="model",
        sentence="small boosted trees on every feature",
        make=make,
        kind="model",
        by_period=True,
    )


def single_seed(classifier: RiskClassifier) -> Learner:
    """The top rung with one booster for the average of several: for questions that need many fits.

    It can only rank a little worse; whether labels leak, or schools carry over, shows all the same.
    """
    return model(RiskClassifier(**classifier.get_params() | {"n_seeds": 1}))


def ladder(
    features: Iterable[str],
    *,
    rules: Iterable[Rule] = tuple(RULES.values()),
    peers: Iterable[Learner] = tuple(PEERS.values()),
    classifier: RiskClassifier | None = None,
) -> tuple[Ranker, ...]:
    """Every rung in order, without rules that look at a feature the study does not have.

    >>> [rung.name for rung in ladder(["attendance_absence_rate_3t"])]
    ['school_group_rate', 'logistic_regression', 'histogram_boosting', 'model']
    """
    have = set(features)
    fitting = [rule for rule in rules if have.issuperset(rule.looks_at)]
    return (*fitting, *peers, model(classifier))
