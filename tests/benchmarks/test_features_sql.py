"""The SQL that the benchmark of features is held against computes what the families compute.

On invented extracts made difficult: rows known late, taken back and sent again, a second roll, a school that
fell silent and one that sent late. SQL that leaves any of it out would be quicker, and no comparison.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from benchmarks import features
from earlywarning.dataset.assemble import spine_of
from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.dataset.measure import family_frame
from earlywarning.dataset.spine import Spine
from earlywarning.engines import Engine, Frame, open_engine
from earlywarning.features import FAMILIES
from earlywarning.studies import STUDIES
from earlywarning.synthetic import generate
from earlywarning.tables import TABLES

SQL = Path(features.__file__).parent / "sql"
SHARED = ("calendar", "rolls", "visibility")
STUDY = STUDIES["secondary"]
EXTRACTED_ON = dt.date(2026, 8, 31)
CLOSE = 1e-12

# Of every eight rows one becomes known up to 200 days late, one is taken back up to 200 days later (every
# other one of these is sent again), and of three the end becomes known late.
TROUBLED = """
CREATE TABLE troubled_{name} AS
WITH
    drawn AS (SELECT *, hash({of}) % 8 AS lot, (hash(src) // 8 % 200)::INTEGER AS wait FROM {name} AS src),
    late AS (
        SELECT * REPLACE (
            {ends} known_from + if(lot = 0, wait, 0) AS known_from)
        FROM drawn
    )
SELECT * EXCLUDE (lot, wait) FROM late
UNION ALL
SELECT * EXCLUDE (lot, wait) REPLACE (known_from + wait + 1 AS known_from, 'retraction' AS record)
FROM late WHERE lot = 1
UNION ALL
SELECT * EXCLUDE (lot, wait) REPLACE (known_from + 2 * wait + 10 AS known_from)
FROM late WHERE lot = 1 AND wait % 2 = 0
"""
SECOND_ROLL = """
INSERT INTO enrolments
SELECT * REPLACE (
    (SELECT min(school_id) FROM schools WHERE phase = 'secondary') AS school_id,
    if(hash(pupil_id) % 40 = 0, 'M', 'S') AS status, start_date + 40 AS start_date)
FROM enrolments WHERE hash(pupil_id) % 20 = 0 AND coalesce(end_date > start_date + 40, true)
"""
SILENT = """
DELETE FROM coverage WHERE to_date >= DATE '2025-01-10'
    AND source = (SELECT max(school_id) FROM schools WHERE phase = 'secondary')
"""
SENT_LATE = """
UPDATE coverage SET known_from = known_from + 90
WHERE source IN ((SELECT min(school_id) FROM schools WHERE phase = 'secondary'), '213')
"""


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extracts of 700 invented pupils over three years, made difficult."""
    made, out = tmp_path_factory.mktemp("made") / "data", tmp_path_factory.mktemp("troubled")
    generate(made, pupils=700, years=3, seed=5)
    with duckdb.connect() as con:
        for name in TABLES:
            con.execute(f"CREATE TABLE {name} AS FROM read_parquet('{made / name}.parquet')")
        for change in (SECOND_ROLL, SILENT, SENT_LATE):
            con.execute(change)
        for name, table in TABLES.items():
            columns = {column.name for column in table.columns}
            ends = "end_known_from + if(lot > 4, wait, 0) AS end_known_from,"
            if "record" in columns:
                of = "pupil_id" if name == "ks2" else "src"  # results of a pupil come and go together
                ends = ends if "end_known_from" in columns else ""
                con.execute(TROUBLED.format(name=name, of=of, ends=ends))
            told = f"troubled_{name}" if "record" in columns else name
            con.execute(f"COPY {told} TO '{out / name}.parquet'")
    return out


@pytest.fixture(scope="module")
def ours(troubled: Path) -> Iterator[tuple[Engine, History, Frame]]:
    """The extracts as a history, with the spine of the study."""
    with open_engine("duckdb") as engine:
        tables = {
            name: engine.scan(troubled / f"{name}.parquet").select(*[c.name for c in table.columns])
            for name, table in TABLES.items()
        }
        calendar = STUDY.calendar(tables, engine, EXTRACTED_ON, None)
        history = History(tables, TABLES, calendar, engine, EXTRACTED_ON)
        yield engine, history, spine_of(STUDY, history)[0]


@pytest.fixture(scope="module")
def by_hand(troubled: Path, ours: tuple[Engine, History, Frame]) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the SQL of every family shares, over the same extracts and the same spine."""
    told = ours[2].collect(backend="pyarrow").to_native()  # DuckDB finds it by this name
    with duckdb.connect() as con:
        for name in TABLES:
            con.execute(f"CREATE VIEW {name} AS FROM read_parquet('{troubled / name}.parquet')")
        con.register("told", told)
        con.execute("CREATE TABLE spine AS FROM told")
        for name in SHARED:
            con.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
        yield con


def test_the_extracts_hold_what_could_be_left_out(troubled: Path) -> None:
    with duckdb.connect() as con:
        for name, table in TABLES.items():
            if "record" not in {column.name for column in table.columns}:
                continue
            rows = f"read_parquet('{troubled / name}.parquet')"
            told = con.execute(f"SELECT count(*) FROM {rows} WHERE record = 'retraction'").fetchone()
            assert told is not None and told[0] > 0, f"{name} has no retraction"


@pytest.mark.parametrize("name", list(FAMILIES))
def test_sql_gives_every_column_of_a_family(
    name: str, ours: tuple[Engine, History, Frame], by_hand: duckdb.DuckDBPyConnection
) -> None:
    engine, history, spine = ours
    frame = engine.collect(
        family_frame(Spine(history, spine, (FAMILIES[name],)), FAMILIES[name]), sort_by=PUPIL_DATE
    )
    by_hand.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    told = by_hand.execute(f"FROM {name}_family ORDER BY pupil_id, as_of_date").df()
    assert set(told) == set(frame)
    pd.testing.assert_frame_equal(told[list(PUPIL_DATE)], frame[list(PUPIL_DATE)], check_dtype=False)
    apart = {column: _apart(frame[column], told[column]) for column in frame.columns.drop(list(PUPIL_DATE))}
    assert not {column: n for column, n in apart.items() if n}, "rows that differ, by column"
    assert frame.drop(columns=list(PUPIL_DATE)).notna().any().any()


def _apart(one: pd.Series, other: pd.Series) -> int:
    """How many values differ; whole numbers exactly, others by more than :data:`CLOSE`."""
    a, b = one.to_numpy(dtype=float), other.astype(float).to_numpy(dtype=float)
    allowed = np.where(a == np.floor(a), 0, CLOSE)
    same = (np.isnan(a) & np.isnan(b)) | (np.abs(a - b) <= allowed)
    return int((~same).sum())
