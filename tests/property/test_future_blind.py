"""The laws over every family: what is known later, order, names and the engine change no feature."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from building import ON_ONE_MACHINE, history_of, of_families
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from worlds import AS_OF_DATES, ON_ROLL, PUPILS, Rows, happenings, only_new, split, taken_back, world

from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.measure import source_of
from earlywarning.engines import open_engine
from earlywarning.errors import NotAvailable
from earlywarning.features import FAMILIES as ON
from earlywarning.features import SWITCHED_OFF
from earlywarning.features.declare import VISIBILITY
from earlywarning.tables import TABLES

FEW = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
SPELLS = ("enrolments", "residence", "sen", "services")
CORRECTED_ON = dt.date(2024, 11, 12)
# The laws hold for what is off as well: a reason may be recorded any day.
FAMILIES = {
    **ON,
    **{
        name: family.recording({feature.name: "the laws are tried" for feature in family.features})
        for name, family in SWITCHED_OFF.items()
    },
}
every_family = pytest.mark.parametrize("name", FAMILIES)


def built(
    tables: Rows,
    *names: str,
    engine: str = "polars",
    absent: frozenset[str] = frozenset(),
    columns_reversed: bool = False,
) -> Dataset:
    """The dataset of the families called ``names``, or of all."""
    study = of_families(FAMILIES[name] for name in names or FAMILIES)
    with open_engine(engine) as opened:
        history = replace(history_of(opened, tables, AS_OF_DATES), absent=absent)
        if columns_reversed:
            turned = {
                name: frame.select(*reversed(frame.collect_schema().names()))
                for name, frame in history.tables.items()
            }
            history = replace(history, tables=turned)
        return assemble(study, history, labelled=False)


def reads(name: str) -> tuple[str, ...]:
    """The tables that decide a family's values."""
    family = FAMILIES[name]
    located = {family.seen.located_by} if family.seen else set()
    return tuple(sorted({source_of(family), *located}))


def told_of(draw: st.DataObject, name: str) -> Rows:
    """Rows of every table that a family reads."""
    return draw.draw(happenings(reads(name)))


def same(one: Dataset, other: Dataset) -> None:
    pd.testing.assert_frame_equal(one.X, other.X, check_exact=False, rtol=0, atol=1e-12)
    pd.testing.assert_frame_equal(one.facts, other.facts, check_exact=True)
    pd.testing.assert_series_equal(one.rows["why_not"], other.rows["why_not"])


def on(data: Dataset, days: list[str]) -> Dataset:
    return data.where(data.rows.index.get_level_values("as_of_date").isin(pd.to_datetime(days)))


def later_than(day: str, rows: Rows) -> Rows:
    """``rows`` as if each had reached the authority only after ``day``."""
    cut = dt.date.fromisoformat(day)
    return {
        name: [row | {"known_from": max(row["known_from"], cut + dt.timedelta(days=1))} for row in given]
        for name, given in rows.items()
    }


@every_family
@FEW
@given(st.data())
def test_rows_known_later_change_no_feature(name: str, draw: st.DataObject) -> None:
    known, later = told_of(draw, name), told_of(draw, name)
    same(built(world(known, later_than(AS_OF_DATES[-1], later)), name), built(world(known), name))


@every_family
@FEW
@given(st.data())
def test_rows_known_between_two_cuts_change_only_the_later_one(name: str, draw: st.DataObject) -> None:
    known, later, first = told_of(draw, name), told_of(draw, name), AS_OF_DATES[0]
    both, alone = built(world(known, later_than(first, later)), name), built(world(known), name)
    same(on(both, [first]), on(alone, [first]))


@pytest.mark.parametrize("name", ["services", "placements"])
@FEW
@given(st.data())
def test_the_end_of_a_spell_is_not_seen_before_it_is_known(name: str, draw: st.DataObject) -> None:
    known = told_of(draw, name)
    hidden = [row | {"end_date": None, "end_known_from": None} for row in known[name]]
    unknown = [
        row | {"end_known_from": dt.date(2030, 1, 1)} if row["end_date"] else row for row in known[name]
    ]
    same(built(world(known | {name: unknown}), name), built(world(known | {name: hidden}), name))


def test_a_service_is_seen_as_open_until_its_end_is_known() -> None:
    ended = {
        "pupil_id": "a",
        "service": "early_help",
        "start_date": dt.date(2024, 3, 4),
        "known_from": dt.date(2024, 3, 11),
        "end_date": dt.date(2024, 6, 1),
        "end_known_from": dt.date(2024, 11, 1),
    }
    tiers = built(world({"services": [ended]}), "services").facts.loc["a", "tier_open"]
    assert tiers.tolist() == [1, 0, 0]


