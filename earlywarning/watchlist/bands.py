"""The two bands: how sure the list itself is of each pupil on it."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from earlywarning.watchlist.rows import BANDS

KEPT = 0.8
"""A pupil to discuss first is on the list in at least this share of its re-runs."""


def kept(reruns: Iterable[pd.Series]) -> pd.Series:
    """The share of re-runs in which each pupil is on the list, 0 to 1. ``ValueError`` without a re-run.

    >>> kept([pd.Series([True, False]), pd.Series([True, True])]).tolist()
    [1.0, 0.5]
    """
    total, runs = None, 0
    for rerun in reruns:
        total = rerun.astype(int) if total is None else total + rerun.astype(int)
        runs += 1
    if total is None:
        raise ValueError("bands need at least one re-run of the list")
    return total / runs


def banded(listed: pd.Series, kept: pd.Series) -> pd.Series:
    """The band of each pupil listed, and "" for everybody else.

    >>> banded(pd.Series([True, True, False]), pd.Series([0.8, 0.79, 0.9])).tolist()
    ['discuss first', 'also consider', '']
    """
    first, consider = BANDS
    return pd.Series(
        [
            "" if not on else first if share >= KEPT else consider
            for on, share in zip(listed, kept, strict=True)
        ],
        index=listed.index,
    )
