"""What may be said of one group's gap: no sign, watch, concern, or cannot tell. Never that it is fair."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import ndtri

from earlywarning.audit.intervals import Numbers
from earlywarning.audit.metrics import COUNTS, Metric

Verdict: TypeAlias = Literal["no sign", "watch", "concern", "cannot tell", "not judged"]
SEEN = ("watch", "concern")
POWER = 0.80
"""A gap "could have been seen" when it would have left zero out of its interval this often."""


def unable(
    metric: Metric,
    *,
    out_of: float,
    size: float,
    rest_size: float | None,
    floor: int,
    given: Collection[str] = ("score", "ranking"),
    everyone: tuple[float, float] | None = None,
) -> str:
    """The plain reason why nothing can be said of one group's metric, or "" where something can.

    ``size`` counts what the metric needs enough of in the group and ``rest_size`` in everyone else (None
    where there is no one else), both already divided by the design effect; ``floor`` is the least.
    ``everyone`` has the count and what it is out of in all groups together: where that is nobody or all of
    them, every group is the same whatever was done, and no gap could have been seen.

    >>> from earlywarning.audit.metrics import BY_NAME
    >>> unable(BY_NAME["recall"], out_of=3, size=3, rest_size=90, floor=10)
    'pupils with the event: 3, at least 10 needed'
    >>> unable(BY_NAME["recall"], out_of=30, size=30, rest_size=90, floor=10)
    ''
    >>> unable(BY_NAME["recall"], out_of=30, size=30, rest_size=90, floor=10, everyone=(0, 120))
    'the same for everybody, 0 of 120: nothing to compare'
    """
    if missing := metric.missing(given):
        return missing
    if out_of <= 0:
        return metric.undefined
    noun = COUNTS[metric.enough]
    if size < floor:
        return f"{noun}: {_counted(size)}, at least {floor} needed"
    if rest_size is None:
        return "only one group: no one to compare with"
    if rest_size < floor:
        return f"{noun} in all other groups together: {_counted(rest_size)}, at least {floor} needed"
    if everyone and everyone[0] in ((0, everyone[1]) if metric.unit == "rate" else (0,)):
        return f"the same for everybody, {everyone[0]:,.0f} of {everyone[1]:,.0f}: nothing to compare"
    return ""


def smallest_visible(metric: Metric, lower: Numbers, upper: Numbers, level: float) -> Numbers:
    """The smallest true gap that would have been seen 8 times in 10, from the interval of the gap.

    ``lower`` and ``upper`` are of the difference for a rate and of the ratio for a ratio, where the answer is
    a ratio above 1. NaN where a limit is undefined, or the ratio could be as low as 0.
    Source: minimum detectable effect, Bloom (1995): 2.8 standard errors for 95% and a power of 80%.

    >>> from earlywarning.audit.metrics import BY_NAME
    >>> smallest_visible(BY_NAME["recall"], np.array([-0.1]), np.array([0.1]), 0.95).round(3).tolist()
    [0.143]
    """
    if metric.unit == "rate":
        return (upper - lower) * per_width(level)
    positive = np.where(lower > 0, lower, np.nan)
    return np.asarray(np.exp(np.log(upper / positive) * per_width(level)))


def per_width(level: float) -> float:
    """The smallest gap that would have been seen, for each unit of an interval's width.

    >>> f"{per_width(0.95):.3f}"
    '0.715'
    """
    z = float(ndtri((1 + level) / 2))
    return (z + float(ndtri(POWER))) / (2 * z)


def verdict(
    metric: Metric,
    *,
    gap: float,
    seen: bool,
    visible: float,
    material: float,
    p_adjusted: float | None,
    implied: float = 0.0,
    alpha: float = 0.05,
) -> tuple[Verdict, str]:
    """The verdict on a gap that something can be said of, and why.

    ``gap`` is a difference for a rate and a ratio for a ratio, ``implied`` the difference that there must be
    (of recall, where scores are worth the same in every group); ``seen`` says whether the wider interval
    leaves it out; ``visible`` is the smallest gap that could have been seen; ``p_adjusted`` is
    Holm's over all declared comparisons, None for one that was not declared: that is at most "watch".

    >>> from earlywarning.audit.metrics import BY_NAME
    >>> recall = BY_NAME["recall"]
    >>> verdict(recall, gap=-0.2, seen=True, visible=0.1, material=0.1, p_adjusted=0.01)
    ('concern', 'a gap of 20.0 points, also after asking all declared comparisons at once')
    >>> verdict(recall, gap=-0.05, seen=False, visible=0.08, material=0.1, p_adjusted=1.0)
    ('no sign', 'a gap of 10.0 points would have been seen')
    >>> verdict(recall, gap=-0.05, seen=False, visible=0.3, material=0.1, p_adjusted=1.0)[0]
    'cannot tell'
    """
    beyond = gap - implied
    size = _size(metric, beyond)
    large = size >= _size(metric, material) - 1e-12
    if seen and large:
        told = f"a gap of {spoken_gap(metric, beyond)}"
        if p_adjusted is None:
            return "watch", f"{told}; exploratory, one of many that were looked at"
        if p_adjusted < alpha:
            return "concern", f"{told}, also after asking all declared comparisons at once"
        return "watch", f"{told}, but not after asking all declared comparisons at once"
    if _size(metric, visible) <= _size(metric, material) and not large:
        if seen:
            smaller = (
                f"a gap of {spoken_gap(metric, beyond)}, smaller than the {spoken_gap(metric, material)}"
            )
            return "no sign", f"{smaller} that matter"
        return "no sign", f"a gap of {spoken_gap(metric, material)} would have been seen"
    least = "there is none" if math.isnan(visible) else f"is {spoken_gap(metric, visible)}"
    return "cannot tell", (
        f"too few to have seen a gap of {spoken_gap(metric, material)}; "
        f"the smallest that could have been seen {least}"
    )


def spoken_gap(metric: Metric, gap: float) -> str:
    """A gap in words, whichever way it goes.

    >>> from earlywarning.audit.metrics import BY_NAME
    >>> spoken_gap(BY_NAME["recall"], -0.123), spoken_gap(BY_NAME["observed_over_expected"], 0.8)
    ('12.3 points', '1.25 times')
    """
    if metric.unit == "ratio":
        return f"{math.exp(_size(metric, gap)):.2f} times"
    return f"{100 * abs(gap):.1f} points"


def _counted(size: float) -> str:
    """How many there are; where a pupil stands in several rows, how many separate pupils those are worth."""
    return f"{size:.0f}" if size == round(size) else f"worth {size:.1f}, as one pupil's terms are alike"


def _size(metric: Metric, gap: float) -> float:
    """How far a gap is from none; a ratio of 0 is infinitely far."""
    if metric.unit == "rate":
        return abs(gap)
    return abs(math.log(gap)) if gap > 0 else math.inf if gap == 0 else math.nan
