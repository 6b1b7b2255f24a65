"""Law 1 and its neighbours over every family: rows known later, their order and the engine change nothing."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pandas as pd
import pytest
from building import history_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worlds import AS_OF_DATES, PUPILS, Rows, happenings, world

from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.engines import ENGINES, open_engine
from earlywarning.studies import STUDIES

FEW = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def built(tables: Rows, engine: str = "polars", as_of_dates: list[str] = AS_OF_DATES) -> Dataset:
    with open_engine(engine) as opened:
        return assemble(STUDIES["secondary"], history_of(opened, tables, as_of_dates), labelled=False)


def same(one: Dataset, other: Dataset) -> None:
    pd.testing.assert_frame_equal(one.X, other.X, check_exact=False, rtol=0, atol=1e-12)
    pd.testing.assert_frame_equal(one.facts, other.facts, check_exact=True)
    pd.testing.assert_series_equal(one.rows["why_not"], other.rows["why_not"])


def later_than(day: str, rows: Rows) -> Rows:
    """``rows`` as if each had reached the authority only after ``day``."""
    cut = dt.date.fromisoformat(day)
    return {
        name: [row | {"known_from": max(row["known_from"], cut + dt.timedelta(days=1))} for row in given]
        for name, given in rows.items()
    }


@FEW
@given(happenings(), happenings())
def test_rows_known_later_change_no_feature(known: Rows, later: Rows) -> None:
    last = AS_OF_DATES[-1]
    same(built(world(known, later_than(last, later))), built(world(known)))


@FEW
@given(happenings(), happenings())
def test_rows_known_between_two_cuts_change_only_the_later_one(known: Rows, later: Rows) -> None:
    first = AS_OF_DATES[0]
    both, alone = built(world(known, later_than(first, later))), built(world(known))
    at_first = both.rows.index.get_level_values("as_of_date") == pd.Timestamp(first)
    same(both.where(at_first), alone.where(at_first))


@FEW
@given(happenings())
def test_the_end_of_a_spell_is_not_seen_before_it_is_known(known: Rows) -> None:
    hidden = {
        name: [row | {"end_date": None, "end_known_from": None} for row in rows]
        for name, rows in known.items()
        if name in {"services", "sen"}
    }
    unknown = {
        name: [row | {"end_known_from": dt.date(2030, 1, 1)} if row["end_date"] else row for row in rows]
        for name, rows in known.items()
        if name in {"services", "sen"}
    }
    same(built(world(known | unknown)), built(world(known | hidden)))


def test_a_service_is_seen_as_open_until_its_end_is_known() -> None:
    ended = {
        "pupil_id": "a",
        "service": "early_help",
        "start_date": dt.date(2024, 3, 4),
        "known_from": dt.date(2024, 3, 11),
        "end_date": dt.date(2024, 6, 1),
        "end_known_from": dt.date(2024, 11, 1),
    }
    tiers = built(world({"services": [ended]})).facts.loc["a", "tier_open"]
    assert tiers.tolist() == [1, 0, 0]


@FEW
@given(happenings(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(known: Rows, shuffle: random.Random) -> None:
    tables = world(known)
    mixed: Rows = {}
    for name, rows in tables.items():
        mixed[name] = shuffle.sample(rows, len(rows))
    same(built(mixed), built(tables))


@FEW
@given(happenings())
def test_another_name_for_a_pupil_changes_nothing(known: Rows) -> None:
    renamed = {"a": "z9", "b": "a1", "c": "m5"}

    def rename(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"pupil_id": renamed[row["pupil_id"]]} if "pupil_id" in row else row for row in rows]

    tables = world(known)
    other = built({name: rename(rows) for name, rows in tables.items()})
    back = {new: old for old, new in renamed.items()}
    home = other.X.rename(index=back, level="pupil_id").sort_index()
    pd.testing.assert_frame_equal(home, built(tables).X, rtol=0, atol=1e-12)


@FEW
@given(happenings())
def test_a_retraction_takes_a_row_back_from_its_own_date(known: Rows) -> None:
    taken_back = {
        name: [row | {"record": "retraction"} for row in rows if row.get("record", "new") == "new"]
        for name, rows in known.items()
    }
    new_only = {
        name: [row | {"record": "new"} for row in rows if row.get("record", "new") == "new"]
        for name, rows in known.items()
    }
    same(built(world(new_only, taken_back)), built(world({})))


@pytest.mark.parametrize("engine", sorted(set(ENGINES) - {"polars", "spark"}))  # Spark: tests/engines
@settings(FEW, max_examples=5)
@given(happenings())
def test_every_engine_agrees(engine: str, known: Rows) -> None:
    same(built(world(known), engine), built(world(known), "polars"))


def test_a_school_that_did_not_send_makes_missing_values_and_never_zero() -> None:
    data = built(world({}))
    silent = data.X.loc[("c", pd.Timestamp("2025-04-04"))].filter(like="behaviour_")
    assert silent.filter(regex="_(1ht|1t)$").isna().all()
    assert silent["behaviour_negative_events_3t"] == 0  # received for more than half of that year
    assert data.rows.loc[("c", pd.Timestamp("2025-04-04")), "why_not"] != ""
    seen = data.X.loc[("a", pd.Timestamp("2025-04-04"))]
    assert seen["behaviour_negative_events_1t"] == 0
    assert set(data.X.index.get_level_values("pupil_id")) == set(PUPILS)
