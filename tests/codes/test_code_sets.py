"""The code sets hold together: with the tables that name them, over time, and with their sources."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from earlywarning import codes
from earlywarning.tables import IDENTITY, TABLES

STATISTICS = ("counts_possible", "counts_attended", "counts_authorised", "counts_unauthorised")


def test_every_code_set_a_table_names_exists_and_allows_its_example() -> None:
    named = [column for table in (*TABLES.values(), IDENTITY) for column in table.columns if column.codes]
    assert named
    for column in named:
        assert column.example is None or column.example in codes.load(str(column.codes)).allowed(), (
            column.name
        )


def test_every_code_set_is_named_by_a_table() -> None:
    used = {column.codes for table in TABLES.values() for column in table.columns if column.codes}
    assert set(codes.names()) == used


@pytest.mark.parametrize("name", codes.names())
def test_every_code_has_a_label_a_source_and_a_life_of_its_own(name: str) -> None:
    held = codes.load(name)
    for entry in held.entries:
        assert entry.label and entry.source and entry.code == entry.code.strip()
        assert (entry.valid_from or dt.date.min) <= (entry.valid_to or dt.date.max)
        assert entry.replaced_by == "" or entry.replaced_by in held.allowed() - set(held.replacements())
    lives = sorted((e.code, e.valid_from or dt.date.min, e.valid_to or dt.date.max) for e in held.entries)
    for before, after in pairwise(lives):
        assert before[0] != after[0] or before[2] < after[1], f"{name}: two periods of one code overlap"


def test_attendance_codes_came_and_went_on_19_august_2024() -> None:
    attendance = codes.load("attendance")
    before, after = attendance.allowed(dt.date(2024, 8, 18)), attendance.allowed(dt.date(2024, 8, 19))
    assert {"C1", "C2", "J1", "K", "Q", *(f"Y{n}" for n in range(1, 8))} == after - before
    assert {"H", "J", "Y"} == before - after


def test_no_attendance_code_changed_what_it_counts_as() -> None:
    for statistic in STATISTICS:
        yes, no = (
            codes.load("attendance").having(statistic, "1"),
            codes.load("attendance").having(statistic, "0"),
        )
        assert yes.isdisjoint(no)


def test_a_possible_session_is_attended_or_missed_once() -> None:
    for entry in codes.load("attendance").entries:
        possible, *parts = (int(entry.extra[name]) for name in STATISTICS)
        assert sum(parts) == possible, entry.code


def test_every_replaced_code_counts_as_the_code_it_is_read_as() -> None:
    attendance = codes.load("attendance")
    for statistic in STATISTICS:
        counted = attendance.values(statistic)
        assert all(counted[old] == counted[new] for old, new in attendance.replacements().items())
    major = codes.load("ethnicity").values("major")
    assert all(major[old] == major[new] for old, new in codes.load("ethnicity").replacements().items())


def test_the_label_is_today_s() -> None:
    assert codes.load("attendance").label("T") == "parent travelling for work"


def test_the_two_boroughs_and_their_neighbours_are_authorities() -> None:
    assert {"207", "213", "202", "205", "304"} <= codes.load("la").allowed()


def test_an_unknown_set_and_an_unknown_column_are_errors() -> None:
    with pytest.raises(KeyError, match="attendance"):
        codes.load("absence")
    with pytest.raises(KeyError, match="counts_magic"):
        codes.load("attendance").having("counts_magic")
