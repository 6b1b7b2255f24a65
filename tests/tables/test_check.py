"""Every rule, with one planted fault; what is refused; and that every row is accounted for."""

from __future__ import annotations

import datetime as dt
import stat
import sys
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import narwhals as nw
import pandas as pd
import pytest
from building import ON_ONE_MACHINE
from hypothesis import HealthCheck, given, settings

from earlywarning import cli
from earlywarning.engines import Engine, open_engine
from earlywarning.errors import InputRefused
from earlywarning.sources import read
from earlywarning.tables import TABLES
from earlywarning.tables.check import check, write_quarantine
from earlywarning.tables.checked import Checked

SECRET = "p-secret-pupil"


def checked(folder: Path, engine: Engine, *names: str, **options: Any) -> Checked:
    """The tables called ``names`` and those they look values up in; all of them when none is named."""
    tables = {name: TABLES[name] for name in ("pupils", "schools", *names)} if names else TABLES
    return check(read(folder, tables, scratch=engine.scratch), engine, tables, **options)


def faults(result: Checked) -> list[tuple[str, str, str, list[int]]]:
    return [(row.table, row.rule, row.column, row.row) for row in result.quarantine().itertuples()]


@pytest.fixture(params=ON_ONE_MACHINE)
def engine(request: pytest.FixtureRequest) -> Any:
    with open_engine(request.param) as opened:
        yield opened


def test_good_rows_are_all_used(rows: Any, folder: Any, engine: Engine) -> None:
    result = checked(folder(rows), engine)
    assert faults(result) == []
    assert {name: counts.used for name, counts in result.counts.items()} == {
        n: len(held) for n, held in rows.items()
    }
    assert result.synthetic and result.extracted_on == dt.date(2025, 8, 31)


def test_frames_have_every_declared_column_with_its_type(rows: Any, folder: Any, engine: Engine) -> None:
    types = {
        "string": nw.String,
        "date": nw.Date,
        "integer": nw.Int64,
        "number": nw.Float64,
        "boolean": nw.Boolean,
    }
    result = checked(folder(rows), engine)
    for name, table in TABLES.items():
        schema = result.frames[name].collect_schema()
        assert dict(schema) == {column.name: types[column.type] for column in table.columns}, name


FUTURE = dt.date(2025, 9, 1)
PLANTED = [
    ("attendance", {"pupil_id": None}, "required value is missing", "pupil_id"),
    ("attendance", {"school_id": ""}, "required value is missing", "school_id"),
    ("attendance", {"code": "?"}, "unknown code", "code"),
    ("suspensions", {"reason2": "ZZ"}, "unknown code", "reason2"),
    ("pupils", {"ethnicity": "XXXX"}, "unknown code", "ethnicity"),
    ("attendance", {"code": "C2", "date": dt.date(2024, 8, 16)}, "code not in force on the date", "code"),
    ("attendance", {"code": "H", "date": dt.date(2024, 9, 20)}, "code not in force on the date", "code"),
    ("ks2", {"scaled_score": 121}, "outside its bounds", "scaled_score"),
    ("suspensions", {"sessions": -1}, "outside its bounds", "sessions"),
    ("behaviour", {"points": float("nan")}, "value cannot be read as its type", "points"),
    ("attendance", {"date": FUTURE, "known_from": FUTURE}, "dated after the extract", "date"),
    ("behaviour", {"known_from": FUTURE}, "dated after the extract", "known_from"),
    ("services", {"known_from": FUTURE}, "dated after the extract", "known_from"),
    ("suspensions", {"known_from": dt.date(2024, 9, 30)}, "known before it happened", "known_from"),
    ("enrolments", {"end_date": dt.date(2024, 9, 1)}, "ends before it starts", "end_date"),
    ("coverage", {"to_date": dt.date(2024, 9, 1)}, "ends before it starts", "to_date"),
    ("behaviour", {"pupil_id": "p-nobody"}, "not found in table 'pupils'", "pupil_id"),
    ("behaviour", {"school_id": "s-nowhere"}, "not found in table 'schools'", "school_id"),
]


