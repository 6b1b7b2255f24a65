"""What rows are worth that are not single pupils with a yes or a no: counts are divided by it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd


def design_effect(
    count: npt.NDArray[np.float64],
    out_of: npt.NDArray[np.float64],
    groups: npt.NDArray[np.int64],
    clusters: npt.NDArray[np.int64] | None,
) -> float:
    """The factor, 1 or more, by which clusters widen the variance of rates ``count / out_of`` by group.

    All arrays have one entry a row (n_rows,); ``groups`` and ``clusters`` are integer codes. Each row's
    residual from its group's rate is squared as it is, and squared after adding up within a cluster; the
    ratio of the two sums is the design effect. It is pooled over the groups of an attribute because a
    small group cannot tell its own. Where no row differs from its group's rate, or no group has more than one
    cluster, clusters are taken to agree completely (the worst case). 1 without clusters.
    Source: the linearised variance of a ratio over its variance without clusters; Kish (1965), section 8.2.

    >>> one = np.array([1.0, 0, 0, 0, 1, 0]); ones = np.ones(6); group = np.zeros(6, dtype=np.int64)
    >>> design_effect(np.tile(one, 3), np.tile(ones, 3), np.tile(group, 3), np.tile(np.arange(6), 3))
    3.0
    >>> design_effect(one, ones, group, None)
    1.0
    """
    if clusters is None:
        return 1.0
    totals = np.bincount(groups, out_of)
    rate = np.divide(np.bincount(groups, count), totals, out=np.zeros_like(totals), where=totals > 0)
    residual = count - rate[groups] * out_of
    together, _ = pd.factorize(clusters * (int(groups.max(initial=0)) + 1) + groups)
    one_by_one = float(np.sum(residual**2))
    alone = int(together.max(initial=-1)) + 1 == len(np.unique(groups))  # residuals add up to 0 in each
    if one_by_one > 0 and not alone:
        effect = float(np.sum(np.bincount(together, residual) ** 2)) / one_by_one
    else:
        within = np.bincount(together, out_of)
        effect = float(np.sum(within**2) / np.sum(within)) if np.any(within > 0) else 1.0
    return max(1.0, round(effect, 12))


def dispersion(
    count: npt.NDArray[np.float64], out_of: npt.NDArray[np.float64], groups: npt.NDArray[np.int64]
) -> float:
    """The variance of rows about their group's rate, over that of as many yeses and noes; 1 for those.

    Places in a ranking and weights by a score, all from 0 to 1, vary less, so an interval made as for
    yeses and noes would be too wide. Pooled over groups; 1 where nothing varies.

    >>> place = np.array([0.1, 0.2, 0.3]); one = np.zeros(3, dtype=np.int64)
    >>> f"{dispersion(place, np.ones(3), one):.3f}", dispersion(np.round(place * 2), np.ones(3), one)
    ('0.042', 1.0)
    """
    totals = np.bincount(groups, out_of)
    rate = np.divide(np.bincount(groups, count), totals, out=np.zeros_like(totals), where=totals > 0)
    as_if = float(np.sum(totals * rate * (1 - rate)))
    found = float(np.sum((count - rate[groups] * out_of) ** 2))
    return round(found / as_if, 12) if as_if > 0 and found > 0 else 1.0
