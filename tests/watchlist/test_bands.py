"""Bands say how surely a pupil is on the list, from re-runs of it."""

from __future__ import annotations

import pandas as pd
import pytest

from earlywarning.watchlist import banded, draw, kept, refitted, reordered

INDEX = pd.MultiIndex.from_product(
    [["p1", "p2", "p3", "p4"], [pd.Timestamp("2025-12-31")]], names=["pupil_id", "as_of_date"]
)
AREA = pd.Series(["901", "901", "901", "902"], INDEX)
TIES = pd.Series([3, 2, 1, 0], INDEX)


def series(*values: float) -> pd.Series:
    return pd.Series(values, INDEX)


def test_a_list_is_drawn_in_each_area_and_ties_are_broken_as_given() -> None:
    assert draw(series(0.9, 0.5, 0.5, 0.1), AREA, 2, TIES).tolist() == [True, False, True, True]


def test_a_pupil_whom_refits_agree_on_is_discussed_first() -> None:
    scores = [series(0.9, 0.5, 0.4, 0.1)] * 3 + [series(0.9, 0.3, 0.4, 0.1)]
    share = kept(refitted(scores, AREA, 2, TIES))
    assert share.tolist() == [1.0, 0.75, 0.25, 1.0]
    listed = draw(scores[0], AREA, 2, TIES)
    assert banded(listed, share).tolist() == ["discuss first", "also consider", "", "discuss first"]


def test_pupils_whom_a_rule_cannot_tell_apart_are_also_considered() -> None:
    score = series(3, 1, 1, 0)
    share = kept(reordered(score, AREA, 2, times=200, seed=1))
    assert share.iloc[0] == share.iloc[3] == 1.0
    assert share.iloc[1] + share.iloc[2] == pytest.approx(1.0)
    assert 0.4 < share.iloc[1] < 0.6
    pd.testing.assert_series_equal(share, kept(reordered(score, AREA, 2, times=200, seed=1)))


def test_bands_without_a_rerun_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        kept([])
