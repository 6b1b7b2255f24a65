"""Resampling without copying a row: whole units are drawn, and only their counts are added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.audit.intervals import Interval, Numbers
from earlywarning.audit.metrics import Metric
from earlywarning.model.comparison import tail_of

RESAMPLES = 2_000
DEFINED = 0.95
"""An interval needs a value in this share of the resamples."""

Drawn: TypeAlias = Mapping[str, Numbers]
"""For each count its sums by group, shape (n_resamples, n_groups)."""


def cells(marks: pd.DataFrame, groups: npt.NDArray[np.int64], units: npt.NDArray[np.int64]) -> Numbers:
    """The sums of ``marks`` (n_rows, n_counts) by unit and group: shape (n_units, n_groups, n_counts)."""
    n_groups, n_units = int(groups.max()) + 1, int(units.max()) + 1
    places = units * n_groups + groups
    sums = [np.bincount(places, marks[name], minlength=n_units * n_groups) for name in marks]
    return np.stack(sums, axis=-1).astype(float).reshape(n_units, n_groups, len(sums))


def resampled(
    table: Numbers, times: npt.NDArray[np.int64] | None = None, n: int = RESAMPLES, seed: int = 0
) -> Numbers:
    """Sums over ``n`` resamples of the units of ``table``: shape (n, ...) of ``table``'s (n_units, ...).

    A resample draws as many units as there are, with replacement. Units that are alike are given once, with
    ``times`` (n_units,) each: pupils alike in group, outcome and list make a resample of a cohort a draw of a
    few hundred numbers, whatever its size.

    >>> table = np.array([[1.0, 0.0], [0.0, 1.0]])
    >>> resampled(table, np.array([30, 70]), n=3).sum(axis=1).tolist()
    [100.0, 100.0, 100.0]
    """
    each = np.ones(len(table), dtype=np.int64) if times is None else times
    drawn = np.random.default_rng(seed).multinomial(int(each.sum()), each / each.sum(), size=n)
    flat = drawn.astype(float) @ table.reshape(len(table), -1)
    return flat.reshape(n, *table.shape[1:])


def drawn_counts(table: Numbers, names: list[str], n: int = RESAMPLES, seed: int = 0) -> Drawn:
    """The counts called ``names`` of each group in ``n`` resamples of the units of :func:`cells`."""
    sums = resampled(table, n=n, seed=seed)
    return {name: sums[..., number] for number, name in enumerate(names)}


def limits(values: Numbers, units: int, level: float = 0.95) -> Interval:
    """Lower and upper limit from resamples (n_resamples, n_groups), stretched where units are few.

    NaN for a group where over 5% of the resamples have no value, or that has only one.
    Source: the expanded percentile interval (Hesterberg 2015), as for the ranking measures.
    """
    ordered = np.sort(values, axis=0)  # what is undefined goes last
    defined = np.sum(~np.isnan(values), axis=0)
    tail, last = tail_of(units, level), np.maximum(defined - 1, 0)

    def at(share: float) -> Numbers:
        place = share * last
        below = np.floor(place).astype(np.int64)
        above, columns = np.minimum(below + 1, last), np.arange(values.shape[1])
        part = place - below
        low, high = ordered[below, columns], ordered[above, columns]
        return np.asarray(low + part * (high - low))

    enough = defined >= DEFINED * len(values)
    return np.where(enough, at(tail), np.nan), np.where(enough, at(1 - tail), np.nan)


def of_metric(metric: Metric, drawn: Drawn, units: int, level: float) -> dict[str, Interval]:
    """Limits of "value", "difference" and "ratio" of every group, from the same resamples of schools."""
    count, out_of = drawn[metric.count], drawn[metric.out_of]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(out_of > 1e-9, count / out_of, np.nan)
        others = out_of.sum(axis=1, keepdims=True) - out_of
        rest = np.where(others > 1e-9, (count.sum(axis=1, keepdims=True) - count) / others, np.nan)
        ratio = np.where(rest > 0, value / rest, np.nan)
    return {
        "value": limits(value, units, level),
        "difference": limits(value - rest, units, level),
        "ratio": limits(ratio, units, level),
    }


def counted(metrics: Iterable[Metric]) -> list[str]:
    """The names of the counts that ``metrics`` are made of."""
    return sorted({name for metric in metrics for name in (metric.count, metric.out_of)})
