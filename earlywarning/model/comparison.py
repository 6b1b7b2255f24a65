"""How sure one can be of a measure, and whether the model beats the best rule: resampling of pupils."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from earlywarning.errors import WrongUsage
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.ranking import average_precision, unscored_last

BLOCK = 2_000_000
"""Resamples are worked through in blocks of about this many numbers, which keeps memory under 0.2 GB."""

RankingMeasure: TypeAlias = Callable[[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None], FloatArray]
"""``auroc`` or ``average_precision``: (event, score, weights) to one value a resample."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95% interval, and how many events, clusters and resamples it rests on.

    ``value`` is ``None`` where it is undefined; so are the limits where fewer than 95% of the resamples
    have a value.
    """

    value: float | None
    lower: float | None
    upper: float | None
    events: int
    clusters: int
    resamples: int

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above zero; an undefined one does not."""
        return self.lower is not None and self.lower > 0

    def to_json(self) -> dict[str, float | int | None]:
        """The estimate, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Winner:
    """What the list is made from: ``name`` is ``"model"`` or the best rule's, ``why`` a plain clause."""

    name: str
    best_rule: str
    difference: Estimate
    why: str

    def to_json(self) -> dict[str, Any]:
        """The choice, ready for JSON."""
        return asdict(self)


def interval(
    measure: RankingMeasure,
    event: npt.ArrayLike,
    score: npt.ArrayLike,
    clusters: npt.ArrayLike,
    *,
    n: int = 500,
    seed: int = 0,
) -> Estimate:
    """``measure`` of ``score`` with an interval from ``n`` resamples of whole ``clusters`` (pupils).

    Arrays have shape (n_rows,): rows with a known outcome. NaN scores rank last.

    >>> estimate = interval(average_precision, [1, 0] * 20, np.arange(40.0), np.arange(40))
    >>> estimate.lower < estimate.value < estimate.upper
    True
    """
    ranked = unscored_last(score)
    return _bootstrap(lambda weights: measure(event, ranked, weights), event, clusters, n, seed)


def paired_difference(
    event: npt.ArrayLike,
    score_a: npt.ArrayLike,
    score_b: npt.ArrayLike,
    clusters: npt.ArrayLike,
    *,
    measure: RankingMeasure = average_precision,
    n: int = 500,
    seed: int = 0,
) -> Estimate:
    """``measure`` of ``score_a`` less that of ``score_b``, both on the same resampled pupils.

    A pupil's rows on several ``as_of_date`` are drawn together, because they share whatever makes that
    pupil easy or hard to rank.

    >>> score = np.arange(40.0)
    >>> paired_difference(score > 29, score, -score, np.arange(40)).above_zero
    True
    """
    a, b = unscored_last(score_a), unscored_last(score_b)
    return _bootstrap(
        lambda weights: measure(event, a, weights) - measure(event, b, weights),
        event,
        clusters,
        n,
        seed,
    )


def choose_winner(
    event: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike],
    *,
    rules: Sequence[str],
    slope: float,
    clusters: npt.ArrayLike,
    n: int = 500,
    seed: int = 0,
) -> Winner:
    """The model where it beats the best rule in average precision beyond chance, else that rule.

    ``scores`` maps ``"model"`` and each of ``rules`` to its score on the same test rows (known outcomes).
    The best rule is picked on those very rows, which flatters it, so the comparison is hard on the model.
    The model wins only when the 95% interval of the paired difference lies above zero and its calibration
    ``slope`` is positive.

    Raises:
        WrongUsage: there is no rule to compare with.
    """
    if not rules:
        raise WrongUsage("No simple rule was given to compare the model with: give the study at least one.")
    precision = {rule: float(average_precision(event, unscored_last(scores[rule]))) for rule in rules}
    best = max(rules, key=lambda rule: np.nan_to_num(precision[rule], nan=-1.0))
    difference = paired_difference(event, scores["model"], scores[best], clusters, n=n, seed=seed)
    name = best
    if slope <= 0:
        why = "the model's calibration slope is not positive"
    elif difference.lower is None:
        why = "there are too few events to compare the model with the rule"
    elif not difference.above_zero:
        why = "the model's average precision does not beat the best rule's beyond chance"
    else:
        name, why = "model", "the model's average precision beats the best rule's beyond chance"
    return Winner(name, best, difference, why)


def _bootstrap(
    statistic: Callable[[npt.ArrayLike | None], FloatArray],
    event: npt.ArrayLike,
    clusters: npt.ArrayLike,
    n: int,
    seed: int,
) -> Estimate:
    """``statistic`` of the rows as they are, with a percentile interval over resampled clusters."""
    code = np.unique(np.asarray(clusters), return_inverse=True)[1]
    value = float(statistic(None))
    drawn = np.concatenate([statistic(weights) for weights in _cluster_weights(code, n, seed)])
    drawn = drawn[~np.isnan(drawn)]
    sure = not np.isnan(value) and len(drawn) >= 0.95 * n
    return Estimate(
        value=None if np.isnan(value) else value,
        lower=float(np.quantile(drawn, 0.025)) if sure else None,
        upper=float(np.quantile(drawn, 0.975)) if sure else None,
        events=int(np.sum(np.asarray(event) == 1)),
        clusters=int(code.max()) + 1,
        resamples=n,
    )


def _cluster_weights(code: IntArray, n: int, seed: int) -> Iterator[IntArray]:
    """How often each row is drawn in each of ``n`` resamples of clusters: blocks of (b, n_rows)."""
    random, clusters = np.random.default_rng(seed), int(code.max()) + 1
    block = max(1, BLOCK // len(code))
    for first in range(0, n, block):
        size = min(block, n - first)
        drawn = random.integers(clusters, size=(size, clusters)) + clusters * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * clusters).reshape(size, clusters)[:, code]
