"""Law 7: what may never be an input, and what is off until the policy records a reason."""

from __future__ import annotations

import re

import pytest
from building import history_of, of_families

from earlywarning.dataset.assemble import assemble
from earlywarning.engines import open_engine
from earlywarning.features import FAMILIES, SWITCHED_OFF, Feature
from earlywarning.studies import STUDIES
from earlywarning.tables import TABLES

DECLARED = {**FAMILIES, **SWITCHED_OFF}
FEATURES = [feature for family in DECLARED.values() for feature in family.features]
FORBIDDEN_TABLES = {"pupils", "sen", "residence"}
AS_OF = ["2024-12-31"]


def test_no_family_reads_a_table_that_holds_protected_characteristics() -> None:
    assert not {family.table for family in FAMILIES.values()} & FORBIDDEN_TABLES
    held = {column.name for column in TABLES["pupils"].columns}
    assert {"sex", "ethnicity", "eal", "fsm_eligible"} <= held


def test_what_the_law_switches_off_is_off_in_every_study() -> None:
    assert all(feature.off.startswith("Law 7") for f in SWITCHED_OFF.values() for feature in f.features)
    assert not [f for f in SWITCHED_OFF.values() if f.inputs or f.name in FAMILIES]
    named = {feature.name for study in STUDIES.values() for f in study.families for feature in f.inputs}
    assert not named & {feature.name for f in SWITCHED_OFF.values() for feature in f.features}


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_feature_is_named_by_family_measure_unit_and_look_back(feature: Feature) -> None:
    family, _, rest = feature.name.partition("_")
    assert family in DECLARED
    assert re.fullmatch(r"[a-z0-9_]+_[a-z]+_(1ht|1t|3t|1y|ever|open)", rest)
    assert rest.endswith(f"_{feature.lookback}")


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_no_sentence_speaks_of_causes_or_of_what_is_to_come(feature: Feature) -> None:
    said = f"{feature.description} {feature.reason}".lower()
    assert not re.search(r"\b(because|cause[sd]?|will|due to|at risk)\b", said)
    assert feature.theme and feature.description


def test_youth_justice_and_domestic_abuse_records_change_no_input() -> None:
    base = {
        "pupils": "pupil_id\na",
        "enrolments": "pupil_id | school_id | nc_year | start_date\na | s1 | 9 | 2024-09-02",
        "residence": "pupil_id | home_la | start_date\na | 213 | 2020-01-01",
        "coverage": "feed | source | from_date | to_date\nservices | 213 | 2023-09-04 | 2025-07-22",
    }

    def inputs(services: str) -> list[float]:
        with open_engine("polars") as engine:
            history = history_of(engine, base | {"services": services}, AS_OF)
            return assemble(of_families(), history, labelled=False).X.fillna(-1).iloc[0].tolist()

    head = "pupil_id | service | start_date"
    nothing = inputs(head)
    assert inputs(f"{head}\na | youth_justice | 2024-03-04") == nothing
    assert inputs(f"{head}\na | domestic_abuse_notification | 2024-03-04") == nothing
    assert inputs(f"{head}\na | early_help | 2024-03-04") != nothing


def test_protected_characteristics_and_sen_change_no_input_and_no_label() -> None:
    roll = "pupil_id | school_id | nc_year | start_date\na | s1 | 9 | 2024-09-02"

    def told(pupils: str, sen: str) -> tuple[list[float], list[str]]:
        with open_engine("polars") as engine:
            history = history_of(engine, {"pupils": pupils, "sen": sen, "enrolments": roll}, AS_OF)
            data = assemble(of_families(), history)
        return data.X.fillna(-1).iloc[0].tolist(), data.rows["state"].tolist()

    one = told(
        "pupil_id | sex | ethnicity\na | F | BCRB",
        "pupil_id | sen_provision | start_date\na | E | 2023-01-01",
    )
    other = told("pupil_id | sex | ethnicity\na | M | WBRI", "pupil_id | sen_provision | start_date")
    assert one == other
