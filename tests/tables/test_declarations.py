"""The declarations agree with themselves, with what the checks do, and with the page about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlywarning.tables import IDENTITY, TABLES, check
from earlywarning.tables.declare import Table
from earlywarning.tables.dictionary import dictionary

ROOT = Path(__file__).resolve().parents[2]
ALL = [*TABLES.values(), IDENTITY]
PYTHON = {"string": str, "integer": int, "number": float, "boolean": bool}


def test_the_committed_dictionary_is_the_generated_one() -> None:
    page = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    assert page == dictionary(), "run: python -m earlywarning.tables.dictionary docs/reference/tables.md"


def test_the_dictionary_speaks_of_the_limits_that_hold() -> None:
    assert f"more than {check.ALWAYS_ALLOWED}" in dictionary().replace("\n", " ")


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_names_that_a_table_mentions_are_its_columns(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    mentioned = {
        *table.key,
        *(name for name, _ in table.foreign),
        *(table.period or ()),
        table.date or names[0],
    }
    assert mentioned <= set(names)
    assert all(name in {c.name for c in TABLES[target].columns} for name, target in table.foreign)


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_every_column_has_a_meaning_and_an_example_that_is_allowed(table: Table) -> None:
    for column in table.columns:
        assert column.meaning
        if column.example is None:
            assert column.nullable, column.name
            continue
        assert column.type == "date" or type(column.example) is PYTHON[column.type], column.name
        if isinstance(column.example, int | float):
            assert (column.low or 0) <= column.example <= (column.high or column.example), column.name


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_events_have_a_date_spells_a_period_and_both_two_clocks(table: Table) -> None:
    names = {column.name for column in table.columns}
    assert (table.date is not None) == (table.kind == "event")
    assert table.kind != "spell" or table.period == ("start_date", "end_date")
    assert {"known_from", "record"} <= names or table.kind == "static"
    assert ("end_known_from" in names) == (table.kind == "spell")
    assert all(table.column(name).type == "date" for name in (table.date, *(table.period or ())) if name)


def test_identity_is_no_source_table() -> None:
    assert IDENTITY.name not in TABLES
    held = {column.name for table in TABLES.values() for column in table.columns}
    assert held.isdisjoint({"upn", "surname", "forename", "date_of_birth"})
