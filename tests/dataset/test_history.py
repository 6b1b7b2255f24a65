"""What was visible and what was known, in tables a head teacher could read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from building import ON_ONE_MACHINE, history_of, of_families

from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.engines import open_engine
from earlywarning.errors import InputRefused
from earlywarning.features import FAMILIES

ROLL = """
pupil_id | school_id | nc_year | status | start_date
a        | s1        | 9       | C      | 2024-09-02
"""
AT_HOME = "pupil_id | home_la | start_date\na | 213 | 2020-01-01"
SHARED = "feed | source | from_date | to_date\nservices | 213 | 2023-09-04 | 2025-07-22"


def built(family: str, written: dict[str, Any], engine: str = "duckdb", as_of: str = "2024-12-31") -> Dataset:
    """The dataset of one family over the tables."""
    base = {"pupils": "pupil_id\na", "enrolments": ROLL, "residence": AT_HOME}
    with open_engine(engine) as opened:
        history = history_of(opened, base | written, [as_of])
        return assemble(of_families([FAMILIES[family]]), history, labelled=False)


def seen(data: Dataset, measure: str) -> bool:
    return bool(data.facts[measure].notna().iloc[0])


# 4 November to 20 December is the half term under way: 35 school days, of which 18 are needed.
@pytest.mark.parametrize(("sent_to", "expected"), [("2024-11-26", False), ("2024-11-27", True)])
def test_a_look_back_is_visible_from_half_of_its_school_days(sent_to: str, expected: bool) -> None:
    coverage = f"feed | source | from_date | to_date\nbehaviour | s1 | 2024-11-04 | {sent_to}"
    assert seen(built("behaviour", {"coverage": coverage}), "negative_1ht") is expected


@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
def test_two_rolls_or_two_rows_do_not_make_a_day_count_twice(engine: str) -> None:
    twice = """
pupil_id | school_id | nc_year | status | start_date
a        | s1        | 9       | M      | 2024-09-02
a        | s1        | 9       | M      | 2024-09-03
a        | s2        | 9       | S      | 2024-09-02
"""
    third = """
feed      | source | from_date  | to_date
behaviour | s1     | 2024-11-04 | 2024-11-15
behaviour | s2     | 2024-11-04 | 2024-11-15
"""
    assert not seen(built("behaviour", {"enrolments": twice, "coverage": third}, engine), "negative_1ht")


def test_coverage_of_another_year_makes_nothing_visible() -> None:
    long_ago = "feed | source | from_date | to_date\nbehaviour | s1 | 2019-09-02 | 2020-07-22"
    assert not seen(built("behaviour", {"coverage": long_ago}), "negative_1ht")


@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
def test_a_spell_taken_back_is_gone_whatever_the_retraction_says_of_its_end(engine: str) -> None:
    services = """
pupil_id | service    | start_date | end_date   | known_from | end_known_from | record
a        | looked_after | 2024-09-02 | 2024-11-01 | 2024-09-09 | 2024-11-05     | new
a        | looked_after | 2024-09-02 | 2024-11-01 | 2024-12-01 | 2025-01-15     | retraction
"""
    before = built("services", {"services": services, "coverage": SHARED}, engine, "2024-11-29")
    after = built("services", {"services": services, "coverage": SHARED}, engine)
    assert before.facts["tier_ever"].tolist() == [4]
    assert after.facts["tier_ever"].tolist() == [0]


def test_a_spell_begun_at_a_placeholder_date_is_not_lost() -> None:
    services = "pupil_id | service | start_date\na | looked_after | 1900-01-01"
    data = built("services", {"services": services, "coverage": SHARED})
    assert data.facts["tier_open"].tolist() == [4]


def test_what_was_sent_and_taken_back_is_as_if_never_sent() -> None:
    ks2 = """
pupil_id | date       | subject | scaled_score | known_from | record
a        | 2023-05-09 | reading | 97           | 2023-07-11 | new
a        | 2023-05-09 | reading | 97           | 2024-10-01 | retraction
"""
    pd.testing.assert_frame_equal(built("ks2", {"ks2": ks2}).facts, built("ks2", {}).facts)


def test_nobody_on_roll_is_refused_with_what_to_look_at() -> None:
    left = "pupil_id | school_id | nc_year | start_date | end_date\na | s1 | 9 | 2023-09-04 | 2024-07-19"
    with pytest.raises(InputRefused, match="no pupil is in the cohort"):
        built("context", {"enrolments": left})


def test_a_sentence_of_two_rows_says_what_the_feature_says() -> None:
    ks2 = """
pupil_id | date       | subject | scaled_score | known_from
a        | 2023-05-09 | reading | 97           | 2023-07-11
a        | 2024-05-14 | reading | 103          | 2024-07-09
"""
    data = built("ks2", {"ks2": ks2})
    assert np.isclose(data.X["ks2_reading_score_ever"].iloc[0], 100)
    reason = next(f.reason for f in data.features if f.name == "ks2_reading_score_ever")
    assert "{ks2_reading_score_ever:n}" in reason
