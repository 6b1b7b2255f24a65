"""Every label's state for pupils to whom one thing each happened, in tables a head teacher could read.

Cut on 31 December 2023: the panel meets on 15 January 2024, the term ends on 28 March 2024.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from building import history_of, rows_of

from earlywarning.engines import open_engine
from earlywarning.errors import InputRefused
from earlywarning.labels import LABELS
from earlywarning.labels.page import page
from earlywarning.studies import STUDIES

AS_OF, EXTRACTED_ON = "2023-12-31", "2025-08-31"
MATURE = dict.fromkeys(LABELS, "2024-04-27") | {
    "suspension_within_year": "2025-02-13",
    "suspension_in_year_7": "2024-08-18",
}

SCHOOLS = """
school_id | school_name       | la  | phase
s1        | Alder Lane School | 213 | secondary
s2        | Birch Hill School | 207 | secondary
s3        | Cedar Road School | 207 | secondary
"""
# The second school stopped sending suspensions in January; the third never sent placements.
SENT = """
feed        | source | from_date  | to_date
suspensions | s1     | 2023-09-04 | 2025-07-22
placements  | s1     | 2023-09-04 | 2025-07-22
suspensions | s2     | 2023-09-04 | 2024-01-31
placements  | s2     | 2023-09-04 | 2025-07-22
suspensions | s3     | 2023-09-04 | 2025-07-22
"""
# Whoever is not here is in Year 9 at the first school for as long as the data go.
ROLL = """
pupil_id     | school_id | nc_year | end_date   | end_known_from
leaver       | s1        | 9       | 2024-02-14 | 2024-02-20
suspended-l  | s1        | 9       | 2024-02-14 | 2024-02-20
leaver-late  | s1        | 9       | 2024-02-14 | 2025-10-01
silent       | s2        | 9       |            |
silent-susp  | s2        | 9       |            |
no-placement | s3        | 9       |            |
year-11      | s1        | 11      |            |
year-7       | s1        | 7       |            |
year-7-later | s1        | 7       |            |
"""
SUSPENSIONS = """
pupil_id     | event_id | category | start_date | sessions | decision   | known_from | record
once         | e1       | SUSP     | 2024-01-24 | 4        | in_force   | 2024-01-25 | new
old-code     | e2       | FIXD     | 2024-01-24 | 4        | in_force   | 2024-01-25 | new
next-term    | e3       | SUSP     | 2024-06-10 | 4        | in_force   | 2024-06-11 | new
twice        | e4       | SUSP     | 2024-01-24 | 6        | in_force   | 2024-01-25 | new
twice        | e5       | SUSP     | 2024-02-20 | 6        | in_force   | 2024-02-21 | new
five-days    | e6       | SUSP     | 2024-01-24 | 10       | in_force   | 2024-01-25 | new
five-half    | e7       | SUSP     | 2024-01-24 | 11       | in_force   | 2024-01-25 | new
fifteen-half | e8       | SUSP     | 2024-01-24 | 31       | in_force   | 2024-01-25 | new
into-easter  | e9       | SUSP     | 2024-03-25 | 31       | in_force   | 2024-03-26 | new
lunch        | e10      | LNCH     | 2024-01-24 |          | in_force   | 2024-01-25 | new
with-lunch   | e11      | SUSP     | 2024-01-24 | 10       | in_force   | 2024-01-25 | new
with-lunch   | e12      | LNCH     | 2024-02-20 |          | in_force   | 2024-02-21 | new
no-length    | e13      | SUSP     | 2024-01-24 |          | in_force   | 2024-01-25 | new
over-anyway  | e14      | SUSP     | 2024-01-24 |          | in_force   | 2024-01-25 | new
over-anyway  | e15      | SUSP     | 2024-02-20 | 12       | in_force   | 2024-02-21 | new
excluded     | e16      | PERM     | 2024-02-05 |          | pending    | 2024-02-06 | new
excluded-2nd | e17      | SUSP     | 2024-01-24 | 6        | in_force   | 2024-01-25 | new
excluded-2nd | e18      | PERM     | 2024-02-05 |          | upheld     | 2024-03-20 | new
rescinded    | e19      | PERM     | 2024-02-05 |          | pending    | 2024-02-06 | new
rescinded    | e19      | PERM     | 2024-02-05 |          | pending    | 2024-06-20 | retraction
rescinded    | e19      | PERM     | 2024-02-05 |          | withdrawn  | 2024-06-20 | new
reinstated   | e20      | PERM     | 2024-02-05 |          | reinstated | 2024-03-20 | new
withdrawn    | e21      | SUSP     | 2024-01-24 | 11       | withdrawn  | 2024-03-20 | new
retracted    | e22      | SUSP     | 2024-01-24 | 11       | in_force   | 2024-01-25 | new
retracted    | e22      | SUSP     | 2024-01-24 | 11       | in_force   | 2025-08-30 | retraction
told-late    | e23      | SUSP     | 2024-01-24 | 31       | in_force   | 2025-09-01 | new
before-panel | e24      | SUSP     | 2024-01-09 | 20       | in_force   | 2024-01-10 | new
autumn       | e25      | SUSP     | 2023-11-06 | 4        | in_force   | 2023-11-07 | new
autumn-late  | e26      | SUSP     | 2023-11-06 | 4        | in_force   | 2024-01-20 | new
overturned   | e27      | PERM     | 2023-11-06 |          | reinstated | 2023-12-15 | new
suspended-l  | e28      | SUSP     | 2024-01-24 | 4        | in_force   | 2024-01-25 | new
suspended-m  | e29      | SUSP     | 2024-01-24 | 4        | in_force   | 2024-01-25 | new
silent-susp  | e30      | SUSP     | 2024-01-24 | 31       | in_force   | 2024-01-25 | new
placed-susp  | e31      | SUSP     | 2024-01-24 | 4        | in_force   | 2024-01-25 | new
year-11      | e32      | SUSP     | 2024-01-24 | 4        | in_force   | 2024-01-25 | new
year-7-later | e33      | SUSP     | 2024-07-19 | 4        | in_force   | 2024-07-20 | new
"""
PLACEMENTS = """
pupil_id     | route                 | start_date | known_from | end_date   | end_known_from | record
moved        | managed_move          | 2024-02-05 | 2024-02-12 |            |                | new
directed     | off_site_direction    | 2024-02-05 | 2024-02-12 |            |                | new
suspended-m  | managed_move          | 2024-02-05 | 2024-02-12 |            |                | new
placed       | alternative_provision | 2023-10-02 | 2023-10-09 |            |                | new
placed-susp  | alternative_provision | 2023-10-02 | 2023-10-09 |            |                | new
back         | alternative_provision | 2023-10-02 | 2023-10-09 | 2023-12-15 | 2024-03-01     | new
back-unknown | alternative_provision | 2023-10-02 | 2023-10-09 | 2023-12-15 | 2025-09-01     | new
not-moved    | managed_move          | 2024-02-05 | 2024-02-12 |            |                | new
not-moved    | managed_move          | 2024-02-05 | 2024-03-01 |            |                | retraction
"""
# yes: event, no: no event, left: censored, moved: competing, -: the label is not asked of the pupil.
TOLD = """
pupil_id     | new   | year  | two   | over_5 | over_15 | first | removal | year_7
quiet        | no    | no    | no    | no     | no      | no    | no      | -
once         | yes   | yes   | no    | no     | no      | yes   | no      | -
old-code     | yes   | yes   | no    | no     | no      | yes   | no      | -
next-term    | no    | yes   | no    | no     | no      | no    | no      | -
twice        | yes   | yes   | yes   | yes    | no      | yes   | no      | -
five-days    | yes   | yes   | no    | no     | no      | yes   | no      | -
five-half    | yes   | yes   | no    | yes    | no      | yes   | no      | -
fifteen-half | yes   | yes   | no    | yes    | yes     | yes   | no      | -
into-easter  | yes   | yes   | no    | no     | no      | yes   | no      | -
lunch        | no    | no    | no    | no     | no      | no    | no      | -
with-lunch   | yes   | yes   | no    | yes    | no      | yes   | no      | -
no-length    | yes   | yes   | no    | left   | left    | yes   | no      | -
over-anyway  | yes   | yes   | yes   | yes    | left    | yes   | no      | -
excluded     | yes   | yes   | moved | moved  | moved   | yes   | yes     | -
excluded-2nd | yes   | yes   | yes   | moved  | moved   | yes   | yes     | -
rescinded    | no    | no    | no    | no     | no      | no    | no      | -
reinstated   | no    | no    | no    | no     | no      | no    | no      | -
withdrawn    | no    | no    | no    | no     | no      | no    | no      | -
retracted    | no    | no    | no    | no     | no      | no    | no      | -
told-late    | no    | no    | no    | no     | no      | no    | no      | -
before-panel | no    | no    | no    | no     | no      | moved | no      | -
autumn       | no    | no    | no    | no     | no      | -     | no      | -
autumn-late  | no    | no    | no    | no     | no      | moved | no      | -
overturned   | no    | no    | no    | no     | no      | no    | no      | -
leaver       | left  | left  | left  | left   | left    | left  | left    | -
leaver-late  | no    | no    | no    | no     | no      | no    | no      | -
suspended-l  | yes   | yes   | left  | left   | left    | yes   | left    | -
moved        | moved | moved | moved | moved  | moved   | moved | yes     | -
directed     | moved | moved | moved | moved  | moved   | moved | yes     | -
suspended-m  | yes   | yes   | moved | moved  | moved   | yes   | yes     | -
placed       | no    | no    | no    | no     | no      | no    | moved   | -
placed-susp  | yes   | yes   | no    | no     | no      | yes   | moved   | -
back         | no    | no    | no    | no     | no      | no    | no      | -
back-unknown | no    | no    | no    | no     | no      | no    | moved   | -
not-moved    | no    | no    | no    | no     | no      | no    | no      | -
silent       | left  | left  | left  | left   | left    | left  | left    | -
silent-susp  | left  | left  | left  | left   | left    | left  | left    | -
no-placement | no    | no    | no    | no     | no      | no    | left    | -
year-11      | yes   | -     | no    | no     | no      | yes   | no      | -
year-7       | no    | no    | no    | no     | no      | no    | no      | no
year-7-later | no    | yes   | no    | no     | no      | no    | no      | yes
"""
COLUMNS = dict(
    zip(("new", "year", "two", "over_5", "over_15", "first", "removal", "year_7"), LABELS, strict=True)
)
WORDS = {"event": "yes", "no_event": "no", "censored": "left", "competing": "moved", "immature": "too early"}
PUPILS = [str(row["pupil_id"]) for row in rows_of(TOLD)]


@cache
def told(name: str, extracted_on: str = EXTRACTED_ON, absent: frozenset[str] = frozenset()) -> pd.DataFrame:
    """State and days at risk of each pupil the label is asked of, by pupil."""
    on_roll = {str(row["pupil_id"]): row for row in rows_of(ROLL)}
    usual = {"school_id": "s1", "nc_year": "9", "start_date": dt.date(2023, 9, 4)}
    written = {
        "schools": SCHOOLS,
        "pupils": [{"pupil_id": pupil} for pupil in PUPILS],
        "enrolments": [usual | {"pupil_id": pupil} | on_roll.get(pupil, {}) for pupil in PUPILS],
        "suspensions": [{"school_id": "s1"} | row for row in rows_of(SUSPENSIONS)],
        "placements": [{"school_id": "s1"} | row for row in rows_of(PLACEMENTS)],
        "coverage": SENT,
    }
    with open_engine("polars") as engine:
        history = replace(history_of(engine, written, [AS_OF], extracted_on), absent=absent)
        study = STUDIES["secondary"].asking(LABELS[name])
        cohort = study.cohort(history)
        return study.label.states(history, cohort).set_axis(pd.Index(cohort["pupil_id"]))


@pytest.mark.parametrize("column", COLUMNS)
def test_what_happened_makes_the_state(column: str) -> None:
    states = told(COLUMNS[column])["state"].map(WORDS).to_dict()
    expected = {row["pupil_id"]: row[column] for row in rows_of(TOLD)}
    assert {pupil: states.get(pupil, "-") for pupil in PUPILS} == expected


@pytest.mark.parametrize(
    ("name", "pupil", "days"),
    [
        ("new_suspension", "once", 9),
        ("new_suspension", "quiet", 73),
        ("new_suspension", "leaver", 30),
        ("suspension_within_year", "quiet", 365),
        ("suspension_within_year", "next-term", 147),
        ("two_suspensions", "twice", 36),
        ("two_suspensions", "excluded", 21),
        ("over_5_days", "with-lunch", 36),
        ("over_5_days", "no-length", 9),
        ("first_suspension", "autumn-late", 0),
        ("removal", "moved", 21),
        ("removal", "placed", 0),
    ],
)
def test_days_at_risk_end_with_what_came_first(name: str, pupil: str, days: int) -> None:
    assert told(name).loc[pupil, "days_at_risk"] == days


@pytest.mark.parametrize("name", LABELS)
def test_before_the_label_matures_nothing_is_said_of_anybody(name: str) -> None:
    eve = dt.date.fromisoformat(MATURE[name]) - dt.timedelta(days=1)
    assert set(told(name, extracted_on=eve.isoformat())["state"]) == {"immature"}
    assert "immature" not in set(told(name, extracted_on=MATURE[name])["state"])


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("over_5_days", "suspensions.sessions"),
        ("over_15_days", "suspensions.sessions"),
        ("removal", "placements"),
    ],
)
def test_a_label_that_cannot_be_told_is_refused_by_what_is_missing(name: str, lost: str) -> None:
    with pytest.raises(InputRefused, match=f"label '{name}' cannot be told without '{lost}'"):
        told(name, absent=frozenset({lost}))


def test_a_label_of_a_study_has_a_name_of_its_own_and_the_studys_own_label_has_not() -> None:
    study = STUDIES["secondary"]
    assert study.asking(LABELS["new_suspension"]) is study
    assert study.asking(LABELS["removal"]).name == "secondary-removal"
    assert study.name == "secondary"


def test_the_reference_page_is_made_from_the_labels() -> None:
    written = Path(__file__).parents[2] / "docs" / "reference" / "labels.md"
    assert written.read_text(encoding="utf-8") == page(), (
        "docs/reference/labels.md is out of date: write earlywarning.labels.page.page() to it"
    )
