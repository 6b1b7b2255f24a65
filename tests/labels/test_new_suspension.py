"""The main label and its states, in tables a head teacher could read."""

from __future__ import annotations

import pytest
from building import history_of

from earlywarning.engines import open_engine
from earlywarning.labels import LABELS
from earlywarning.studies import STUDIES

# Cut on 31 December 2024: the panel meets on 14 January 2025, the label closes on 4 April 2025.
AS_OF = "2024-12-31"
PUPILS = """
pupil_id
a
"""
SENT = """
feed        | source | from_date  | to_date
suspensions | s1     | 2024-09-02 | 2025-07-22
"""
ON_ROLL = """
pupil_id | school_id | nc_year | start_date | end_date
a        | s1        | 9       | 2024-09-02 |
"""


def state(
    suspensions: str = "pupil_id | start_date",
    enrolments: str = ON_ROLL,
    placements: str = "pupil_id | start_date",
    coverage: str = SENT,
    extracted_on: str = "2025-08-31",
) -> tuple[str, int]:
    written = {
        "pupils": PUPILS,
        "enrolments": enrolments,
        "suspensions": suspensions,
        "placements": placements,
        "coverage": coverage,
    }
    with open_engine("duckdb") as engine:
        history = history_of(engine, written, [AS_OF], extracted_on)
        cohort = STUDIES["secondary"].cohort(history)
        told = LABELS["new_suspension"].states(history, cohort)
    assert len(told) == 1
    return str(told["state"].iloc[0]), int(told["days_at_risk"].iloc[0])


def suspended(*rows: str) -> str:
    return "\n".join(
        ["pupil_id | school_id | category | start_date | decision", *[f"a | s1 | {row}" for row in rows]]
    )


def test_no_suspension_is_no_event_for_the_whole_window() -> None:
    assert state() == ("no_event", 80)


@pytest.mark.parametrize("category", ["SUSP", "FIXD", "PERM"])
def test_a_suspension_or_permanent_exclusion_in_the_window_is_an_event(category: str) -> None:
    assert state(suspended(f"{category} | 2025-01-24 | in_force")) == ("event", 10)


def test_a_lunchtime_exclusion_is_no_event() -> None:
    assert state(suspended("LNCH | 2025-01-24 | in_force"))[0] == "no_event"


@pytest.mark.parametrize(
    ("day", "expected"), [("2025-01-14", "event"), ("2025-04-04", "event"), ("2025-04-22", "no_event")]
)
def test_the_window_opens_with_the_panel_and_closes_with_the_term(day: str, expected: str) -> None:
    assert state(suspended(f"SUSP | {day} | in_force"))[0] == expected


def test_what_happens_between_the_cut_and_the_panel_counts_for_nobody() -> None:
    assert state(suspended("SUSP | 2025-01-13 | in_force"))[0] == "no_event"


def test_a_withdrawn_suspension_is_no_event() -> None:
    assert state(suspended("SUSP | 2025-01-24 | withdrawn"))[0] == "no_event"


def test_a_suspension_reported_after_the_extract_is_not_known() -> None:
    told = "pupil_id | school_id | start_date | known_from\na | s1 | 2025-01-24 | 2025-09-10"
    assert state(told)[0] == "no_event"


def test_a_pupil_who_leaves_is_censored() -> None:
    left = "pupil_id | school_id | nc_year | start_date | end_date\na | s1 | 9 | 2024-09-02 | 2025-02-14"
    assert state(enrolments=left) == ("censored", 31)


def test_a_move_between_schools_is_not_leaving() -> None:
    moved = """
pupil_id | school_id | nc_year | start_date | end_date
a        | s1        | 9       | 2024-09-02 | 2025-02-14
a        | s2        | 9       | 2025-02-24 |
"""
    both = f"{SENT}suspensions | s2 | 2024-09-02 | 2025-07-22"
    assert state(enrolments=moved, coverage=both)[0] == "no_event"
    assert state(enrolments=moved)[0] == "censored"  # most of the window was at a school that sent nothing


def test_a_managed_move_before_the_suspension_competes() -> None:
    moved = "pupil_id | school_id | route | start_date\na | s1 | managed_move | 2025-01-20"
    assert state(suspended("SUSP | 2025-01-24 | in_force"), placements=moved) == ("competing", 6)
    assert state(suspended("SUSP | 2025-01-20 | in_force"), placements=moved)[0] == "event"


def test_before_the_label_matures_nothing_is_said() -> None:
    assert state(extracted_on="2025-05-03")[0] == "immature"
    assert state(extracted_on="2025-05-04")[0] == "no_event"


def test_a_school_that_sent_no_suspensions_has_no_known_outcome() -> None:
    silent = "feed | source | from_date | to_date\nsuspensions | s1 | 2024-09-02 | 2025-01-31"
    assert state(coverage=silent)[0] == "censored"
    # An event that became known all the same is left out too: else a silent school would have only events.
    assert state(suspended("SUSP | 2025-01-24 | in_force"), coverage=silent)[0] == "censored"