@pytest.mark.parametrize(("table", "spoiled", "rule", "column"), PLANTED)
def test_a_planted_fault_is_set_aside_by_its_rule_alone(
    rows: Any, folder: Any, table: str, spoiled: dict[str, Any], rule: str, column: str
) -> None:
    extra = {**rows[table][0], **spoiled}
    good = len(rows[table])
    rows[table].append(extra)
    with open_engine() as engine:
        result = checked(folder(rows), engine, table)
        assert faults(result) == [(table, rule, column, good + 1)]
        assert len(engine.collect(result.frames[table])) == good


def test_each_engine_sets_aside_the_same_rows(rows: Any, folder: Any, engine: Engine) -> None:
    expected = set()
    for table, spoiled, rule, column in PLANTED:
        rows[table].append({**rows[table][0], **spoiled})
        expected.add((table, rule, column, len(rows[table])))
    rows["attendance"].append(dict(rows["attendance"][0]))
    key = ", ".join(TABLES["attendance"].key)
    expected.add(("attendance", "repeats the key of an earlier row", key, len(rows["attendance"])))
    assert (
        set(faults(checked(folder(rows), engine, *{table for table, *_ in PLANTED}, threshold=0.99)))
        == expected
    )


def test_of_repeated_rows_the_first_good_one_is_kept(rows: Any, folder: Any, engine: Engine) -> None:
    pupil = rows["pupils"][0]
    rows["pupils"] = [{**pupil, "sex": "?"}, {**pupil, "sex": "F"}, {**pupil, "sex": "M"}]
    result = checked(folder(rows), engine, "pupils")
    assert [(rule, row) for _, rule, _, row in faults(result)] == [
        ("unknown code", 1),
        ("repeats the key of an earlier row", 3),
    ]
    assert engine.collect(result.frames["pupils"])["sex"].tolist() == ["F"]


def test_a_pupil_set_aside_stays_on_the_roll(rows: Any, folder: Any) -> None:
    rows["pupils"][0]["ethnicity"] = "XXXX"
    with open_engine() as engine:
        result = checked(folder(rows), engine, "enrolments")
        assert result.counts["pupils"].quarantined == 1
        assert result.counts["enrolments"].quarantined == 0


def test_csv_and_parquet_give_the_same(rows: Any, folder: Any) -> None:
    rows["behaviour"].append({**rows["behaviour"][0], "event_id": "b2", "polarity": "?"})
    rows["enrolments"].append({**rows["enrolments"][0], "nc_year": "8", "start_date": dt.date(2023, 9, 4)})
    with open_engine() as engine:
        parquet, csv = (checked(folder(rows, format_), engine) for format_ in ("parquet", "csv"))
        assert faults(parquet) == faults(csv) != []
        for name, table in TABLES.items():
            order = list(table.key)
            frames = [engine.collect(result.frames[name], sort_by=order) for result in (parquet, csv)]
            pd.testing.assert_frame_equal(*frames)


def test_what_a_csv_cannot_say_is_set_aside_with_its_row_number(
    rows: Any, folder: Any, engine: Engine
) -> None:
    path = folder(rows, "csv") / "behaviour.csv"
    header, good = path.read_text(encoding="utf-8").splitlines()
    day = (
        good.replace("2024-10-01", "31/12/2024")
        .replace("2024-10-02", "2025-01-02")
        .replace("b000017", "b000018")
    )
    assert day.count("31/12/2024") == 1
    bad_date = good.replace("2024-10-01", "2024-02-30").replace("b000017", "b000019")
    bad_twice = good.replace("2024-10-01", "soon").replace("2.0", "two").replace("b000017", "b000020")
    lines = f"{header}\n{good}\ntoo,few\n{bad_date}\n{day}\n{bad_twice}\n\n"
    path.write_text(lines, encoding="utf-8-sig")
    result = checked(path.parent, engine, "behaviour")
    assert faults(result) == [
        ("behaviour", "row has too many or too few values", "", 2),
        ("behaviour", "value cannot be read as its type", "date", 3),
        ("behaviour", "value cannot be read as its type", "date", 5),
    ]
    used = engine.collect(result.frames["behaviour"], sort_by=("date",))
    assert used["date"].tolist() == [pd.Timestamp("2024-10-01"), pd.Timestamp("2024-12-31")]
    assert result.counts["behaviour"].read == 5


