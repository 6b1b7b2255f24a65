"""Attendance, in tables a head teacher could read."""

from __future__ import annotations

import pandas as pd
import pytest
from building import ON_ONE_MACHINE, history_of, of_families

from earlywarning.dataset.assemble import assemble
from earlywarning.engines import open_engine
from earlywarning.features.attendance import ATTENDANCE_FAMILY

ROLL = """
pupil_id | school_id | nc_year | start_date
a        | s1        | 9       | 2024-09-02
b        | s1        | 9       | 2024-09-02
"""
PUPILS = """
pupil_id
a
b
"""
SENT = """
feed       | source | from_date  | to_date
attendance | s1     | 2024-09-02 | 2025-07-22
behaviour  | s1     | 2024-09-02 | 2025-07-22
"""


def facts(
    marks: str, engine: str = "duckdb", as_of: str = "2024-12-31", coverage: str = SENT
) -> pd.DataFrame:
    written = {"pupils": PUPILS, "enrolments": ROLL, "coverage": coverage, "attendance": marks}
    with open_engine(engine) as opened:
        data = assemble(
            of_families([ATTENDANCE_FAMILY]), history_of(opened, written, [as_of]), labelled=False
        )
    return data.facts.join(data.X).droplevel("as_of_date")


@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
def test_absence_is_sessions_absent_over_sessions_possible(engine: str) -> None:
    told = facts(
        """
pupil_id | school_id | date       | session | code
a        | s1        | 2024-11-05 | AM      | /
a        | s1        | 2024-11-05 | PM      | N
a        | s1        | 2024-11-06 | AM      | I
a        | s1        | 2024-11-06 | PM      | L
b        | s1        | 2024-11-05 | AM      | X
""",
        engine,
    )
    assert told.loc["a", ["possible_1ht", "absent_1ht", "unauthorised_1ht", "late_1ht"]].tolist() == [
        4,
        2,
        1,
        1,
    ]
    assert told.loc["a", "attendance_absence_rate_1ht"] == 0.5
    assert told.loc["b", "possible_1ht"] == 0
    assert pd.isna(told.loc["b", "attendance_absence_rate_1ht"])


def test_suspended_sessions_are_neither_absent_nor_possible() -> None:
    told = facts(
        """
pupil_id | school_id | date       | session | code
a        | s1        | 2024-11-05 | AM      | /
a        | s1        | 2024-11-05 | PM      | E
a        | s1        | 2024-11-06 | AM      | R
a        | s1        | 2024-11-06 | PM      | T
a        | s1        | 2024-11-07 | AM      | S
"""
    )
    assert told.loc["a", ["possible_1ht", "absent_1ht"]].tolist() == [1, 0]


def test_a_corrected_mark_counts_once_and_as_corrected() -> None:
    told = facts(
        """
pupil_id | school_id | date       | session | code | known_from | record
a        | s1        | 2024-11-05 | AM      | N    | 2024-11-05 | new
a        | s1        | 2024-11-05 | AM      | N    | 2024-11-12 | retraction
a        | s1        | 2024-11-05 | AM      | I    | 2024-11-12 | new
"""
    )
    assert told.loc["a", ["possible_1ht", "absent_1ht", "unauthorised_1ht"]].tolist() == [1, 1, 0]


def test_part_time_has_no_value_before_the_code_existed() -> None:
    marks = """
pupil_id | school_id | date       | session | code
a        | s1        | 2024-09-05 | AM      | /
"""
    year_before = """
feed       | source | from_date  | to_date
attendance | s1     | 2023-09-02 | 2025-07-22
behaviour  | s1     | 2023-09-02 | 2025-07-22
"""
    early = facts(marks, as_of="2024-09-26", coverage=year_before)
    assert pd.isna(early.loc["a", "attendance_part_time_rate_1t"])
    late = facts(marks, as_of="2024-12-31", coverage=year_before)
    assert late.loc["a", "attendance_part_time_rate_1t"] == 0


def test_a_mark_on_the_day_of_the_cut_counts_and_the_next_day_does_not() -> None:
    told = facts(
        """
pupil_id | school_id | date       | session | code
a        | s1        | 2024-12-19 | AM      | N
a        | s1        | 2024-12-20 | AM      | N
""",
        as_of="2024-12-19",
    )
    assert told.loc["a", "absent_1ht"] == 1
