"""Features in a notebook: one path whatever the tables are, and sentences for what cannot be used."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from earlywarning import (
    FAMILIES,
    STUDIES,
    TABLES,
    Family,
    Feature,
    build_features,
    clock,
    config,
    generate,
    notebook,
)
from earlywarning.dataset.assemble import assemble
from earlywarning.errors import InputRefused, NotAvailable, WrongUsage
from earlywarning.features.declare import count
from earlywarning.pipeline import build_history, checked_extracts
from earlywarning.sources import InMemory
from earlywarning.tables.declare import KNOWN_FROM, RECORD, Column, Table, pupil_id

DAYS = ["2025-12-31", "2026-03-27"]
TAKEN: dict[str, Any] = {"extracted_on": "2026-08-31", "synthetic": True}

feature = partial(Feature, theme="suspensions")
MORNINGS = Family(
    name="mornings",
    table="attendance",
    lookbacks=("1ht",),
    measures={"morning_marks": count(nw.col("session") == nw.lit("AM"))},
    features=(feature("mornings_marked_sessions_1ht", nw.col("morning_marks_1ht"), "sessions", "AM marks."),),
)
CLUBS = Table(
    name="clubs",
    kind="event",
    meaning="a table of one's own",
    key=("pupil_id", "date"),
    date="date",
    required=False,
    columns=(pupil_id(), Column("date", "date", "day", dt.date(2025, 11, 3)), KNOWN_FROM, RECORD),
)
CLUBS_FAMILY = Family(
    name="clubs",
    table="clubs",
    lookbacks=("1ht",),
    measures={"club_days": count(~nw.col("date").is_null())},
    features=(feature("clubs_attended_days_1ht", nw.col("club_days_1ht"), "days", "Days at a club."),),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extracts of few invented pupils, so that tests are quick: those with suspensions, and some others."""
    made = tmp_path_factory.mktemp("notebook") / "data"
    generate(made, pupils=500, years=3, seed=1)
    suspended = pq.read_table(made / "suspensions.parquet")["pupil_id"].to_pylist()
    others = sorted(pq.read_table(made / "pupils.parquet")["pupil_id"].to_pylist())[::8]
    for name, table in TABLES.items():
        rows = pq.read_table(made / f"{name}.parquet")
        if "pupil_id" in {column.name for column in table.columns}:
            rows = rows.filter(pc.is_in(rows["pupil_id"], pa.array({*suspended, *others})))
        pq.write_table(rows, made / f"{name}.parquet")
    return made


@pytest.fixture(scope="module")
def frames(folder: Path) -> MappingProxyType[str, pd.DataFrame]:
    return MappingProxyType({name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES})


@pytest.fixture(scope="module")
def expected(folder: Path) -> pd.DataFrame:
    return build_features(folder, DAYS, facts=True, engine="polars")


