"""Spark: the same numbers and the same list as DuckDB, and no event on its way to the driver."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from building import history_of, of_families
from conftest import promote_by_exception
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from worlds import AS_OF_DATES, EVENTS, SPELLS, Rows, happenings, world

from earlywarning import pipeline
from earlywarning.config import ModelSettings, Settings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.half_terms import SHOWN
from earlywarning.engines import Engine, open_engine
from earlywarning.errors import InputRefused, MachineRefused, WrongUsage
from earlywarning.studies import STUDIES
from earlywarning.synthetic import generate

AS_OF = dt.date(2025, 12, 31)
MANY = ("attendance", "behaviour")
SHIPPED = Settings(model=ModelSettings(seeds=1, refits=3))
"""The families of the shipped settings: that all families agree has a test of its own."""


def built(tables: Rows, engine: str) -> Dataset:
    with open_engine(engine) as opened:
        return assemble(of_families(), history_of(opened, tables, AS_OF_DATES), labelled=False)


@settings(max_examples=1, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(happenings(), min_size=8, max_size=8))
def test_every_family_agrees_with_duckdb(spark: Engine, happened: list[Rows]) -> None:
    tables = world(*happened)
    assume(min(len(tables[name]) for name in (*EVENTS, *SPELLS)) > 10)  # one world, in which much happens
    ours, theirs = built(tables, "spark"), built(tables, "duckdb")
    pd.testing.assert_frame_equal(ours.X, theirs.X, check_exact=False, rtol=0, atol=1e-12)
    pd.testing.assert_frame_equal(ours.facts, theirs.facts, check_exact=True)
    pd.testing.assert_series_equal(ours.rows["why_not"], theirs.rows["why_not"])


@dataclass(frozen=True)
class Scored:
    """The issues that two engines made of the same extracts, and every table that Spark sent home."""

    data: Path
    spark: Path
    duckdb: Path
    home: list[pa.Table]


@pytest.fixture(scope="module")
def scored(spark: Engine, extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    from pyspark.sql.classic.dataframe import DataFrame

    folder = tmp_path_factory.mktemp("scored")
    generate(folder / "data", pupils=500, years=3, seed=5)
    pipeline.train(extracts, settings=SHIPPED, models=folder / "models")
    promote_by_exception(folder / "models", SHIPPED)
    home: list[pa.Table] = []
    to_arrow = DataFrame.toArrow

    def watched(frame: DataFrame) -> pa.Table:
        home.append(to_arrow(frame))
        return home[-1]

    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("rows leave Spark by toArrow alone")

    def issue(engine: str) -> Path:
        told = pipeline.score(
            folder / "data",
            as_of=AS_OF,
            out=folder / engine,
            settings=SHIPPED,
            models=folder / "models",
            engine=engine,
        )
        return Path(told["issue"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DataFrame, "toArrow", watched)
        for way in ("collect", "toPandas", "toLocalIterator", "take", "head", "first"):
            patch.setattr(DataFrame, way, refused)
        by_spark = issue("spark")
    return Scored(folder / "data", by_spark, issue("duckdb"), home)


def test_the_issue_is_the_one_duckdb_makes_to_the_byte(scored: Scored) -> None:
    files = {path.relative_to(scored.duckdb) for path in scored.duckdb.rglob("*") if path.is_file()}
    assert len(files) > 3
    assert files == {path.relative_to(scored.spark) for path in scored.spark.rglob("*") if path.is_file()}
    differing = [f for f in files if (scored.spark / f).read_bytes() != (scored.duckdb / f).read_bytes()]
    assert not differing


def test_the_same_pupils_are_listed_for_the_same_reasons(scored: Scored) -> None:
    ours, theirs = (pq.read_table(folder / "scores.parquet") for folder in (scored.spark, scored.duckdb))
    assert sum(ours["listed"].to_pylist()) > 60 and ours.equals(theirs)
    assert (scored.spark / "panel.html").read_bytes() == (scored.duckdb / "panel.html").read_bytes()


def test_no_event_is_sent_to_the_driver(scored: Scored) -> None:
    pupils = pq.read_metadata(scored.data / "pupils.parquet").num_rows
    events = sum(pq.read_metadata(scored.data / f"{name}.parquet").num_rows for name in MANY)
    not_coverage = [table for table in scored.home if "feed" not in table.column_names]
    listed = sum(pq.read_table(scored.spark / "scores.parquet")["listed"].to_pylist())
    drawn = 2 * SHOWN * listed  # absence by half term of those listed; a date cuts a half term in two
    assert max(table.num_rows for table in not_coverage) <= max(pupils, drawn)
    assert sum(table.num_rows for table in not_coverage) < events / 100
    # Marks and behaviour stay where they are. Suspensions and hand-over records ("concern"), of which there
    # are few, come home for the pages.
    of_events = {"session", "code", "points", "polarity", "date"}
    home = [set(table.column_names) for table in scored.home]
    assert not [names for names in home if of_events & names and "concern" not in names]
    features = {feature.name for family in STUDIES["secondary"].families for feature in family.features}
    wide = [table.num_rows for table in scored.home if len(features & set(table.column_names)) > 1]
    assert max(wide) == listed, "features of the pupils listed, and what is usual in a year group"


def test_a_model_is_made_once_a_partition_and_not_on_the_driver(spark: Engine, tmp_path: Path) -> None:
    def make() -> Any:
        import uuid

        (tmp_path / uuid.uuid4().hex).write_text(str(os.getpid()))
        return lambda rows: rows

    rows = spark.from_arrow(pa.table({"n": list(range(1000))})).to_native().repartition(3)
    answered = spark.map_batches(nw.from_native(rows), make, pa.schema([("n", pa.int64())]))
    assert sorted(spark.collect(answered)["n"]) == list(range(1000))
    made = [path.read_text() for path in tmp_path.iterdir()]
    assert len(made) == 3 and str(os.getpid()) not in made


def test_a_lookup_is_one_piece_that_is_broadcast(spark: Engine, tmp_path: Path) -> None:
    pq.write_table(pa.table({"k": list(range(5000))}), tmp_path / "events.parquet")
    chunks = pa.chunked_array([[n] for n in range(50)])
    lookup = spark.from_arrow(pa.table({"k": chunks, "v": chunks}))
    joined = spark.scan(tmp_path / "events.parquet").join(lookup, on="k", how="left").to_native()
    plan = joined._jdf.queryExecution().toString()
    assert "BroadcastHashJoin" in plan and "LocalTableScan" in plan


def test_a_damaged_file_is_refused(spark: Engine, tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"text": [f"pupil {n}" for n in range(50_000)]}), path, compression="none")
    whole = bytearray(path.read_bytes())
    whole[2000:200_000] = bytes(198_000)
    path.write_bytes(whole)
    with pytest.raises(InputRefused, match="damaged"):
        spark.collect(spark.scan(path))


def test_without_java_the_machine_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    monkeypatch.setattr(SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(MachineRefused, match="needs Java"):
        open_engine("spark")


@pytest.mark.parametrize("library", ["pyspark", "py4j.protocol"])
def test_without_the_extra_the_command_is_off(monkeypatch: pytest.MonkeyPatch, library: str) -> None:
    monkeypatch.delitem(sys.modules, "earlywarning.engines.spark_engine", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(WrongUsage, match=r"pip install 'earlywarning\[spark\]'"):
        open_engine("spark")


def test_a_local_spark_is_quiet_and_leaves_nothing_behind(spark: Engine, tmp_path: Path) -> None:
    code = """if True:
        import pyarrow as pa
        from earlywarning.engines import open_engine
        with open_engine("spark") as engine:
            host = engine._session.sparkContext.getConf().get("spark.driver.host")
            assert host == "127.0.0.1", host
            assert len(engine.collect(engine.keep(engine.from_arrow(pa.table({"a": [1]}))))) == 1
    """
    env = {"TMPDIR": str(tmp_path), "PATH": os.environ["PATH"]}
    env["PYTHONPATH"] = str(Path(__file__).parents[2])
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert ran.stdout == ""
    assert ran.stderr.replace("WARNING: Using incubator modules: jdk.incubator.vector\n", "") == ""
    assert list(tmp_path.iterdir()) == []