def test_known_from_and_record_are_supplied_where_the_extract_has_none(
    rows: Any, folder: Any, engine: Engine
) -> None:
    for name in ("attendance", "sen", "coverage"):
        for row in rows[name]:
            for column in ("known_from", "end_known_from", "record"):
                row.pop(column, None)
    rows["attendance"][1]["date"] = dt.date(2025, 8, 31)
    rows["sen"][0]["end_date"] = dt.date(2025, 8, 20)
    result = checked(folder(rows), engine, "attendance", "sen", "coverage")
    marks = engine.collect(result.frames["attendance"], sort_by=("date",))
    assert marks["known_from"].tolist() == [pd.Timestamp("2024-10-02"), pd.Timestamp("2025-08-31")]
    assert set(marks["record"]) == {"new"}
    (spell,) = engine.collect(result.frames["sen"]).to_dict("records")
    assert (spell["known_from"], spell["end_known_from"]) == (
        pd.Timestamp("2023-12-06"),
        pd.Timestamp("2025-08-31"),
    )
    assert engine.collect(result.frames["coverage"])["known_from"].tolist() == [pd.Timestamp("2024-10-26")]


def test_old_codes_are_read_as_today_s(rows: Any, folder: Any, engine: Engine) -> None:
    rows["suspensions"][0]["category"] = "FIXD"
    rows["sen"][0]["sen_provision"] = "S"
    rows["pupils"][0]["ethnicity"] = None
    rows["pupils"][1]["ethnicity"] = "WALB"
    result = checked(folder(rows), engine, "suspensions", "sen")
    assert engine.collect(result.frames["suspensions"])["category"].tolist() == ["SUSP"]
    assert engine.collect(result.frames["sen"])["sen_provision"].tolist() == ["E"]
    assert engine.collect(result.frames["pupils"])["ethnicity"].dropna().tolist() == ["WOTH"]


def test_a_table_that_may_be_absent_has_no_rows_but_its_columns(
    rows: Any, folder: Any, engine: Engine
) -> None:
    del rows["placements"]
    result = checked(folder(rows), engine, "placements")
    frame = engine.collect(result.frames["placements"])
    assert list(frame.columns) == [column.name for column in TABLES["placements"].columns]
    assert len(frame) == 0 == result.counts["placements"].read


def test_too_many_faults_are_refused_and_no_pupil_is_named(rows: Any, folder: Any, many: Any) -> None:
    marks = many(rows["attendance"][0], 300)
    for mark in marks[:6]:
        mark["pupil_id"] = SECRET
    marks[10]["code"] = "?"
    rows["attendance"] = marks
    with open_engine() as engine:
        with pytest.raises(InputRefused) as refused:
            checked(folder(rows), engine, "attendance")
        assert (
            checked(folder(rows), engine, "attendance", threshold=0.05).counts["attendance"].quarantined == 7
        )
    message = str(refused.value)
    assert SECRET not in message
    for part in (
        "'attendance'",
        "7 of 300",
        "at most 6",
        "'pupil_id'",
        "not found in table 'pupils'",
        "6 rows",
    ):
        assert part in message


def test_a_few_faults_in_a_tiny_table_are_not_refused(rows: Any, folder: Any) -> None:
    rows["behaviour"][0]["polarity"] = "neither"
    with open_engine() as engine:
        assert checked(folder(rows), engine, "behaviour").counts["behaviour"].quarantined == 1


