"""Tables for tests, written as small ASCII tables that a head teacher could read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa

from earlywarning.dataset.history import History
from earlywarning.engines import ENGINES, Engine, Frame
from earlywarning.features import Family
from earlywarning.school_calendar import half_terms, issue_on, school_calendar
from earlywarning.studies import Study
from earlywarning.studies.secondary import SECONDARY
from earlywarning.tables import TABLES
from earlywarning.tables.declare import ARROW, Table

ON_ONE_MACHINE = tuple(sorted(set(ENGINES) - {"spark"}))
"""Spark takes a second for what the others do at once: it is held to DuckDB in tests/engines."""
TERMS = """
academic_year | term   | half_term | start_date | end_date
2023/24       | autumn | 1         | 2023-09-04 | 2023-10-20
2023/24       | autumn | 2         | 2023-10-30 | 2023-12-20
2023/24       | spring | 1         | 2024-01-08 | 2024-02-09
2023/24       | spring | 2         | 2024-02-19 | 2024-03-28
2023/24       | summer | 1         | 2024-04-15 | 2024-05-24
2023/24       | summer | 2         | 2024-06-03 | 2024-07-19
2024/25       | autumn | 1         | 2024-09-02 | 2024-10-25
2024/25       | autumn | 2         | 2024-11-04 | 2024-12-20
2024/25       | spring | 1         | 2025-01-06 | 2025-02-14
2024/25       | spring | 2         | 2025-02-24 | 2025-04-04
2024/25       | summer | 1         | 2025-04-22 | 2025-05-23
2024/25       | summer | 2         | 2025-06-02 | 2025-07-22
"""

SCHOOLS = """
school_id | school_name        | la  | phase
s1        | Alder Lane School  | 213 | secondary
s2        | Birch Hill School  | 207 | secondary
p1        | Cedar Road Primary | 213 | primary
p2        | Dale Park Primary  | 207 | primary
"""


def rows_of(text: str) -> list[dict[str, str | None]]:
    """The rows of an ASCII table; an empty cell is a missing value."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    names = [cell.strip() for cell in lines[0].split("|")]
    return [
        dict(zip(names, [cell.strip() or None for cell in line.split("|")], strict=True))
        for line in lines[1:]
    ]


def _typed(value: Any, kind: str) -> Any:
    if value is None or not isinstance(value, str):
        return value
    if kind == "date":
        return dt.date.fromisoformat(value)
    if kind == "integer":
        return int(value)
    if kind == "number":
        return float(value)
    if kind == "boolean":
        return value == "yes"
    return value


def completed(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    """``rows`` with every declared column: what is not written is the declaration's example, or missing.

    ``known_from`` is the day itself and ``record`` is "new" unless written; so is the end's own date.
    """
    filled: dict[str, list[Any]] = {column.name: [] for column in table.columns}
    for number, row in enumerate(rows):
        for column in table.columns:
            if column.name in row:
                value = row[column.name]
            elif column.name == "known_from":
                value = row.get(table.date or "start_date") or row.get("from_date")
            elif column.name == "end_known_from":
                value = row.get("end_date")
            elif column.name == "event_id":
                value = f"e{number}"
            elif column.nullable or column.name == "end_date":
                value = None
            else:
                value = column.example
            filled[column.name].append(_typed(value, column.type))
    return pa.table({c.name: pa.array(filled[c.name], ARROW[c.type]) for c in table.columns})


def frames_of(engine: Engine, written: Mapping[str, str | list[dict[str, Any]]]) -> dict[str, Frame]:
    """Every declared table as a frame of ``engine``; a table that is not written is empty."""
    given = {"terms": TERMS, "schools": SCHOOLS, **written}
    frames = {}
    for name, table in TABLES.items():
        rows = given.get(name, [])
        parsed = rows_of(rows) if isinstance(rows, str) else rows
        frames[name] = engine.from_arrow(completed(table, parsed))
    return frames


def history_of(
    engine: Engine,
    written: Mapping[str, str | list[dict[str, Any]]],
    as_of_dates: list[str],
    extracted_on: str = "2025-08-31",
) -> History:
    """A history over ``written`` tables, cut on ``as_of_dates``."""
    frames = frames_of(engine, written)
    halves = half_terms(completed(TABLES["terms"], rows_of(TERMS)).to_pandas())
    issues = [issue_on(halves, dt.date.fromisoformat(day)) for day in as_of_dates]
    return History(
        frames, SECONDARY.tables, school_calendar(halves, issues), engine, dt.date.fromisoformat(extracted_on)
    )


def of_families(families: Iterable[Family] = SECONDARY.families) -> Study:
    """The study of secondary schools with these families alone, and nothing to audit by.

    No feature hangs on what is audited by, and a quarter of a small world's time went to it.
    """
    chosen = tuple(families)
    return replace(
        SECONDARY,
        families=chosen,
        essential=tuple(n for n in SECONDARY.essential if n in {family.name for family in chosen}),
        attributes=lambda history, cohort: pd.DataFrame(index=cohort.index),
        audited=(),
        audited_where_known=(),
    )
