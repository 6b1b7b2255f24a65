"""The two sides of each comparison, each run in a process of its own: python -m benchmarks.features.sides.

Both start from the same Parquet files and the same spine (who is on roll on each date), and end with a table
of every column that the families give. Imports and opening the files are outside the clock; the calendar,
rolls, coverage and the two clocks are inside, on both sides.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from benchmarks.features.with_pandas import attendance_with_pandas
from earlywarning.dataset.assemble import spine_of
from earlywarning.dataset.finished_frames import finished_frames
from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.dataset.kept import Kept, arrow
from earlywarning.engines import Engine, Frame, open_engine
from earlywarning.features import FAMILIES
from earlywarning.features.declare import Family
from earlywarning.studies import STUDIES
from earlywarning.tables import TABLES

SQL = Path(__file__).resolve().parent / "sql"
SHARED = ("calendar", "rolls", "visibility")
STUDY = STUDIES["secondary"]
SPINE = "spine.parquet"
EVERY_COLUMN = """
CREATE TEMP TABLE read_once AS
SELECT pupil_id, max(school_id), max(date), max(session), max(code), max(known_from), max(record)
FROM attendance GROUP BY pupil_id
"""


def history_of(
    engine: Engine, data: Path, known_by: dt.date | None = None, keep: Path | None = None
) -> History:
    """The extracts in ``data`` on every termly cut, as they would have been extracted by ``known_by``."""
    frames = {name: engine.scan(data / f"{name}.parquet") for name in TABLES}
    last = pd.Timestamp(engine.collect(frames["coverage"])["known_from"].max()).date()
    extracted_on = known_by or last
    calendar = STUDY.calendar(frames, engine, extracted_on, None)
    return History(frames, TABLES, calendar, engine, extracted_on, kept=Kept(keep) if keep else None)


def write_spine(data: Path, out: Path) -> int:
    """Write who is on roll on each date to ``out``; how many dates there are."""
    with open_engine("duckdb") as engine:
        history = history_of(engine, data)
        _, rows = spine_of(STUDY, history)
        columns = ["school_id", "area", "group", "nc_year_now", "term_number"]
        pq.write_table(arrow(rows[columns].reset_index()), out / SPINE)
        return len(history.calendar.as_of_dates)


def with_earlywarning(engine: Engine, data: Path, scratch: Path, families: tuple[Family, ...]) -> list[Frame]:
    """Our families, each worked out and kept in the engine."""
    history = history_of(engine, data)
    spine = _spine(history, scratch)
    return [engine.keep(frame) for frame in finished_frames(history, spine, families)]


def _spine(history: History, scratch: Path) -> Frame:
    on_roll = history.engine.scan(scratch / SPINE).with_row_index("spine_row", order_by=PUPIL_DATE)
    dates = history.lookup(history.lookups.cuts[["as_of_date"]])
    return history.engine.keep(history.with_window_starts(on_roll.join(dates, on="as_of_date", how="semi")))


def connected(data: Path, scratch: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with a view for each table, and the spine."""
    connection = duckdb.connect(config={"temp_directory": str(scratch / "spilled")})
    for name in TABLES:
        connection.execute(
            f"CREATE VIEW {name} AS FROM read_parquet('{data / f'{name}.parquet'}')"
        ).fetchall()
    connection.execute(f"CREATE TABLE spine AS FROM read_parquet('{scratch / SPINE}')").fetchall()
    return connection


def with_sql(connection: duckdb.DuckDBPyConnection, families: tuple[str, ...]) -> None:
    """The SQL written by hand for some families, each a table ``<family>_family``."""
    for name in (*SHARED, *families):
        for statement in connection.extract_statements((SQL / f"{name}.sql").read_text(encoding="utf-8")):
            connection.execute(statement).fetchall()


def new_term(data: Path, scratch: Path) -> Callable[[], object]:
    """Features of every date, from what was kept a term ago."""
    engine = open_engine("duckdb")
    history = history_of(engine, data, keep=scratch / "kept now")
    spine = _spine(history, scratch)
    return lambda: list(finished_frames(history, spine, STUDY.families))


def keep_until_last_term(data: Path, scratch: Path) -> None:
    """Keep what a run would have kept before the last cut, of the rows that were known by then."""
    with open_engine("duckdb") as engine:
        cuts = history_of(engine, data).calendar.as_of_dates
        history = history_of(engine, data, cuts[-1] - dt.timedelta(days=1), scratch / "kept")
        list(finished_frames(history, _spine(history, scratch), STUDY.families))


def side(name: str, data: Path, scratch: Path) -> Callable[[], object]:
    """The work of one side, ready to be timed."""
    attendance = (FAMILIES["attendance"],)
    if name in {"attendance: earlywarning", "all: earlywarning"}:
        engine = open_engine("duckdb")
        families = attendance if name.startswith("attendance") else STUDY.families
        return lambda: with_earlywarning(engine, data, scratch, families)
    if name == "attendance: pandas":
        return lambda: attendance_with_pandas(data, pd.read_parquet(scratch / SPINE))
    if name == "new term: kept":
        shutil.rmtree(scratch / "kept now", ignore_errors=True)
        shutil.copytree(scratch / "kept", scratch / "kept now")
        return new_term(data, scratch)
    connection = connected(data, scratch)
    if name == "attendance: read once":
        return lambda: connection.execute(EVERY_COLUMN).fetchall()
    families_of = {"attendance: sql": ("attendance",), "all: sql": STUDY_FAMILIES}
    return lambda: with_sql(connection, families_of[name])


STUDY_FAMILIES = tuple(family.name for family in STUDY.families)


def timed(name: str, data: Path, scratch: Path) -> dict[str, Any]:
    """Seconds, processor seconds, and the largest memory of this process in gigabytes."""
    work = side(name, data, scratch)
    began, used = time.perf_counter(), time.process_time()
    work()
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": seconds, "processor": processor, "gigabytes": kilobytes / 1e6}


if __name__ == "__main__":
    print(json.dumps(timed(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
