from __future__ import annotations

from itertools import permutations
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlywarning.errors import WrongUsage
from earlywarning.model.lists import chance_listed, found, listed


def draw(
    score: list[float], capacity: Any, area: Any = None, date: Any = None, key: Any = None
) -> list[bool]:
    n = len(score)
    return listed(
        pd.Series(score, dtype=float),
        area or ["213"] * n,
        date or ["2024-09-26"] * n,
        capacity,
        key or list(range(n)),
    ).tolist()


def test_each_area_and_date_has_its_own_list() -> None:
    score = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    area, date = ["213", "213", "213", "205", "205", "205"], ["a", "a", "b", "b", "b", "a"]
    assert draw(score, 1, area, date) == [True, False, True, True, False, True]


def test_capacity_by_area_and_as_a_share_of_those_on_roll() -> None:
    score, area = [0.9, 0.8, 0.7, 0.6], ["213", "213", "205", "205"]
    assert draw(score, {"213": 2, "205": 1}, area) == [True, True, True, False]
    assert sum(draw(list(np.linspace(0, 1, 100)), 0.29)) == 29  # 0.29 × 100 is 28.999999999999996
    assert draw([0.9, float("nan"), 0.7], 0.67) == [True, False, True]  # the roll includes who has no score
    assert draw([0.9, 0.8, 0.7], 1.0) == [True] * 3
    assert draw([0.9, 0.8, 0.7], 1) == [True, False, False]


@pytest.mark.parametrize("capacity", [0, -1, 1.5, 0.0, True, "60", {"213": 0}])
def test_a_capacity_that_is_no_list_length_is_refused(capacity: Any) -> None:
    with pytest.raises(WrongUsage, match="not a list length"):
        draw([0.9, 0.8], capacity)


def test_an_area_without_a_capacity_is_refused_by_name() -> None:
    with pytest.raises(WrongUsage, match=r"area '213'; there is one for 205"):
        draw([0.9], {"205": 60})


def test_ties_go_by_the_key_whatever_the_order_of_the_rows() -> None:
    score = pd.Series([0.5, 0.5, 0.5, 0.9], index=list("abcd"))
    key = pd.Series(["9f", "03", "77", "aa"], index=list("abcd"))
    for order in permutations("abcd"):
        rows = list(order)
        on = listed(score[rows], ["213"] * 4, ["x"] * 4, 2, key[rows])
        assert sorted(on.index[on]) == ["b", "d"]


def test_a_missing_score_is_never_listed_even_on_a_short_list() -> None:
    assert draw([float("nan"), 0.1, float("nan")], 3) == [False, True, False]


states = st.sampled_from(["event", "no_event", "censored"])
Row = tuple[str, float, str]
row = st.tuples(states, st.sampled_from([0.0, 1.0, 2.0, float("nan")]), st.sampled_from(["205", "213"]))


def drawn_by_hand(score: list[float], area: list[str], capacity: int, key: tuple[int, ...]) -> set[int]:
    """The rows on the lists when ties go by ``key``: sort, and take from the top."""
    on: set[int] = set()
    for one in set(area):
        of_area = [i for i in range(len(score)) if area[i] == one and score[i] == score[i]]
        on |= set(sorted(of_area, key=lambda i: (-score[i], key[i]))[:capacity])
    return on


@settings(deadline=None)
@given(st.lists(row, min_size=1, max_size=6), st.integers(1, 4), st.randoms())
def test_a_list_is_what_one_would_draw_by_hand(rows: list[Row], capacity: int, random: Random) -> None:
    _, score, area = (list(column) for column in zip(*rows, strict=True))
    key = random.sample(range(len(rows)), len(rows))
    on = draw(score, capacity, area, key=key)
    assert set(np.flatnonzero(on)) == drawn_by_hand(score, area, capacity, tuple(key))


@settings(deadline=None, max_examples=60)
@given(st.lists(row, min_size=1, max_size=5), st.integers(1, 3))
def test_what_a_list_finds_is_the_mean_worst_and_best_over_every_order_of_ties(
    rows: list[Row], capacity: int
) -> None:
    state, score, area = (list(column) for column in zip(*rows, strict=True))
    lists = [drawn_by_hand(score, area, capacity, key) for key in permutations(range(len(rows)))]
    hits = [sum(state[i] == "event" for i in on) for on in lists]
    unknown = [sum(state[i] == "censored" for i in on) for on in lists]
    result = found(state, score, area, ["2024-09-26"] * len(rows), capacity)
    size = len(lists[0])
    assert result["listed"] == size
    assert result["hits"] == pytest.approx(np.mean(hits))
    assert result["unknown"] == pytest.approx(np.mean(unknown))
    assert (result["worst_hits"], result["best_hits"]) == (min(hits), max(hits))
    if size > max(unknown):  # else some order leaves nobody whose outcome is known
        precision = [hit / (size - gone) for hit, gone in zip(hits, unknown, strict=True)]
        for which, extreme in (("worst", min(precision)), ("best", max(precision))):
            known = size - result[f"{which}_unknown"]
            assert result[f"{which}_hits"] / known == pytest.approx(extreme)


def test_the_chance_of_a_place_adds_up_to_what_was_found() -> None:
    random = np.random.default_rng(2)
    n = 400
    score = np.where(random.random(n) < 0.1, np.nan, random.integers(0, 6, n).astype(float))
    area, day = random.choice(["207", "213"], n), random.choice(["2024-09-26", "2024-12-31"], n)
    state = random.choice(["event", "no_event", "censored"], n)
    places = {"207": 17, "213": 30}
    chance = chance_listed(score, area, day, places)
    told = found(state, score, area, day, places)
    assert chance.sum() == pytest.approx(told["listed"])
    assert chance[state == "event"].sum() == pytest.approx(told["hits"])
    assert chance[state == "censored"].sum() == pytest.approx(told["unknown"])
    assert (chance[np.isnan(score)] == 0).all()


def test_nobody_with_a_score_has_no_chance_of_a_place() -> None:
    assert chance_listed([np.nan] * 2, ["213"] * 2, ["2024-09-26"] * 2, 1).tolist() == [0.0, 0.0]
