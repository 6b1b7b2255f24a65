"""Kept cells and features: the same as from scratch, and only what was touched is made again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from building import ON_ONE_MACHINE, history_of, of_families
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from worlds import AS_OF_DATES, EVENTS, ON_ROLL, Rows, happenings, world

from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.kept import Kept
from earlywarning.engines import open_engine
from earlywarning.errors import MachineRefused
from earlywarning.features import FAMILIES

SOME = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
)
MARK = {"school_id": "s1", "session": "AM", "code": "I", "record": "new"}
MARKS = [
    {"pupil_id": pupil, "date": dt.date(2024, 9, 10) + dt.timedelta(days=30 * month), **MARK}
    for pupil in ("a", "b")
    for month in range(6)
]
EVENT = {"pupil_id": "a", "school_id": "s1", "polarity": "negative", "points": 1.0, "category": "weapon"}


def built(rows: Rows, kept: Path | None, dates: list[str] = AS_OF_DATES, engine: str = "polars") -> Dataset:
    with open_engine(engine) as opened:
        history = history_of(opened, rows, dates)
        history = replace(history, kept=Kept(kept) if kept else None)
        return assemble(of_families(), history, labelled=False)


def same(one: Dataset, other: Dataset) -> None:
    pd.testing.assert_frame_equal(one.X, other.X, check_exact=True)
    pd.testing.assert_frame_equal(one.facts, other.facts, check_exact=True)


def touched(folder: Path, before: dict[str, int]) -> set[str]:
    return {name for name, stamp in stamps(folder).items() if before.get(name) != stamp}


def stamps(folder: Path) -> dict[str, int]:
    """Each part and the file it is: a part that is written again is another file."""
    return {
        path.relative_to(folder).with_suffix("").as_posix(): path.stat().st_ino * 10**10
        + path.stat().st_mtime_ns
        for path in folder.rglob("*.parquet")
    }


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("engine", ON_ONE_MACHINE)
@SOME
@given(st.data())
def test_a_new_term_is_the_same_as_from_scratch(engine: str, data: st.DataObject) -> None:
    """Whatever is added, corrected, ended or quietly changed between two runs, on whatever cuts."""
    first, then = data.draw(happenings()), data.draw(happenings())
    kept_of_first = {name: rows[data.draw(st.integers(0, 2)) :] for name, rows in first.items()}
    later = {name: [*kept_of_first[name], *rows] for name, rows in then.items()}
    with TemporaryDirectory() as name:
        built(world(first), Path(name), AS_OF_DATES[:2], engine)
        same(built(world(later), Path(name), engine=engine), built(world(later), None, engine=engine))


def test_nothing_new_is_nothing_written(folder: Path) -> None:
    built(world({"attendance": MARKS}), folder)
    before = stamps(folder)
    built(world({"attendance": MARKS[::-1]}), folder)
    assert before
    assert not touched(folder, before)


def test_a_late_row_makes_the_cells_of_its_day_and_of_the_day_it_was_known(folder: Path) -> None:
    built(world({"attendance": MARKS}), folder)
    before = stamps(folder)
    late = {"pupil_id": "a", "date": dt.date(2024, 9, 12), "known_from": dt.date(2025, 1, 20), **MARK}
    built(world({"attendance": [*MARKS, late]}), folder)
    assert touched(folder, before) == {
        "cells/attendance/2024-09-02-known-2025-02-23",
        "features/attendance/2025-04-04",
    }


def test_a_correction_makes_two_parts_of_cells(folder: Path) -> None:
    built(world({"attendance": MARKS}), folder)
    before = stamps(folder)
    known = dt.date(2024, 12, 1)
    taken_back = {**MARKS[0], "known_from": known, "record": "retraction"}
    right = {**MARKS[0], "known_from": known, "code": "L"}
    rows = world({"attendance": [*MARKS, taken_back, right]})
    same(built(rows, folder), built(rows, None))
    assert touched(folder, before) == {
        "cells/attendance/2024-09-02-known-2024-12-31",
        "features/attendance/2024-12-31",
        "features/attendance/2025-04-04",
    }


def test_a_row_that_was_changed_quietly_makes_its_cells_again(folder: Path) -> None:
    built(world({"attendance": MARKS}), folder)
    before = stamps(folder)
    rows = world({"attendance": [{**MARKS[0], "code": "L"}, *MARKS[1:]]})
    same(built(rows, folder), built(rows, None))
    assert touched(folder, before) == {
        "cells/attendance/2024-09-02-known-2024-09-26",
        *[f"features/attendance/{day}" for day in AS_OF_DATES],
    }


def test_a_retraction_in_another_part_takes_back_the_day_of_the_last_event(folder: Path) -> None:
    rows = [{**EVENT, "event_id": "1", "date": dt.date(2024, 9, day), "record": "new"} for day in (10, 20)]
    built(world({"behaviour": rows}), folder, AS_OF_DATES[:1])
    taken_back = {**rows[1], "known_from": dt.date(2024, 12, 1), "record": "retraction"}
    later = world({"behaviour": [*rows, taken_back]})
    found = built(later, folder)
    same(found, built(later, None))
    since = found.X["behaviour_serious_since_days_3t"]
    assert since[("a", pd.Timestamp("2024-12-31"))] == (dt.date(2024, 12, 31) - rows[0]["date"]).days


def test_another_roll_makes_features_again_and_no_cells(folder: Path) -> None:
    built(world({"attendance": MARKS}), folder)
    before = stamps(folder)
    elsewhere = [{**row, "nc_year": "10"} if row["pupil_id"] == "a" else row for row in ON_ROLL["enrolments"]]
    built({**world({"attendance": MARKS}), "enrolments": elsewhere}, folder)
    assert touched(folder, before) == {f"features/{name}/{day}" for name in FAMILIES for day in AS_OF_DATES}


def test_a_damaged_part_is_made_again(folder: Path) -> None:
    rows = world({"attendance": MARKS})
    built(rows, folder)
    for path in folder.rglob("*.parquet"):
        path.write_bytes(path.read_bytes()[:50])
    same(built(rows, folder), built(rows, None))


def test_parts_are_their_owners_alone_and_named_without_pupils(folder: Path) -> None:
    built(world({name: [] for name in EVENTS} | {"attendance": MARKS}), folder / "kept")
    paths = [folder / "kept", *(folder / "kept").rglob("*")]
    assert all(not path.stat().st_mode & 0o077 for path in paths)


def test_a_folder_that_cannot_be_written_is_said(folder: Path) -> None:
    (folder / "file").write_text("")
    with pytest.raises(MachineRefused, match="cannot be kept in 'file'"):
        built(world({"attendance": MARKS}), folder / "file")