def test_a_single_fault_in_a_table_that_everything_hangs_on_is_refused(rows: Any, folder: Any) -> None:
    rows["terms"][0]["half_term"] = 3
    with open_engine() as engine, pytest.raises(InputRefused, match="table 'terms'"):
        checked(folder(rows), engine, "terms")


def test_the_quarantine_file_holds_no_value_of_a_row(rows: Any, folder: Any, tmp_path: Path) -> None:
    rows["behaviour"].append({**rows["behaviour"][0], "pupil_id": SECRET, "event_id": "e-secret"})
    with open_engine() as engine:
        write_quarantine(checked(folder(rows), engine, "behaviour"), tmp_path / "quarantine.csv")
    written = tmp_path / "quarantine.csv"
    assert written.read_text(encoding="utf-8") == (
        "table,rule,column,row\nbehaviour,not found in table 'pupils',pupil_id,2\n"
    )
    if sys.platform != "win32":
        assert stat.S_IMODE(written.stat().st_mode) == 0o600


CODES = st.sampled_from(["/", "L", "C2", "?", "", "H"])
DAYS = st.dates(dt.date(2024, 7, 1), dt.date(2025, 9, 10))
PUPILS = st.sampled_from(["p4f1c09", "p0000002", "p9"])
MARKS = st.fixed_dictionaries({"code": CODES, "date": DAYS, "pupil_id": PUPILS})


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marks=st.lists(MARKS, min_size=1, max_size=12))
def test_every_row_is_used_or_set_aside_once(marks: list[dict[str, Any]], rows: Any, folder: Any) -> None:
    mark = rows["attendance"][0]
    held = {
        **rows,
        "attendance": [{**mark, "known_from": dt.date(2025, 8, 31), **spoiled} for spoiled in marks],
    }
    with open_engine("polars") as engine:
        result = checked(folder(held), engine, "attendance", threshold=1.0)
        used = engine.collect(result.frames["attendance"])
    counts = result.counts["attendance"]
    aside = result.quarantine()
    assert counts.read == len(marks) == len(used) + len(aside)
    assert aside["row"].is_unique
    assert not used.duplicated(list(TABLES["attendance"].key)).any()


def test_an_event_delivered_again_is_warned_of_unless_the_earlier_row_is_retracted(
    rows: Any, folder: Any, engine: Engine
) -> None:
    (first,) = rows["suspensions"]
    later = {**first, "known_from": first["known_from"] + dt.timedelta(days=3), "sessions": 2}
    rows["suspensions"] += [later, {**later, "known_from": first["known_from"] + dt.timedelta(days=9)}]
    result = checked(folder(rows), engine, "suspensions")
    assert faults(result) == []
    (warning,) = result.to_dict()["tables"]["suspensions"]["warnings"]
    assert (warning["column"], warning["rows"]) == ("event_id", 2)
    rows["suspensions"] = [first, {**later, "record": "retraction"}, {**later, "sessions": 2}]
    told = checked(folder(rows), engine, "suspensions").to_dict()["tables"]
    assert [table["warnings"] for table in told.values()] == [[], [], []]


def test_rows_of_another_width_are_told_with_how_many_values_are_needed(
    rows: Any, folder: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    data = folder(rows, "csv")
    path = data / "attendance.csv"
    width = len(rows["attendance"][0])
    path.write_text(path.read_text(encoding="utf-8") + "p1,x\n", encoding="utf-8")
    assert cli.main(["check", str(data)]) == 0
    said = f"row has too many or too few values ({width} values, as in the header): 1\n"
    assert said in capsys.readouterr().out
    path.write_text(path.read_text(encoding="utf-8") + "p1,x\n" * 9, encoding="utf-8")
    assert cli.main(["check", str(data)]) == 3
    assert "Most often: rule 'row has too many or too few values', 10 rows" in capsys.readouterr().err
