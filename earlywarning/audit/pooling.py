"""Partial pooling: a group of few borrows strength from what its row and column would lead one to expect."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import betaincinv, expit, gammaincinv

from earlywarning.audit.intervals import Numbers
from earlywarning.audit.metrics import Metric

STEPS = 60
RIDGE = 0.5
"""A row or column without a single event is held near the others, as if it had half an event's doubt."""


def partly_pooled(
    metric: Metric, count: Numbers, out_of: Numbers, margins: pd.DataFrame, level: float = 0.95
) -> tuple[Numbers, Numbers, Numbers]:
    """The pooled value of each group with its lower and upper limit, each (n_groups,).

    ``margins`` has a column for each attribute of a pair (none: all groups share one mean). What a group is
    expected to have is fitted from main effects alone; how far groups differ from that beyond chance is
    taken from all of them by moments; a group is then that expectation and its own count, weighted by how
    much each is worth. It is defined for a group whose own value is not. The expectation is never worth
    more than all groups together. Limits allow for a spread a standard error larger and are half an event
    in doubt, as Jeffreys' are: where nothing but chance is seen, or nothing at all, they are still apart.

    Sources: Marshall (1991), *Mapping disease and mortality rates using empirical Bayes estimators*, for
    the moments; Clayton and Kaldor (1987) for gamma and Poisson, Kleinman (1973) for beta and binomial; a
    prior of main effects as in Evans et al. (2018), *A multilevel approach to modeling health inequalities
    at the intersection of multiple social identities*.

    >>> from earlywarning.audit.metrics import BY_NAME
    >>> count, out_of = np.array([1.0, 40.0, 60.0]), np.array([1.0, 100.0, 300.0])
    >>> value, _, _ = partly_pooled(BY_NAME["recall"], count, out_of, pd.DataFrame(index=range(3)))
    >>> value.round(2).tolist()
    [0.28, 0.37, 0.2]
    """
    if not out_of.sum() > 0:
        return (np.full(count.shape, np.nan),) * 3
    expected = _main_effects(metric, count, out_of, _design(margins))
    worth, at_least = _worth(metric, count, out_of, expected)
    value, n = (count + worth * expected) / (out_of + worth), out_of + at_least
    k, tail = n * value, np.array([(1 - level) / 2, (1 + level) / 2])[:, None]
    if metric.unit == "ratio":
        lower, upper = gammaincinv(k + 0.5, tail) / n
    else:
        lower, upper = betaincinv(k + 0.5, np.maximum(n - k, 0.0) + 0.5, tail)
    return value, lower, upper


def _design(margins: pd.DataFrame) -> Numbers:
    """The overall mean, then a column for every level of every attribute: shape (n_groups, 1 + n_levels)."""
    levels = [pd.get_dummies(margins[name], dtype=float).to_numpy() for name in margins]
    return np.column_stack([np.ones(len(margins)), *levels])


def _main_effects(metric: Metric, count: Numbers, out_of: Numbers, design: Numbers) -> Numbers:
    """The value of each group without interaction, (n_groups,): a logistic or Poisson regression.

    Newton's steps with a small ridge on all but the overall mean.
    """
    mean = float(np.clip(count.sum() / out_of.sum(), 1e-9, None if metric.unit == "ratio" else 1 - 1e-9))
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(mean) if metric.unit == "ratio" else np.log(mean / (1 - mean))
    ridge = np.diag([1e-9] + [RIDGE] * (design.shape[1] - 1))
    for _ in range(STEPS):
        fitted, spread = _mean(metric, design @ beta)
        slope = design.T @ (count - out_of * fitted) - ridge @ np.concatenate([[0.0], beta[1:]])
        step = np.linalg.solve(design.T @ (design * (out_of * spread)[:, None]) + ridge, slope)
        beta += np.clip(step, -2, 2)
        if np.max(np.abs(step)) < 1e-10:
            break
    return _mean(metric, design @ beta)[0]


def _mean(metric: Metric, eta: Numbers) -> tuple[Numbers, Numbers]:
    """The mean and the variance of one pupil (or one expected event) at the linear predictor."""
    if metric.unit == "ratio":
        return np.exp(np.minimum(eta, 50)), np.exp(np.minimum(eta, 50))
    chance: npt.NDArray[np.float64] = expit(eta)
    return chance, chance * (1 - chance)


def _worth(metric: Metric, count: Numbers, out_of: Numbers, expected: Numbers) -> tuple[float, float]:
    """How much ``out_of`` the expectation is worth, and at the least: chance over the true spread.

    The spread of groups is by moments, and at the most a standard error above that: where groups happen to
    lie closer together than chance, it is not known that they are the same.
    """
    there = out_of > 0
    one = expected if metric.unit == "ratio" else expected * (1 - expected)
    seen = float(np.sum((count - out_of * expected)[there] ** 2 / out_of[there]) / out_of.sum())
    by_chance = float(np.sum(one[there]) / out_of.sum())
    spread = max(seen - by_chance, 0.0)
    error = max(seen, by_chance) * np.sqrt(2 / np.sum(there))
    most, within = float(out_of.sum()), float(np.average(one, weights=out_of))
    worth = min(most, within / spread) if spread > 0 else most
    return worth, min(worth, within / (spread + error)) if within > 0 else worth
