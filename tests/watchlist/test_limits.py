"""At most so many of a school or a phase: the next in line takes the place."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from conftest import World

from earlywarning.pages.pictures import curves_of
from earlywarning.pipeline.list_rules import TESTED_OTHERWISE, said_of
from earlywarning.trial import MODEL
from earlywarning.trial.parts import parts
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


def test_the_tested_lists_are_held_to_the_limits_of_the_issued_one(world: World) -> None:
    free, schools = world.trained.trial, world.trained.trial.data.rows["school_id"]
    limit = Limit(world.trained.data.rows["school_id"], dict.fromkeys(schools.unique(), 1))
    held = replace(free, limits=(limit.on(free.data.rows.index),))
    rows, ties = held.data.rows, tie_break(held.data.rows.index)
    before, after = free.measures(60), held.measures(60)
    for name in (MODEL, held.rules[0]):
        on, at = held.listed(name, 60), after[name]
        drawn = draw(free.scores[name], rows["area"], 60, ties, [limit.on(on.index)])
        pd.testing.assert_series_equal(on, drawn)
        dates = on.index.get_level_values("as_of_date")
        assert on.groupby([schools.to_numpy(), dates]).sum().max() == 1
        assert at["listed"] == on.sum() < before[name]["listed"]
        assert at["listed_events"] == (on & rows["state"].eq("event")).sum()
        assert at["average_precision"] == before[name]["average_precision"], "the ranking is one"
    curve = curves_of(held, MODEL, 60)["gain"]
    assert next(each["listed"] for each in curve if each["length"] == 1) == after[MODEL]["listed"]
    assert parts(held, 60, 1)["everyone"]["listed"] == after[MODEL]["listed"]


@pytest.mark.parametrize(
    ("tested", "otherwise"),
    [
        ({"capacity": {"1": 60, "2": 30}, "limits": ["At most 3."]}, False),
        ({"capacity": {"1": 60}, "limits": []}, True),
        ({"capacity": {"1": 60}}, True),
        ({"capacity": {"1": 50}, "limits": ["At most 3."]}, True),
        ({"capacity": 0.1, "limits": ["At most 3."]}, True),
    ],
)
def test_a_list_that_was_tested_otherwise_says_so(tested: dict[str, object], otherwise: bool) -> None:
    said = said_of([Limit(SCHOOL, {"s1": 3}, ("At most 3.",))], {"1": 60}, tested)
    assert said == ("At most 3.", *([TESTED_OTHERWISE] if otherwise else []))
    assert said_of([], 0.1, {"capacity": 0.1, "limits": []}) == ()
