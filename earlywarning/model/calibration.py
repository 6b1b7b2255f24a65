"""From a margin to a probability with two numbers, fitted on margins of rows the boosters did not see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedKFold

from earlywarning.model.arrays import BoolArray, FloatArray, IntArray

Folds: TypeAlias = tuple[tuple[IntArray, IntArray], ...]


@dataclass(frozen=True)
class Platt:
    """Calibrated log-odds = ``intercept + slope × margin`` (Platt 1999).

    Affine on the margin, so contributions to the margin stay exact contributions to the log-odds and no two
    pupils become tied. ``fit`` may return a slope of zero or below: such a calibrator turns the ranking
    round or flattens it, and whoever ships a model must refuse it (the bundle does).
    """

    intercept: float
    slope: float

    @classmethod
    def fit(cls, margin: npt.ArrayLike, event: npt.ArrayLike) -> Platt:
        """The calibrator for margins of shape (n,) and their 0/1 outcomes.

        Outcomes are smoothed as Platt did, towards ½ by one row of each class: a perfect separation keeps a
        finite slope, and with as few as 20 events nothing visible changes. Margins that are all the same
        give slope 0.

        >>> Platt.fit([-2.0, -1.0, 0.0, 1.0], [0, 1, 0, 1]).slope > 0
        True
        """
        outcome = np.asarray(event, dtype=np.float64)
        events, others = outcome.sum(), (1 - outcome).sum()
        smoothed = np.where(outcome == 1, (events + 1) / (events + 2), 1 / (others + 2))
        return cls(*logistic_line(np.asarray(margin, dtype=np.float64), smoothed))

    def apply(self, margin: FloatArray) -> FloatArray:
        """The calibrated log-odds of ``margin``."""
        return self.intercept + self.slope * margin

    def to_json(self) -> dict[str, float]:
        """The two numbers, ready for JSON."""
        return {"intercept": self.intercept, "slope": self.slope}

    @classmethod
    def from_json(cls, numbers: Mapping[str, float]) -> Platt:
        """The calibrator that ``to_json`` wrote."""
        return cls(float(numbers["intercept"]), float(numbers["slope"]))


def logistic_line(x: FloatArray, target: FloatArray) -> tuple[float, float]:
    """Intercept and slope of the logistic regression of ``target`` (0 to 1) on ``x``, by Newton's method.

    The maximum must exist: targets strictly between 0 and 1, or outcomes that ``x`` does not separate. A
    constant ``x`` has slope 0.
    """
    centre, spread = float(x.mean()), float(x.std())
    if spread <= 1e-12 * (1 + abs(centre)):
        share = float(target.mean())
        return float(np.log(share / (1 - share))), 0.0
    design = np.column_stack([np.ones_like(x), (x - centre) / spread])
    line = np.zeros(2)
    for _ in range(100):
        expected = 1 / (1 + np.exp(-design @ line))
        curvature = (design.T * (expected * (1 - expected))) @ design
        gradient = design.T @ (target - expected)
        step = np.asarray(np.linalg.solve(curvature + 1e-12 * np.eye(2), gradient), dtype=np.float64)
        line = _uphill(design, target, line, step)
        if np.abs(step).max() < 1e-10:
            break
    slope = float(line[1] / spread)
    return float(line[0] - slope * centre), slope


def _uphill(design: FloatArray, target: FloatArray, line: FloatArray, step: FloatArray) -> FloatArray:
    """``line`` moved by ``step``, halved until the likelihood does not fall: far out, Newton overshoots."""

    def likelihood(at: FloatArray) -> float:
        odds = design @ at
        return float(target @ odds - np.logaddexp(0, odds).sum())

    before = likelihood(line)
    for _ in range(30):
        if likelihood(line + step) >= before:
            return np.asarray(line + step)
        step = step / 2
    return line


def calibration_folds(
    X: FloatArray, event: IntArray, groups: npt.NDArray[np.generic] | None, seed: int
) -> tuple[Literal["earlier periods", "out of fold"], Folds]:
    """How margins for the calibration are made, and the (train, score) row numbers of each fold.

    With ``groups`` (ordered periods, for example academic years): each period is scored by boosters that
    saw only earlier ones, which is how the model will be used. Without, with one period only, or where the
    later periods hold one class only: five stratified folds (fewer with fewer events). As in use, a row
    with a missing value where its fold's training had none is not scored.
    """
    missing = np.isnan(X)
    if groups is not None:
        folds = _scorable(missing, earlier_periods(event, groups))
        events, rows = (sum(count(event[score]) for _, score in folds) for count in (np.sum, np.size))
        if 0 < events < rows:
            return "earlier periods", folds
    parts = int(min(5, np.bincount(event, minlength=2).min()))
    splitter = StratifiedKFold(parts, shuffle=True, random_state=seed)
    return "out of fold", _scorable(missing, splitter.split(X, event))


def earlier_periods(event: IntArray, groups: npt.NDArray[np.generic]) -> Iterator[tuple[IntArray, IntArray]]:
    """For each period after the first: the rows of all earlier periods, and its own.

    Periods before the first with both outcomes only train.

    >>> [(train.tolist(), score.tolist()) for train, score in
    ...  earlier_periods(np.array([0, 1, 0, 1]), np.array(["2021/22", "2021/22", "2022/23", "2023/24"]))]
    [([0, 1], [2]), ([0, 1, 2], [3])]
    """
    periods, order = np.unique(groups, return_inverse=True)
    for period in range(1, len(periods)):
        train = np.flatnonzero(order < period)
        if 0 < event[train].sum() < train.size:
            yield train, np.flatnonzero(order == period)


def _scorable(missing: BoolArray, folds: Iterable[tuple[IntArray, IntArray]]) -> Folds:
    """The folds without rows that their training could not score, and without folds that score nobody."""
    kept = []
    for train, score in folds:
        complete = ~missing[train].any(axis=0)
        scored = score[~missing[np.ix_(score, complete)].any(axis=1)]
        if len(scored):
            kept.append((train, scored))
    return tuple(kept)
