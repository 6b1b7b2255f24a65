"""The sides of the benchmark of features: held to each other before any of them is timed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from benchmarks.features import sides
from benchmarks.features.same import prepared, same_as_sql
from earlywarning.features import FAMILIES
from earlywarning.synthetic import Switches, generate


def test_the_sql_written_by_hand_and_pandas_give_the_same_numbers(tmp_path: Path) -> None:
    generate(tmp_path / "data", pupils=600, years=3, seed=2, switches=Switches(silent_school=True))
    (tmp_path / "scratch").mkdir()
    told = prepared(tmp_path / "data", tmp_path / "scratch")
    assert told["dates"] == 9
    assert set(told["same columns"]) == set(FAMILIES)
    assert all(told["same columns"].values())
    assert told["same columns as pandas"] == 40


def test_sides_that_differ_are_not_timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(tmp_path / "data", pupils=500, years=3, seed=2)
    (tmp_path / "scratch").mkdir()
    sql = tmp_path / "sql"
    shutil.copytree(sides.SQL, sql)
    changed = (sql / "attendance.sql").read_text().replace("kind = 'L'", "kind = 'M'")
    (sql / "attendance.sql").write_text(changed)
    monkeypatch.setattr(sides, "SQL", sql)
    sides.write_spine(tmp_path / "data", tmp_path / "scratch")
    with pytest.raises(ValueError, match="attendance: late"):
        same_as_sql(tmp_path / "data", tmp_path / "scratch")
