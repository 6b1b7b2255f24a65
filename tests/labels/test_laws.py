"""The laws over every label: what the extract did not hold, order and what was taken back change no state."""

from __future__ import annotations

import datetime as dt
import random

import pandas as pd
from building import history_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from worlds import AS_OF_DATES, Rows, happenings, only_new, taken_back, world

from earlywarning.dataset.history import PUPIL_DATE
from earlywarning.engines import open_engine
from earlywarning.labels import LABELS
from earlywarning.labels.declare import STATES
from earlywarning.studies import STUDIES

EXTRACTED_ON = dt.date(2026, 8, 31)  # every label is mature by then, a year after the last cut too
FEW = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
happened = happenings(("suspensions", "placements", "enrolments"), most=20)


def told(tables: Rows) -> pd.DataFrame:
    """The state of every pupil and date under every label, missing where the label is not asked."""
    with open_engine("polars") as engine:
        history = history_of(engine, tables, AS_OF_DATES, EXTRACTED_ON.isoformat())
        everyone, states = STUDIES["secondary"].cohort(history), {}
        for name, label in LABELS.items():
            cohort = label.cohort(history, everyone)
            index = pd.MultiIndex.from_frame(cohort[list(PUPIL_DATE)])
            states[name] = label.states(history, cohort)["state"].set_axis(index)
    return pd.DataFrame(states).sort_index()


def known_after_the_extract(rows: Rows) -> Rows:
    late = EXTRACTED_ON + dt.timedelta(days=1)
    return {
        name: [row | {"known_from": max(row["known_from"], late)} for row in given]
        for name, given in rows.items()
    }


@FEW
@given(happened, happened)
def test_rows_known_after_the_extract_change_no_state(known: Rows, later: Rows) -> None:
    pd.testing.assert_frame_equal(told(world(known, known_after_the_extract(later))), told(world(known)))


@FEW
@given(happened, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_state(rows: Rows, shuffle: random.Random) -> None:
    tables = world(rows)
    mixed = {name: shuffle.sample(given, len(given)) for name, given in tables.items()}
    pd.testing.assert_frame_equal(told(mixed), told(tables))


@FEW
@given(happened)
def test_what_was_taken_back_by_the_extract_never_happened(rows: Rows) -> None:
    said = only_new(rows) | {"enrolments": []}  # who is on the roll is decided by what was known on the day
    states, never = told(world(said, taken_back(said, EXTRACTED_ON))), told(world({}))
    # So is of whom a label is asked: not of a pupil with a suspension that was taken back only later.
    pd.testing.assert_frame_equal(states, never.where(states.notna()))


@FEW
@given(happened)
def test_what_needs_more_happens_to_fewer(rows: Rows) -> None:
    states = told(world(rows))
    assert set(states.stack().dropna()) <= set(STATES)
    event = states == "event"
    for stricter, milder in (
        ("over_15_days", "over_5_days"),
        ("two_suspensions", "new_suspension"),
        ("first_suspension", "new_suspension"),
    ):
        assert not (event[stricter] & ~event[milder]).any(), stricter
