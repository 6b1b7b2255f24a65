"""Who is set apart from the list: each case a row that a head teacher could read."""

from __future__ import annotations

import pandas as pd
import pytest
from building import history_of

from earlywarning.engines import open_engine
from earlywarning.studies import STUDIES
from earlywarning.studies.apart import IN_PROGRESS, LEFT_OUT, PLACED
from earlywarning.studies.pages import open_suspensions
from earlywarning.studies.placed import register

OBJECTION, RESTRICTED = LEFT_OUT["objection"], LEFT_OUT["restricted"]
DAY, EARLIER = "2024-12-31", "2023-12-31"
# What is expected on the later day, and a year before.
CASES = f"""
pupil      | later | earlier
nothing    | |
objects    | {OBJECTION} | {OBJECTION}
restricted | {RESTRICTED} | {RESTRICTED}
both       | {OBJECTION} | {OBJECTION}
over       | | {OBJECTION}
to-come    | {OBJECTION} | {OBJECTION}
not-known  | |
taken-back | |
permanent  | {IN_PROGRESS} |
placed     | {PLACED} | {PLACED}
moved      | |
returned   | | {PLACED}
placed-obj | {OBJECTION} | {OBJECTION}
perm-place | {IN_PROGRESS} |
"""
# The extract is of 31 August 2025: a restriction in force then counts on every date.
RESTRICTIONS = """
pupil_id   | kind       | start_date | end_date   | known_from | record
objects    | objection  | 2024-10-01 |            | 2024-10-02 | new
restricted | restricted | 2023-10-01 |            | 2023-10-02 | new
both       | restricted | 2024-10-01 |            | 2024-10-02 | new
both       | objection  | 2024-11-01 |            | 2024-11-02 | new
over       | objection  | 2023-10-01 | 2024-06-28 | 2023-10-02 | new
to-come    | objection  | 2025-05-01 |            | 2025-05-02 | new
not-known  | objection  | 2025-05-01 |            | 2025-10-01 | new
taken-back | objection  | 2024-10-01 |            | 2024-10-02 | new
taken-back | objection  | 2024-10-01 |            | 2024-10-09 | retraction
placed-obj | objection  | 2024-10-01 |            | 2024-10-02 | new
"""
PLACEMENTS = """
pupil_id   | school_id | route                 | setting    | start_date | end_date   | review_date
placed     | s1        | alternative_provision | pru        | 2023-11-06 |            | 2024-12-02
moved      | s1        | managed_move          | mainstream | 2024-11-04 |            | 2025-01-20
returned   | s1        | off_site_direction    | ap_academy | 2023-11-06 | 2024-03-01 |
placed-obj | s1        | alternative_provision | pru        | 2023-11-06 |            |
perm-place | s1        | alternative_provision | pru        | 2024-12-09 |            |
"""
SUSPENSIONS = """
pupil_id   | school_id | category | start_date | decision
permanent  | s1        | PERM     | 2024-12-02 | pending
perm-place | s1        | PERM     | 2024-12-02 | pending
"""
EXPECTED = {
    name.strip(): (later.strip(), earlier.strip())
    for name, later, earlier in (line.split("|") for line in CASES.strip().splitlines()[1:])
}


@pytest.fixture(scope="module")
def cohort() -> pd.DataFrame:
    with open_engine() as engine:
        return STUDIES["secondary"].cohort(_history(engine)).set_index(["pupil_id", "as_of_date"])


def _history(engine: object, days: tuple[str, ...] = (EARLIER, DAY)) -> object:
    pupils = [{"pupil_id": name} for name in EXPECTED]
    rolls = [
        {"pupil_id": name, "school_id": "s1", "nc_year": "9", "status": "C", "start_date": "2022-09-05"}
        for name in EXPECTED
    ]
    written = {"restrictions": RESTRICTIONS, "placements": PLACEMENTS, "suspensions": SUSPENSIONS}
    return history_of(engine, {"pupils": pupils, "enrolments": rolls, **written}, list(days))


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("day", [DAY, EARLIER])
def test_each_is_set_apart_for_the_first_reason_that_holds(name: str, day: str, cohort: pd.DataFrame) -> None:
    later, earlier = EXPECTED[name]
    assert cohort.loc[(name, pd.Timestamp(day)), "apart"] == (later if day == DAY else earlier)


def test_the_register_holds_whoever_is_placed_and_nobody_who_is_left_out() -> None:
    with open_engine() as engine:
        history = _history(engine, (DAY,))
        rows = register(history, STUDIES["secondary"].cohort(history))
    assert rows["pupil_id"].tolist() == ["moved", "perm-place", "placed"]
    assert rows["setting"].tolist()[2] == "pupil referral unit"


