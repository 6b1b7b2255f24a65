"""How sure one can be of a measure, and whether the model beats the best rule: pupils and schools resampled.

Other pupils could have been at these schools, and other schools could have been asked: what a suspension
takes is partly a school's practice. So pupils are resampled, and schools are, and the wider interval counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, stdtrit

from earlywarning.errors import WrongUsage
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.ranking import auroc, average_precision, unscored_last

BLOCK = 2_000_000
"""Resamples are worked through in blocks of about this many numbers, which keeps memory under 0.2 GB."""

FEW = 10
"""An interval from fewer clusters is said to be from few: even stretched it may be too narrow."""

UNDEFINED = (-np.inf, np.inf)
"""The limits of what cannot be told: wider than any other."""

RankingMeasure: TypeAlias = Callable[[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike | None], FloatArray]
"""``auroc`` or ``average_precision``: (event, score, weights) to one value a resample."""

Statistic: TypeAlias = Callable[[IntArray | None], FloatArray]
"""Whole-number weights of the rows, (b, n_rows), to b values; without weights to the value as it is."""

Clusters: TypeAlias = npt.ArrayLike | Mapping[str, npt.ArrayLike]
"""To which pupil each row belongs, (n_rows,); or by name, such as ``{"pupils": ..., "schools": ...}``."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95% interval, and how many events, clusters and resamples it rests on.

    ``by`` says what was resampled for the interval: the wider of those tried. ``value`` is ``None`` where
    it is undefined; so are the limits where fewer than 95% of the resamples have a value, or where there is
    one cluster only.
    """

    value: float | None
    lower: float | None
    upper: float | None
    events: int
    clusters: int
    resamples: int
    by: str = "pupils"

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above zero; an undefined one does not."""
        return self.lower is not None and self.lower > 0

    def to_json(self) -> dict[str, Any]:
        """The estimate, ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Draws:
    """One statistic on the rows as they are, and on ``n`` resamples of each kind of cluster.

    ``drawn`` has an array of shape (n,) for each kind, ``sizes`` the number of clusters. What was drawn
    together can be subtracted: the difference is then of the same resamples.
    """

    value: float
    drawn: Mapping[str, FloatArray]
    sizes: Mapping[str, int]
    events: int

    def __sub__(self, other: Draws) -> Draws:
        drawn = {by: values - other.drawn[by] for by, values in self.drawn.items()}
        return Draws(self.value - other.value, drawn, self.sizes, self.events)

    def estimate(self) -> Estimate:
        """The value with the widest of its intervals; undefined where one that could be drawn is.

        A single cluster cannot be resampled, and is left out: with one school, schools say nothing.
        """
        limits = {by: self._limits(by) for by, size in self.sizes.items() if size > 1}
        by = max(limits, key=lambda by: limits[by][1] - limits[by][0], default=next(iter(self.sizes)))
        lower, upper = limits.get(by, UNDEFINED)
        defined = not np.isnan(self.value)
        return Estimate(
            value=self.value if defined else None,
            lower=lower if defined and np.isfinite(lower) else None,
            upper=upper if defined and np.isfinite(upper) else None,
            events=self.events,
            clusters=self.sizes[by],
            resamples=len(self.drawn[by]),
            by=by,
        )

    def _limits(self, by: str) -> tuple[float, float]:
        """The expanded percentile interval; undefined where over 5% of the resamples have no value."""
        values = self.drawn[by][~np.isnan(self.drawn[by])]
        if len(values) < 0.95 * len(self.drawn[by]):
            return UNDEFINED
        tail = tail_of(self.sizes[by])
        lower, upper = np.quantile(values, [tail, 1 - tail])
        return float(lower), float(upper)


@dataclass(frozen=True)
class Compared:
    """AUROC and average precision of several scores on the same resamples: any two can be compared."""

    draws: Mapping[tuple[str, str], Draws] = field(repr=False)

    def estimate(self, name: str, measure: RankingMeasure = average_precision) -> Estimate:
        """``measure`` of the score called ``name``, with its interval."""
        return self.draws[name, measure.__name__].estimate()

    def difference(self, name: str, other: str, measure: RankingMeasure = average_precision) -> Estimate:
        """``measure`` of ``name`` less that of ``other``, with the interval of the paired difference."""
        return (self.draws[name, measure.__name__] - self.draws[other, measure.__name__]).estimate()


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


def compared(
    event: npt.ArrayLike,
    scores: Mapping[str, npt.ArrayLike],
    clusters: Clusters,
    *,
    n: int = 500,
    seed: int = 0,
) -> Compared:
    """``scores`` by name, each (n_rows,), measured on the same rows with a known outcome.

    >>> score = np.arange(40.0)
    >>> both = compared(score > 29, {"model": score, "rule": -score}, np.arange(40))
    >>> both.difference("model", "rule").above_zero
    True
    """
    statistics = {
        (name, measure.__name__): _statistic(measure, event, score)
        for name, score in scores.items()
        for measure in (auroc, average_precision)
    }
    return Compared(resampled(statistics, event, clusters, n=n, seed=seed))


def interval(
    measure: RankingMeasure,
    event: npt.ArrayLike,
    score: npt.ArrayLike,
    clusters: Clusters,
    *,
    n: int = 500,
    seed: int = 0,
) -> Estimate:
    """``measure`` of ``score`` with an interval from ``n`` resamples of whole ``clusters``.

    Arrays have shape (n_rows,): rows with a known outcome. NaN scores rank last.

    >>> estimate = interval(average_precision, [1, 0] * 20, np.arange(40.0), np.arange(40))
    >>> estimate.lower < estimate.value < estimate.upper
    True
    """
    return resampled({"it": _statistic(measure, event, score)}, event, clusters, n=n, seed=seed)[
        "it"
    ].estimate()


def paired_difference(
    event: npt.ArrayLike,
    score_a: npt.ArrayLike,
    score_b: npt.ArrayLike,
    clusters: Clusters,
    *,
    measure: RankingMeasure = average_precision,
    n: int = 500,
    seed: int = 0,
) -> Estimate:
    """``measure`` of ``score_a`` less that of ``score_b``, both on the same resamples.

    A pupil's rows on several ``as_of_date`` are drawn together, because they share whatever makes that
    pupil easy or hard to rank; so are the rows of a school.

    >>> score = np.arange(40.0)
    >>> paired_difference(score > 29, score, -score, np.arange(40)).above_zero
    True
    """
    both = {"a": _statistic(measure, event, score_a), "b": _statistic(measure, event, score_b)}
    draws = resampled(both, event, clusters, n=n, seed=seed)
    return (draws["a"] - draws["b"]).estimate()


def choose_winner(compared: Compared, *, rules: Sequence[str], slope: float) -> Winner:
    """The model where it beats the best rule in average precision beyond chance, else that rule.

    ``compared`` holds ``"model"`` and each of ``rules`` on the same test rows. The best rule is picked on
    those very rows, which flatters it, so the comparison is hard on the model. The model wins only when the
    95% interval of the paired difference lies above zero and its calibration ``slope`` is positive.

    Raises:
        WrongUsage: there is no rule to compare with.
    """
    if not rules:
        raise WrongUsage("No simple rule was given to compare the model with: give the study at least one.")
    precision = {rule: compared.draws[rule, average_precision.__name__].value for rule in rules}
    best = max(rules, key=lambda rule: np.nan_to_num(precision[rule], nan=-1.0))
    difference = compared.difference("model", best)
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


def resampled(
    statistics: Mapping[Any, Statistic],
    event: npt.ArrayLike,
    clusters: Clusters,
    *,
    n: int = 500,
    seed: int = 0,
) -> dict[Any, Draws]:
    """Each of ``statistics`` on the rows as they are, and on ``n`` resamples of each kind of ``clusters``."""
    kinds = clusters if isinstance(clusters, Mapping) else {"pupils": clusters}
    codes = {by: np.unique(np.asarray(of), return_inverse=True)[1] for by, of in kinds.items()}
    drawn: dict[Any, dict[str, FloatArray]] = {name: {} for name in statistics}
    for by, code in codes.items():
        blocks: dict[Any, list[FloatArray]] = {name: [np.empty(0)] for name in statistics}
        for weights in _cluster_weights(code, n, seed) if len(code) else ():
            for name, statistic in statistics.items():
                blocks[name].append(statistic(weights))
        for name, values in blocks.items():
            drawn[name][by] = np.concatenate(values)
    sizes = {by: int(code.max(initial=-1)) + 1 for by, code in codes.items()}
    events = int(np.sum(np.asarray(event) == 1))
    return {name: Draws(float(one(None)), drawn[name], sizes, events) for name, one in statistics.items()}


def tail_of(clusters: int, level: float = 0.95) -> float:
    """The share to leave out at each end of the resamples of that many ``clusters``, for 95% or ``level``.

    2.5% of few clusters is too narrow: their resamples vary as if by n and not n - 1, and their spread is
    itself uncertain. So the interval is expanded (Hesterberg 2015, The American Statistician 69, 371–386).

    >>> [round(tail_of(clusters), 4) for clusters in (2, 5, 20, 10_000)]
    [0.0, 0.001, 0.0159, 0.025]
    """
    return float(ndtr(-np.sqrt(clusters / (clusters - 1)) * stdtrit(clusters - 1, (1 + level) / 2)))


def _statistic(measure: RankingMeasure, event: npt.ArrayLike, score: npt.ArrayLike) -> Statistic:
    ranked = unscored_last(score)
    return lambda weights: measure(event, ranked, weights)


def _cluster_weights(code: IntArray, n: int, seed: int) -> Iterator[IntArray]:
    """How often each row is drawn in each of ``n`` resamples of clusters: blocks of (b, n_rows)."""
    random, clusters = np.random.default_rng(seed), int(code.max()) + 1
    block = max(1, BLOCK // len(code))
    for first in range(0, n, block):
        size = min(block, n - first)
        drawn = random.integers(clusters, size=(size, clusters)) + clusters * np.arange(size)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * clusters).reshape(size, clusters)[:, code]
