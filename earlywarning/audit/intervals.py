"""How sure a number is: intervals of rates, of observed over expected, of a gap and a ratio."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, gammaincinv

Numbers: TypeAlias = npt.NDArray[np.float64]
Interval: TypeAlias = tuple[Numbers, Numbers]


def jeffreys(count: npt.ArrayLike, out_of: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Lower and upper limit of a rate ``count / out_of``, each of the shape of ``count``; NaN where out of 0.

    Quantiles of Beta(count + 1/2, out_of - count + 1/2), with the limit at 0 when nothing was counted and
    at 1 when everything was. Whole numbers are not required, so counts may be divided by a design effect.
    Source: Brown, Cai and DasGupta (2001), *Interval estimation for a binomial proportion*, section 4.3.

    >>> lower, upper = jeffreys([0, 5], [5, 5])
    >>> [f"{a:.2f} to {b:.2f}" for a, b in zip(lower, upper)]
    ['0.00 to 0.38', '0.62 to 1.00']
    """
    k, n = np.asarray(count, dtype=float), np.asarray(out_of, dtype=float)
    tail = (1 - level) / 2
    lower = np.where(k <= 0, 0.0, betaincinv(k + 0.5, n - k + 0.5, tail))
    upper = np.where(k >= n, 1.0, betaincinv(k + 0.5, n - k + 0.5, 1 - tail))
    return np.where(n > 0, lower, np.nan), np.where(n > 0, upper, np.nan)


def poisson_ratio(observed: npt.ArrayLike, expected: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Lower and upper limit of ``observed / expected``, taking ``expected`` as known; NaN where that is 0.

    The exact interval of a Poisson count from the gamma distribution, over ``expected``. Events of single
    pupils vary a little less than Poisson, so it is never too narrow on that account.
    Source: Garwood (1936), *Fiducial limits for the Poisson distribution*.

    >>> lower, upper = poisson_ratio([0, 20], [4.0, 10.0])
    >>> [f"{a:.2f} to {b:.2f}" for a, b in zip(lower, upper)]
    ['0.00 to 0.92', '1.22 to 3.09']
    """
    k, e = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    tail = (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(k <= 0, 0.0, gammaincinv(np.maximum(k, 1e-300), tail)) / e
        upper = gammaincinv(k + 1, 1 - tail) / e
    return np.where(e > 0, lower, np.nan), np.where(e > 0, upper, np.nan)


def gap(value: Numbers, limits: Interval, rest: Numbers, rest_limits: Interval) -> Interval:
    """Lower and upper limit of ``value - rest`` from the two intervals; NaN where either is. It can hold 0.

    The limits of each part are combined as squared distances ("square and add"), which keeps the lopsided
    shape that small counts have.
    Source: Newcombe (1998), method 10; Zou and Donner (2008) for any two intervals.

    >>> a, b = np.array([0.3]), np.array([0.5])
    >>> lower, upper = gap(a, jeffreys([3], [10]), b, jeffreys([50], [100]))
    >>> f"{lower[0]:.2f} to {upper[0]:.2f}"
    '-0.43 to 0.12'
    """
    lower = value - rest - np.hypot(value - limits[0], rest_limits[1] - rest)
    upper = value - rest + np.hypot(limits[1] - value, rest - rest_limits[0])
    return lower, upper


def ratio(value: Numbers, limits: Interval, rest: Numbers, rest_limits: Interval) -> Interval:
    """Lower and upper limit of ``value / rest``; it leaves out 1 exactly when :func:`gap` leaves out 0.

    NaN where either is undefined; the upper limit is also NaN where the rest may be 0: there is none.
    Source: Donner and Zou (2012), *Closed-form confidence intervals for functions of the normal mean and
    standard deviation*, section 3 (Fieller's argument on the limits of :func:`gap`).

    >>> a, b = np.array([0.3]), np.array([0.5])
    >>> lower, upper = ratio(a, jeffreys([3], [10]), b, jeffreys([50], [100]))
    >>> f"{lower[0]:.2f} to {upper[0]:.2f}"
    '0.18 to 1.26'
    """
    own, other = limits[0] * (2 * value - limits[0]), rest_limits[1] * (2 * rest - rest_limits[1])
    lower = own / (value * rest + np.sqrt((value * rest) ** 2 - own * other) + (value == 0))
    own, other = limits[1] * (2 * value - limits[1]), rest_limits[0] * (2 * rest - rest_limits[0])
    bounded = np.where(other > 0, other, np.nan)
    return lower, (value * rest + np.sqrt((value * rest) ** 2 - own * bounded)) / bounded


def p_value(at: Callable[[float], tuple[float, float]]) -> float:
    """The smallest p at which the interval of level 1 - p leaves out 0, to a thousandth of itself.

    ``at`` gives the limits of a difference at a level; 1 where they are undefined.
    Source: an interval and a test are one another's inversion (Casella and Berger, *Statistical Inference*,
    section 9.2); found by bisection.

    >>> f"{p_value(lambda level: (0.1 - 0.1 * level, 0.5)):.3f}", p_value(lambda level: (np.nan, np.nan))
    ('0.000', 1.0)
    """
    low, high = 1e-9, 1.0
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        lower, upper = at(1 - middle)
        low, high = (low, middle) if lower > 0 or upper < 0 else (middle, high)
    return high