def test_a_placement_of_a_pupil_who_left_the_roll_is_not_lost_sight_of() -> None:
    places = """
    pupil_id | school_id | route                 | setting | start_date | end_date
    gone     | s1        | alternative_provision | pru     | 2024-11-04 |
    objects  | s1        | alternative_provision | pru     | 2024-11-04 |
    primary  | p1        | alternative_provision | pru     | 2024-11-04 |
    younger  | s1        | alternative_provision | pru     | 2024-11-04 |
    """
    rolls = """
    pupil_id | school_id | nc_year | status | start_date | end_date
    here     | s1        | 9       | C      | 2022-09-05 |
    gone     | s1        | 10      | C      | 2022-09-05 | 2024-11-01
    objects  | s1        | 10      | C      | 2022-09-05 | 2024-11-01
    younger  | p1        | 6       | C      | 2022-09-05 |
    """
    restricted = """
    pupil_id | kind      | start_date | end_date
    objects  | objection | 2024-10-01 |
    """
    study = STUDIES["secondary"]
    with open_engine() as engine:
        written = {"enrolments": rolls, "placements": places, "restrictions": restricted}
        history = history_of(engine, written, [DAY])
        rows = study.pages.register(history, study.cohort(history))
    assert rows["pupil_id"].tolist() == ["gone"]
    assert rows["area"].tolist() == ["213"]
    assert rows["group"].isna().all()


def test_an_open_suspension_is_told_with_the_sessions_served() -> None:
    suspensions = """
    pupil_id | school_id | category | start_date | sessions | decision
    three    | s1        | SUSP     | 2024-12-19 | 6        | in_force
    served   | s1        | SUSP     | 2024-12-19 | 4        | in_force
    undone   | s1        | SUSP     | 2024-12-19 | 6        | withdrawn
    """
    rolls = [
        {"pupil_id": name, "school_id": "s1", "nc_year": "9", "status": "C", "start_date": "2022-09-05"}
        for name in ("served", "three", "undone")
    ]
    with open_engine() as engine:
        history = history_of(engine, {"enrolments": rolls, "suspensions": suspensions}, [DAY])
        cohort = STUDIES["secondary"].cohort(history)
        told = dict(zip(cohort["pupil_id"], open_suspensions(history, cohort), strict=True))
    # Thursday 19 and Friday 20 December were the last school days before the cut.
    assert told == {
        "three": ("A suspension of 6 sessions from 19 December 2024 is still open: 4 served so far.",),
        "served": (),
        "undone": (),
    }


def test_wards_and_hand_overs_are_counted_for_whom_they_are_of() -> None:
    rolls = """
    pupil_id | school_id | nc_year | status | start_date
    ward     | s1        | 7       | C      | 2024-09-02
    unknown  | s1        | 7       | C      | 2024-09-02
    away     | s1        | 9       | C      | 2022-09-05
    homeless | s1        | 9       | C      | 2022-09-05
    """
    homes = """
    pupil_id | home_la | home_ward    | start_date
    ward     | 213     | Harrow Road  | 2022-09-05
    unknown  | 213     |              | 2022-09-05
    away     | 304     |              | 2022-09-05
    """
    handed = """
    pupil_id | school_id | date       | concern
    ward     | p1        | 2024-06-20 | high
    """
    study = STUDIES["secondary"]
    with open_engine() as engine:
        written = {"enrolments": rolls, "residence": homes, "transition": handed}
        history = history_of(engine, written, [DAY])
        cohort = study.cohort(history)
        told = study.pages.contexts(history, cohort).set_axis(cohort["pupil_id"])
    assert told["Ward"].to_dict() == {
        "ward": "Harrow Road",
        "unknown": "Ward not recorded",
        "away": "Lives in another authority",
        "homeless": "Home not recorded",
    }
    assert told["Move to Year 7"].to_dict() == {
        "ward": "Hand-over record: much support needed",
        "unknown": "No hand-over record received",
        "away": "",
        "homeless": "",
    }
    assert set(told["School phase"]) == {"secondary"}


def test_year_eleven_is_shown_in_the_summer_and_nobody_who_objects_is() -> None:
    rolls = """
    pupil_id | school_id | nc_year | status | start_date
    ten      | s1        | 10      | C      | 2022-09-05
    quiet    | s1        | 11      | C      | 2022-09-05
    loud     | s1        | 11      | C      | 2022-09-05
    objects  | s1        | 11      | C      | 2022-09-05
    """
    suspensions = """
    pupil_id | school_id | category | start_date | sessions | decision
    loud     | s1        | SUSP     | 2024-11-04 | 2        | in_force
    loud     | s1        | SUSP     | 2025-03-03 | 2        | in_force
    objects  | s1        | SUSP     | 2025-03-03 | 2        | in_force
    """
    restricted = """
    pupil_id | kind      | start_date | end_date
    objects  | objection | 2024-10-01 |
    """
    study = STUDIES["secondary"]
    with open_engine() as engine:
        written = {"enrolments": rolls, "suspensions": suspensions, "restrictions": restricted}
        history = history_of(engine, written, ["2025-04-04"])
        cohort = study.cohort(history)
        shown = study.pages.shown(history, cohort).set_index("pupil_id")["facts"]
    assert cohort["pupil_id"].tolist() == ["ten"]
    assert shown.to_dict() == {
        "loud": ("2 suspensions in the last three terms, last on 3 March 2025.",),
        "quiet": (),
    }