@every_family
@FEW
@given(st.data(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_changes_nothing(
    name: str, draw: st.DataObject, shuffle: random.Random
) -> None:
    tables = world(told_of(draw, name))
    mixed = {table: shuffle.sample(rows, len(rows)) for table, rows in tables.items()}
    same(built(mixed, name, columns_reversed=True), built(tables, name))


@every_family
@FEW
@given(st.data())
def test_another_name_for_a_pupil_changes_nothing(name: str, draw: st.DataObject) -> None:
    renamed = {"a": "z9", "b": "a1", "c": "m5"}

    def rename(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row | {"pupil_id": renamed[row["pupil_id"]]} if "pupil_id" in row else row for row in rows]

    tables = world(told_of(draw, name))
    other = built({table: rename(rows) for table, rows in tables.items()}, name)
    back = {new: old for old, new in renamed.items()}
    home = other.X.rename(index=back, level="pupil_id").sort_index()
    pd.testing.assert_frame_equal(home, built(tables, name).X, rtol=0, atol=1e-12)


@every_family
@FEW
@given(st.data(), st.floats(0, 1))
def test_a_spell_split_into_two_that_touch_changes_nothing(
    name: str, draw: st.DataObject, share: float
) -> None:
    tables = world(only_new(told_of(draw, name)), only_new(draw.draw(happenings(("sen",)))))
    halved = {table: split(rows, share) if table in SPELLS else rows for table, rows in tables.items()}
    assert len(halved["enrolments"]) > len(tables["enrolments"])
    same(built(halved, name), built(tables, name))


@every_family
@FEW
@given(st.data())
def test_a_retraction_takes_a_row_back_from_its_own_date(name: str, draw: st.DataObject) -> None:
    said = only_new(told_of(draw, name))
    same(built(world(said, taken_back(said)), name), built(world({}), name))


@every_family
@FEW
@given(st.data())
def test_a_correction_changes_what_was_known_only_from_its_own_date(name: str, draw: st.DataObject) -> None:
    early = {
        table: [row | {"known_from": min(row["known_from"], CORRECTED_ON)} for row in rows]
        for table, rows in only_new(told_of(draw, name)).items()
    }
    right = only_new(told_of(draw, name))
    late = {
        table: [row | {"known_from": max(row["known_from"], CORRECTED_ON)} for row in rows]
        for table, rows in right.items()
    }
    corrected = built(world(early, taken_back(early, CORRECTED_ON), late), name)
    before = [day for day in AS_OF_DATES if dt.date.fromisoformat(day) < CORRECTED_ON]
    after = [day for day in AS_OF_DATES if day not in before]
    same(on(corrected, before), on(built(world(early), name), before))
    same(on(corrected, after), on(built(world(right), name), after))


@every_family
@pytest.mark.parametrize("engine", sorted(set(ON_ONE_MACHINE) - {"polars"}))
@settings(FEW, max_examples=2)
@given(st.data())
def test_every_engine_agrees(engine: str, name: str, draw: st.DataObject) -> None:
    tables = world(told_of(draw, name))
    same(built(tables, name, engine=engine), built(tables, name))


@every_family
@FEW
@given(st.data())
def test_what_is_not_visible_is_missing_and_never_zero(name: str, draw: st.DataObject) -> None:
    family = FAMILIES[name]
    nothing: Rows = {"coverage": [], source_of(family): ON_ROLL.get(source_of(family), [])}
    rows = told_of(draw, name) if family.seen else {}
    unseen = built(world(rows) | nothing if not family.seen else world(rows) | {"coverage": []}, name).X
    if family.seen or source_of(family) != "enrolments":
        shown = [feature.name for feature in family.inputs if feature.unit != VISIBILITY]
        assert unseen[shown].isna().all(axis=None)
    for feature in family.inputs:
        if feature.unit == VISIBILITY:
            assert unseen[feature.name].eq(0).all()


def leavable() -> list[tuple[str, str]]:
    """Families with the columns of their tables that an extract may leave out."""
    return [
        (name, column.name)
        for name, family in FAMILIES.items()
        for column in TABLES[source_of(family)].columns
        if column.nullable and not column.derived and column.name != "end_date"
    ]


@pytest.mark.parametrize(("name", "column"), leavable())
@FEW
@given(st.data())
@pytest.mark.filterwarnings("ignore::earlywarning.errors.NotAvailable")
def test_a_column_that_was_not_received_makes_no_other_value(
    name: str, column: str, draw: st.DataObject
) -> None:
    source = source_of(FAMILIES[name])
    tables = world(only_new(told_of(draw, name)))
    without = tables | {source: [row | {column: None} for row in tables[source]]}
    full = built(tables, name).X
    left = built(without, name, absent=frozenset({f"{source}.{column}"})).X
    assert (left.isna() | np.isclose(left, full, rtol=0, atol=1e-12)).all(axis=None)


@every_family
def test_a_table_that_was_not_received_makes_its_features_not_available(name: str) -> None:
    source = source_of(FAMILIES[name])
    with pytest.warns(NotAvailable, match=f"'{source}' was not received"):
        data = built(world({}), name, absent=frozenset({source}))
    of_rows = [f for f in FAMILIES[name].inputs if f.name in data.not_available[source]]
    assert data.X[[feature.name for feature in of_rows]].isna().all(axis=None)
    stays: Mapping[str, nw.Expr] = {f.name: f.value for f in FAMILIES[name].inputs if f not in of_rows}
    assert set(stays) <= {
        "context_nc_year_level_open",
        "context_term_number_open",
        "services_visible_flag_1ht",
    }


def test_a_school_that_did_not_send_makes_missing_values_and_never_zero() -> None:
    data = built(world({}))
    silent = data.X.loc[("c", pd.Timestamp("2025-04-04"))].filter(like="behaviour_")
    assert silent.filter(regex="_(1ht|1t)$").isna().all()
    assert silent["behaviour_negative_events_3t"] == 0  # received for more than half of that year
    assert data.rows.loc[("c", pd.Timestamp("2025-04-04")), "why_not"] != ""
    seen = data.X.loc[("a", pd.Timestamp("2025-04-04"))]
    assert seen["behaviour_negative_events_1t"] == 0
    assert set(data.X.index.get_level_values("pupil_id")) == set(PUPILS)
