from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earlywarning.errors import WrongUsage
from earlywarning.model.lists import found, listed


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
row = st.tuples(states, st.sampled_from([0.0, 1.0, 2.0, float("nan")]), st.sampled_from(["205", "213"]))


@given(st.lists(row, min_size=1, max_size=6), st.integers(1, 4))
def test_what_a_list_finds_is_the_mean_worst_and_best_over_every_order_of_ties(
    rows: list[tuple[str, float, str]], capacity: int
) -> None:
    state, score, area = (np.array(column) for column in zip(*rows, strict=True))
    date = ["2024-09-26"] * len(rows)
    on = [
        listed(pd.Series(score.astype(float)), area, date, capacity, key).to_numpy()
        for key in permutations(range(len(rows)))
    ]
    hits = [(state[chosen] == "event").sum() for chosen in on]
    unknown = [(state[chosen] == "censored").sum() for chosen in on]
    result = found(state, score.astype(float), area, date, capacity)
    assert result["listed"] == on[0].sum()
    assert result["hits"] == pytest.approx(np.mean(hits))
    assert result["unknown"] == pytest.approx(np.mean(unknown))
    assert (result["worst_hits"], result["best_hits"]) == (min(hits), max(hits))
    known = [(h, on[0].sum() - u) for h, u in zip(hits, unknown, strict=True)]
    precisions = [h / n for h, n in known if n]
    for which, extreme in (("worst", min), ("best", max)):
        assessed = result["listed"] - result[f"{which}_unknown"]
        if len(precisions) == len(known) and assessed:
            assert result[f"{which}_hits"] / assessed == pytest.approx(extreme(precisions))
