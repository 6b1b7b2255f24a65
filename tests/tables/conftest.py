"""A small folder of extracts, made from the declarations' own example rows, for tests to spoil."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earlywarning.tables import TABLES
from earlywarning.tables.declare import ARROW, Table

Rows = list[dict[str, Any]]
Folder = Callable[..., Path]


def example(table: Table) -> dict[str, Any]:
    return {column.name: column.example for column in table.columns}


@pytest.fixture
def rows() -> dict[str, Rows]:
    """One good row for each table, and a second school, pupil and attendance mark."""
    made = {name: [example(table)] for name, table in TABLES.items()}
    made["schools"].append({**made["schools"][0], "school_id": "s0061"})
    made["pupils"].append({**made["pupils"][0], "pupil_id": "p0000002"})
    made["attendance"].append({**made["attendance"][0], "session": "PM", "code": "\\"})
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes rows as a folder of extracts and gives its path."""

    def write(rows: Mapping[str, Rows], format_: str = "parquet", extracted_on: str = "2025-08-31") -> Path:
        path = tmp_path / format_
        path.mkdir(exist_ok=True)
        (path / "extract.toml").write_text(
            f"extracted_on = {extracted_on}\nsynthetic = true\n", encoding="utf-8"
        )
        for name, held in rows.items():
            if format_ == "csv":
                pd.DataFrame(held).to_csv(path / f"{name}.csv", index=False)
            else:
                columns = [c for c in TABLES[name].columns if c.name in held[0]]
                schema = pa.schema([(c.name, ARROW[c.type]) for c in columns])
                pq.write_table(pa.Table.from_pylist(held, schema), path / f"{name}.parquet")
        return path

    return write


@pytest.fixture
def many() -> Callable[[dict[str, Any], int], Rows]:
    """``n`` copies of an attendance row on different school days, all with their own key."""

    def copies(row: dict[str, Any], n: int) -> Rows:
        days = [dt.date(2024, 9, 2) + dt.timedelta(days=i) for i in range(n)]
        return [{**row, "date": day, "known_from": day} for day in days]

    return copies
