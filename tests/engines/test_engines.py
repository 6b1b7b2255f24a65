"""Every engine keeps the same promises."""

from __future__ import annotations

import datetime as dt
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earlywarning.engines import ENGINES, Engine, duckdb_engine, open_engine
from earlywarning.engines.declare import Batch
from earlywarning.errors import WrongUsage

DAY = dt.date(2024, 10, 1)
TABLE = pa.table(
    {
        "text": pa.array(["a", None, "007"]),
        "day": pa.array([DAY, None, dt.date(2024, 10, 3)], pa.date32()),
        "whole": pa.array([1, 2, 3], pa.int64()),
        "gappy": pa.array([1, None, 3], pa.int64()),
        "part": pa.array([0.5, None, 1.5]),
        "flag": pa.array([True, False, True]),
        "unsure": pa.array([True, None, False]),
    }
)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "spark":
        request.getfixturevalue("spark")
    with open_engine(request.param) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    pq.write_table(TABLE, tmp_path / "table.parquet")
    return tmp_path / "table.parquet"


def test_scan_and_from_arrow_give_the_declared_types(engine: Engine, file: Path) -> None:
    for frame in (engine.scan(file), engine.from_arrow(TABLE)):
        assert list(frame.collect_schema().values()) == [
            nw.String, nw.Date, nw.Int64, nw.Int64, nw.Float64, nw.Boolean, nw.Boolean,
        ]  # fmt: skip


def test_collect_gives_numpy_types_with_missing_values_missing(engine: Engine, file: Path) -> None:
    home = engine.collect(engine.scan(file), sort_by=("whole",))
    expected = pd.DataFrame(
        {
            "text": pd.Series(["a", np.nan, "007"], dtype="str"),
            "day": pd.Series([DAY, None, dt.date(2024, 10, 3)], dtype="datetime64[us]"),
            "whole": np.array([1, 2, 3]),
            "gappy": [1.0, np.nan, 3.0],
            "part": [0.5, np.nan, 1.5],
            "flag": [True, False, True],
            "unsure": [1.0, np.nan, 0.0],
        }
    )
    pd.testing.assert_frame_equal(home, expected)


def test_collect_sorts_when_asked(engine: Engine) -> None:
    frame = engine.from_arrow(pa.table({"a": ["b", "a", "b"], "b": [1, 3, 0]}))
    assert engine.collect(frame, sort_by=("a", "b"))["b"].tolist() == [3, 0, 1]


def test_rows_are_numbered_in_the_order_of_the_file(engine: Engine, tmp_path: Path) -> None:
    values = list(range(5000, 0, -1))
    pq.write_table(pa.table({"v": values}), tmp_path / "v.parquet", row_group_size=700)
    home = engine.collect(engine.scan(tmp_path / "v.parquet", row="at"), sort_by=("at",))
    assert home["at"].tolist() == list(range(5000)) and home["v"].tolist() == values


def test_repeats_are_all_but_the_first_row_of_a_key(engine: Engine) -> None:
    frame = engine.from_arrow(
        pa.table({"k": ["a", "b", "a", "a", "c"], "d": pa.array([DAY] * 5), "row": pa.array([4, 1, 2, 3, 0])})
    )
    assert engine.collect(engine.repeats(frame, ("k", "d"), "row"), sort_by=("row",))["row"].tolist() == [
        3,
        4,
    ]


def test_duckdb_finds_repeats_in_every_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_engine, "_ROWS_AT_ONCE", 10)
    keys = [f"k{n % 37}" for n in range(100)]
    with open_engine("duckdb") as engine:
        frame = engine.from_arrow(pa.table({"k": keys, "row": list(range(100))}))
        found = engine.collect(engine.repeats(frame, ("k",), "row"), sort_by=("row",))["row"]
    assert found.tolist() == list(range(37, 100))


def test_duckdb_finds_repeats_in_every_run_of_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb_engine, "_ROWS_AT_ONCE", 10)
    keys = [f"k{n % 37}" for n in range(100)]
    days = [DAY + dt.timedelta(days=n % 37 // 3) for n in range(100)]
    with open_engine("duckdb") as engine:
        frame = engine.from_arrow(pa.table({"k": keys, "d": days, "row": list(range(100))}))
        found = engine.collect(engine.repeats(frame, ("k", "d"), "row"), sort_by=("row",))["row"]
        shares = list(duckdb_engine._shares(frame.to_native(), ("k", "d"), "hash(k, d)"))
    assert found.tolist() == list(range(37, 100))
    assert len(shares) > 5 and all("BETWEEN" in share for share in shares)


def test_a_kept_frame_has_the_same_rows(engine: Engine) -> None:
    frame = engine.from_arrow(TABLE).filter(nw.col("whole") > 1)
    kept = engine.keep(frame)
    pd.testing.assert_frame_equal(
        engine.collect(kept, sort_by=("whole",)), engine.collect(frame, sort_by=("whole",))
    )


def test_frames_of_two_kinds_join(engine: Engine, file: Path) -> None:
    lookup = engine.from_arrow(pa.table({"day": pa.array([DAY], pa.date32()), "segment": [7]}))
    joined = engine.keep(engine.scan(file)).join(lookup, on="day", how="left")
    assert engine.collect(joined, sort_by=("whole",))["segment"].fillna(0).tolist() == [7, 0, 0]


def test_a_function_is_applied_to_every_row_once(engine: Engine) -> None:
    def make() -> Batch:
        return lambda rows: rows.assign(day=rows["day"].fillna(pd.Timestamp(DAY)), part=rows["whole"] * 0.5)

    schema = pa.schema([("whole", pa.int64()), ("day", pa.date32()), ("part", pa.float64())])
    answered = engine.map_batches(engine.from_arrow(TABLE), make, schema)
    assert answered.collect_schema().names() == schema.names
    home = engine.collect(answered, sort_by=("whole",))
    assert home["part"].tolist() == [0.5, 1.0, 1.5]
    assert home["day"].dt.day.tolist() == [1, 1, 3]


def test_a_function_over_no_rows_answers_none(engine: Engine) -> None:
    none = engine.from_arrow(TABLE).filter(nw.col("whole") > 9)
    schema = pa.schema([("whole", pa.int64())])
    assert engine.collect(engine.map_batches(none, lambda: lambda rows: rows[["whole"]], schema)).empty


@pytest.mark.skipif(sys.platform == "win32", reason="a Windows path holds neither * nor ?")
def test_a_path_is_never_a_pattern(engine: Engine, tmp_path: Path) -> None:
    folder = tmp_path / "what? [2024] {a,b} *"
    folder.mkdir()
    pq.write_table(TABLE, folder / "table.parquet")
    assert len(engine.collect(engine.scan(folder / "table.parquet"))) == 3


def test_the_scratch_folder_is_private_and_goes_with_the_engine(engine: Engine) -> None:
    folder = engine.scratch
    assert folder.is_dir()
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    engine.close()
    assert not folder.exists()


def test_an_engine_whose_library_is_absent_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "earlywarning.engines.polars_engine", raising=False)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(WrongUsage, match=r"pip install 'earlywarning\[polars\]'"):
        open_engine("polars")