@pytest.fixture
def connection(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for name in TABLES:
            opened.execute(f"CREATE VIEW {name} AS FROM '{folder / name}.parquet'")
        yield opened


def test_what_is_kept_is_found_again(folder: Path, expected: pd.DataFrame, tmp_path: Path) -> None:
    for _ in ("made", "found"):
        again = build_features(folder, DAYS, facts=True, engine="polars", keep=tmp_path)
        pd.testing.assert_frame_equal(again, expected, check_exact=True)


def test_it_is_what_the_pipeline_makes_of_these_dates(folder: Path, expected: pd.DataFrame) -> None:
    study = STUDIES["secondary"]
    with checked_extracts(study, folder, config.load(), "polars") as checked:
        days = [dt.date.fromisoformat(day) for day in DAYS]
        data = assemble(study, build_history(study, checked, days), labelled=False)
        each = [assemble(study, build_history(study, checked, [day]), labelled=False).X for day in days]
    pd.testing.assert_frame_equal(expected, pd.concat([data.X, data.facts], axis=1), check_exact=True)
    pd.testing.assert_frame_equal(expected[data.X.columns], pd.concat(each).sort_index(), rtol=0, atol=1e-12)


def test_the_frame_is_indexed_sorted_and_says_what_it_holds(expected: pd.DataFrame, tmp_path: Path) -> None:
    assert expected.index.names == ["pupil_id", "as_of_date"]
    assert expected.index.is_monotonic_increasing and expected.index.is_unique
    assert set(expected.index.get_level_values("as_of_date")) == set(pd.to_datetime(DAYS))
    assert set(expected.dtypes) == {np.dtype(float)}
    declared = expected.attrs["features"]
    assert list(declared) == [f.name for family in FAMILIES.values() for f in family.inputs]
    assert list(expected)[: len(declared)] == list(declared)
    assert declared["attendance_absence_rate_1ht"] == {
        "family": "attendance",
        "unit": "rate",
        "lookback": "1ht",
        "direction": 1,
        "theme": "attendance",
        "description": "Sessions absent over sessions possible, this half term.",
        "reason": "Absent for {absent_1ht:n} of {possible_1ht:session} this half term"
        "[; {absent_1ht_before:n} of {possible_1ht_before:session} the half term before].",
    }
    assert expected.attrs["synthetic"] is True
    assert expected.attrs["extracted_on"] == "2026-08-31"
    expected.to_parquet(tmp_path / "kept.parquet")
    assert pd.read_parquet(tmp_path / "kept.parquet").attrs == expected.attrs == expected.copy().attrs
    json.dumps(expected.attrs, allow_nan=False)


@pytest.mark.parametrize("kind", ["pandas", "shuffled", "polars", "lazy", "pyarrow", "duckdb"])
def test_frames_give_the_same_bytes_as_the_folder(
    kind: str,
    folder: Path,
    frames: MappingProxyType[str, pd.DataFrame],
    connection: duckdb.DuckDBPyConnection,
    expected: pd.DataFrame,
) -> None:
    made: dict[str, Any] = {
        "pandas": lambda name: frames[name],
        "shuffled": lambda name: frames[name].sample(frac=1, random_state=7)[list(frames[name])[::-1]],
        "polars": lambda name: pl.read_parquet(folder / f"{name}.parquet"),
        "lazy": lambda name: pl.scan_parquet(folder / f"{name}.parquet"),
        "pyarrow": lambda name: pq.read_table(folder / f"{name}.parquet"),
        "duckdb": connection.table,
    }
    given = {name: made[kind](name) for name in TABLES}
    told = build_features(given, DAYS, facts=True, engine="polars", **TAKEN)
    pd.testing.assert_frame_equal(told, expected, check_exact=True)
    assert told.attrs == expected.attrs


def test_the_default_engine_says_the_same(folder: Path, expected: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(build_features(folder, DAYS, facts=True), expected, rtol=0, atol=1e-12)


def test_a_connection_gives_the_same_bytes_and_is_left_as_it_was(
    connection: duckdb.DuckDBPyConnection, frames: MappingProxyType[str, pd.DataFrame], expected: pd.DataFrame
) -> None:
    connection.execute("DROP VIEW terms; CREATE TEMP TABLE terms AS FROM range(0)")
    connection.execute("DROP TABLE terms; CREATE TABLE Something (x INTEGER)")
    connection.register("terms", frames["terms"])

    def state() -> list[Any]:
        asked = (
            "FROM duckdb_settings()",
            "FROM duckdb_tables()",
            "SELECT view_name, sql FROM duckdb_views()",
        )
        return [sorted(map(str, connection.execute(sql).fetchall())) for sql in asked]

    before = state()
    told = build_features(connection, DAYS, facts=True, engine="polars", **TAKEN)
    pd.testing.assert_frame_equal(told, expected, check_exact=True)
    assert state() == before


def test_frames_are_not_changed_and_nothing_is_left_behind(
    frames: MappingProxyType[str, pd.DataFrame],
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = {name: frame.copy() for name, frame in frames.items()}
    held = sorted(folder.iterdir())
    build_features(frames, DAYS, families=["suspensions", "context"], **TAKEN)
    build_features(folder, DAYS, families=["suspensions", "context"])
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])
    assert not [*(tmp_path / "temporary").iterdir(), *(tmp_path / "here").iterdir()]
    assert sorted(folder.iterdir()) == held


@pytest.mark.parametrize(
    "days",
    [
        "2025-12-31",
        dt.date(2025, 12, 31),
        dt.datetime(2025, 12, 31),
        np.datetime64("2025-12-31"),
        pd.DatetimeIndex(["2025-12-31", "2025-12-31"]),
        pd.Series(pd.to_datetime(["2025-12-31"])),
        (day for day in ["2025-12-31"]),
    ],
    ids=lambda days: type(days).__name__,
)
def test_a_day_may_be_given_in_many_ways(days: Any, folder: Path, expected: pd.DataFrame) -> None:
    told = build_features(folder, days, families=["context"], engine="polars")
    day = expected.index.get_level_values("as_of_date") == pd.Timestamp("2025-12-31")
    pd.testing.assert_frame_equal(told, expected.loc[day, list(told)])


def test_a_family_of_ones_own_stands_beside_the_others(folder: Path, expected: pd.DataFrame) -> None:
    told = build_features(folder, DAYS, families=["context", MORNINGS])
    assert list(told) == [*[f.name for f in FAMILIES["context"].inputs], "mornings_marked_sessions_1ht"]
    assert told.attrs["features"]["mornings_marked_sessions_1ht"]["family"] == "mornings"
    marks = pd.read_parquet(folder / "attendance.parquet")
    marks = marks[marks["session"] == "AM"].assign(n=marks["record"].map({"new": 1, "retraction": -1}))
    terms = pd.read_parquet(folder / "terms.parquet")
    cut = dt.date(2026, 3, 27)
    begun = terms.loc[terms["start_date"] <= cut, "start_date"].max()
    inside = marks[(marks["date"] >= begun) & (marks["date"] <= cut) & (marks["known_from"] <= cut)]
    counted = inside.groupby("pupil_id")["n"].sum()
    on_day = told.xs(pd.Timestamp(cut), level="as_of_date")["mornings_marked_sessions_1ht"].dropna()
    assert len(on_day) > 20
    assert on_day.tolist() == counted[on_day.index].tolist()


def test_a_family_may_read_a_table_of_ones_own(
    frames: MappingProxyType[str, pd.DataFrame], expected: pd.DataFrame
) -> None:
    one = str(expected.index[0][0])
    clubs = pd.DataFrame({"pupil_id": [one, one], "date": ["03/11/2025", "2025-11-10"]})
    told = build_features(
        {**frames, "clubs": clubs},
        "2025-12-31",
        families=[CLUBS_FAMILY],
        own_tables=[CLUBS],
        **TAKEN,
    )
    assert told["clubs_attended_days_1ht"].dropna().to_dict() == {(one, pd.Timestamp("2025-12-31")): 2.0}
    with pytest.raises(WrongUsage, match="reads table 'clubs', which is not declared"):
        build_features(frames, "2025-12-31", families=[CLUBS_FAMILY], **TAKEN)


def test_what_was_not_received_is_not_available(frames: MappingProxyType[str, pd.DataFrame]) -> None:
    less = {name: frame for name, frame in frames.items() if name != "transition"}
    with pytest.warns(NotAvailable, match="'transition' was not received"):
        told = build_features(less, "2025-12-31", families=["transition"], **TAKEN)
    assert told.isna().all(axis=None)
    assert told.attrs["not_available"] == {"transition": list(told)}


def test_what_is_wrong_with_a_value_is_found_as_in_an_extract(
    frames: MappingProxyType[str, pd.DataFrame],
) -> None:
    suspensions = frames["suspensions"].astype({"start_date": "str"})
    suspensions.loc[:, "start_date"] = "in the spring"
    with pytest.raises(InputRefused, match="value cannot be read as its type") as refusal:
        build_features({**frames, "suspensions": suspensions}, DAYS, **TAKEN)
    assert "in the spring" not in str(refusal.value)


def without(frames: MappingProxyType[str, pd.DataFrame], name: str, change: Any = None) -> dict[str, Any]:
    """The frames with one of them changed, or left out."""
    kept: dict[str, Any] = {each: frame for each, frame in frames.items() if each != name}
    return kept if change is None else kept | {name: change(frames[name])}


REFUSED_FRAMES = {
    "a misspelt table": (
        lambda f: without(f, "suspensions") | {"suspension": f["suspensions"]},
        WrongUsage,
        "'suspension' is not declared. Did you mean 'suspensions'",
    ),
    "a missing table": (lambda f: without(f, "suspensions"), InputRefused, "'suspensions' is missing"),
    "an empty table": (
        lambda f: without(f, "terms", lambda t: t.head(0)),
        InputRefused,
        "'terms' is empty and is required",
    ),
    "a missing column": (
        lambda f: without(f, "attendance", lambda t: t.rename(columns={"code": "codes"})),
        InputRefused,
        "has no column 'code'. Did you mean 'codes'",
    ),
    "a column twice": (
        lambda f: without(f, "schools", lambda t: t.set_axis(["phase", *list(t)[1:]], axis=1)),
        InputRefused,
        "'schools': the table given cannot be read",
    ),
    "values of two kinds": (
        lambda f: without(f, "enrolments", lambda t: t.assign(nc_year=[7, *["p-secret"] * (len(t) - 1)])),
        InputRefused,
        "'enrolments': the table given cannot be read",
    ),
    "no frame": (
        lambda f: without(f, "terms", lambda t: t["term"]),
        WrongUsage,
        "is a Series, which is no fr",
    ),
    "a list": (lambda f: list(f.values()), WrongUsage, "tables is a list"),
    "nothing": (lambda f: {}, InputRefused, "missing and is required"),
}


@pytest.mark.parametrize("case", REFUSED_FRAMES)
def test_tables_that_cannot_be_used_are_refused(
    case: str, frames: MappingProxyType[str, pd.DataFrame]
) -> None:
    spoil, kind, said = REFUSED_FRAMES[case]
    with pytest.raises(kind, match=re.escape(said)) as refusal:
        build_features(spoil(frames), DAYS, **TAKEN)
    assert "p-secret" not in str(refusal.value)
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None


def test_a_connection_that_cannot_be_used_is_refused(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SELECT 42")
    with pytest.raises(InputRefused, match="every result fetched"):
        build_features(connection, DAYS, **TAKEN)
    assert connection.fetchall() == [(42,)]
    connection.execute("DROP VIEW coverage")
    with pytest.raises(InputRefused, match="table 'coverage' is missing and is required"):
        build_features(connection, DAYS, **TAKEN)
    connection.execute("CREATE TABLE gone (x VARCHAR)")
    connection.execute("INSERT INTO gone VALUES ('p-secret')")
    connection.execute("CREATE VIEW coverage AS SELECT x::DATE AS feed, * FROM gone")
    with pytest.raises(InputRefused, match="table 'coverage'"):
        build_features(connection, DAYS, **TAKEN)
    columns = ", ".join(f"x::INTEGER AS {c.name}" for c in TABLES["coverage"].columns)
    connection.execute(f"CREATE OR REPLACE VIEW coverage AS SELECT {columns} FROM gone")
    with pytest.raises(InputRefused, match="table 'coverage': the table given cannot be read") as refusal:
        build_features(connection, DAYS, **TAKEN)
    assert "p-secret" not in str(refusal.value)
    connection.execute("DROP TABLE gone")
    with pytest.raises(InputRefused, match="connection cannot be read"):
        build_features(connection, DAYS, **TAKEN)
    connection.close()
    with pytest.raises(InputRefused, match="connection cannot be read"):
        build_features(connection, DAYS, **TAKEN)


BAD_DAYS: dict[str, tuple[Any, type[Exception], str]] = {
    "none": ([], WrongUsage, "as_of_dates is empty"),
    "a time": (pd.to_datetime(["2025-12-31 09:00"]), WrongUsage, "a Timestamp that is no day"),
    "a time zone": (pd.to_datetime(["2025-12-31"]).tz_localize("UTC"), WrongUsage, "that is no day"),
    "not a time": ([pd.NaT], WrongUsage, "that is no day"),
    "British text": ("31/12/2025", WrongUsage, "a str that is no day"),
    "a number": (20251231, WrongUsage, "a int that is no day"),
    "the future": ("2031-01-01", InputRefused, "2031-01-01 is after the extract"),
    "one of them in the future": (["2025-12-31", "2026-09-01"], InputRefused, "2026-09-01 is after"),
    "before everything": ("1999-01-01", InputRefused, "1999-01-01"),
    "one of them before the look-backs": (["2023-10-02", "2025-12-31"], InputRefused, "2023-10-02"),
}


@pytest.mark.parametrize("case", BAD_DAYS)
def test_days_that_cannot_be_used_are_refused(case: str, folder: Path) -> None:
    days, kind, said = BAD_DAYS[case]
    with pytest.raises(kind, match=said):
        build_features(folder, days, families=["attendance"])


BAD_ARGUMENTS: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "a misspelt family": ({"families": ["atendance"]}, WrongUsage, "Did you mean 'attendance'"),
    "no family": ({"families": []}, WrongUsage, "at least one"),
    "one family without a list": ({"families": "attendance"}, WrongUsage, "a list of names"),
    "something else": ({"families": [7]}, WrongUsage, "family 7 is not known"),
    "a family twice": ({"families": ["context", "context"]}, WrongUsage, "'context' is there twice"),
    "a study": ({"study": "secundary"}, WrongUsage, "Did you mean 'secondary'"),
    "an engine": ({"engine": "excel"}, WrongUsage, "engine 'excel' is not known"),
    "a folder's day": ({"extracted_on": "2026-08-31"}, WrongUsage, "leave out extracted_on"),
}


@pytest.mark.parametrize("case", BAD_ARGUMENTS)
def test_arguments_that_cannot_be_used_are_refused(case: str, folder: Path) -> None:
    given, kind, said = BAD_ARGUMENTS[case]
    with pytest.raises(kind, match=said):
        build_features(folder, DAYS, **given)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="there is no folder 'nowhere'"):
        build_features(str(tmp_path / "nowhere"), DAYS)


def test_tables_in_memory_are_of_today_unless_said_otherwise(
    frames: MappingProxyType[str, pd.DataFrame],
) -> None:
    today = clock.today()
    assert notebook._given(frames, None, False) == InMemory(frames, today)
    with pytest.raises(InputRefused, match="lies in the future"):
        build_features(frames, DAYS, extracted_on=today + dt.timedelta(days=1))
    with pytest.raises(InputRefused, match="no later than 2024-01-01"):
        build_features(frames, "2023-12-31", extracted_on="2024-01-01", synthetic=True)
