"""Schools' practice: within and between, and a funnel that finds what was planted and no more."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.practice import funnel, limits, school_practice
from earlywarning.audit.within import within_schools


def invented(seed: int, effects: list[float], each: int = 800) -> tuple[np.ndarray, pd.Series, pd.DataFrame]:
    """Events at schools whose odds of an event differ by ``effects``, given need, which differs by school."""
    chance = np.random.default_rng(seed)
    school = np.repeat(np.arange(len(effects)), each)
    need = chance.random(len(school)) < 0.1 + 0.5 * school / len(effects)
    odds = 0.04 * np.where(need, 4.0, 1.0) * np.array(effects)[school]
    event = chance.random(len(school)) < odds / (1 + odds)
    return event, pd.Series(school).map("School {}".format), pd.DataFrame({"need": need})


def test_schools_that_answer_alike_lie_in_the_funnel_whoever_their_pupils_are() -> None:
    outside = 0
    for seed in range(10):
        event, school, pupils = invented(seed, [1.0] * 12)
        rows = school_practice(event, school, pupils)
        assert rows["expected"].sum() == pytest.approx(event.sum())
        assert rows["expected"].max() > 1.5 * rows["expected"].min()  # their pupils differ
        outside += int(rows["position"].str.contains("higher|lower").sum())
    assert outside <= 2  # of 120, where 2 in 1,000 is chance


def test_a_school_that_suspends_three_times_as_readily_is_found_and_no_other() -> None:
    event, school, pupils = invented(1, [1.0] * 5 + [3.0] + [1.0] * 6)
    rows = school_practice(event, school, pupils).set_index("school")
    assert rows["position"].eq("higher than expected").tolist() == [name == "School 5" for name in rows.index]


def test_names_keep_their_order_and_few_tell_nothing() -> None:
    event, school, pupils = invented(2, [1.0, 2.0, 1.0])
    few = np.arange(len(school)) % 400 == 0
    rows = school_practice(event[few], school[few], pupils[few])
    assert rows["school"].tolist() == sorted(rows["school"])
    assert set(rows["position"]) == {"cannot tell"}


def test_schools_that_all_differ_widen_the_funnel() -> None:
    event, school, pupils = invented(3, [0.4, 2.5] * 8)
    rows = school_practice(event, school, pupils)
    low, high = limits(rows["expected"].to_numpy(), 0.95)
    assert (rows["high_95"] - rows["low_95"] > 1.3 * (high - low)).all()


def test_the_funnel_is_a_drawing_with_a_dot_a_school() -> None:
    event, school, pupils = invented(4, [1.0] * 6)
    drawn = ET.fromstring(funnel(school_practice(event, school, pupils), "funnel"))
    dots = [part for part in drawn.iter() if part.tag == "circle"]
    assert len(dots) == 6 + 1  # and the one that explains them


def test_a_gap_made_by_schools_alone_is_between_and_one_inside_is_within() -> None:
    chance = np.random.default_rng(0)
    school = pd.Series(chance.integers(0, 8, 20_000))
    group = pd.Series(np.where(chance.random(20_000) < 0.1 + 0.1 * school, "A", "B"))
    by_school = chance.random(20_000) < 0.02 + 0.03 * school
    told = within_schools(by_school, group, school).set_index("group").loc["A"]
    assert told["within_lower"] < 0 < told["within_upper"]
    assert told["between"] > 0.04 and told["gap"] == pytest.approx(told["within"] + told["between"])
    inside = chance.random(20_000) < np.where(group == "A", 0.15, 0.10)
    told = within_schools(inside, group, school).set_index("group").loc["A"]
    assert told["within_lower"] > 0.03 and abs(told["between"]) < 0.01


def test_one_group_and_groups_that_never_meet_are_undefined_with_the_reason() -> None:
    event = np.array([True, False] * 20)
    alone = within_schools(event, pd.Series(["A"] * 40), pd.Series(["Elm"] * 40))
    assert alone["within"].isna().all() and alone["reason"].str.contains("only one group").all()
    apart = within_schools(event, pd.Series(["A"] * 20 + ["B"] * 20), pd.Series(["Elm"] * 20 + ["Oak"] * 20))
    assert apart["within"].isna().all() and apart["reason"].str.contains("under 10").all()
