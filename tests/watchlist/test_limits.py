"""At most so many of a school or a phase: the next in line takes the place."""

from __future__ import annotations

import pandas as pd
import pytest

from earlywarning.watchlist.rank import Limit, draw, refitted, reordered, tie_break

INDEX = pd.MultiIndex.from_product(
    [list("abcdef"), [pd.Timestamp(2025, 12, 31)]], names=["pupil_id", "as_of_date"]
)
SCORE = pd.Series([0.9, 0.8, 0.7, 0.6, 0.5, float("nan")], INDEX)
AREA = pd.Series("901", INDEX)
SCHOOL = pd.Series(["s1", "s1", "s1", "s2", "s2", "s2"], INDEX)


def listed(on: pd.Series) -> str:
    return "".join(on.index.get_level_values("pupil_id")[on])


@pytest.mark.parametrize(
    ("places", "expected"),
    [({}, "abc"), ({"s1": 2}, "abd"), ({"s1": 1}, "ade"), ({"s1": 1, "s2": 1}, "ad"), ({"s2": 1}, "abc")],
)
def test_a_place_that_a_limit_leaves_goes_to_the_next(places: dict[str, int], expected: str) -> None:
    ties = tie_break(INDEX)
    assert listed(draw(SCORE, AREA, 3, ties, [Limit(SCHOOL, places)])) == expected


def test_limits_hold_together_and_in_every_re_run() -> None:
    ties = tie_break(INDEX)
    phase = pd.Series(["x", "y", "y", "y", "x", "x"], INDEX)
    limits = [Limit(SCHOOL, {"s1": 2}), Limit(phase, {"y": 1})]
    assert listed(draw(SCORE, AREA, 3, ties, limits)) == "abe"
    level = SCORE.mask(SCORE.notna(), 0.5)
    for on in [
        *refitted([SCORE, level], AREA, 3, ties, limits),
        *reordered(level, AREA, 3, limits, times=20, seed=1),
    ]:
        assert on.groupby(SCHOOL).sum()["s1"] <= 2
        assert on.groupby(phase).sum()["y"] <= 1
        assert not on.iloc[-1]
