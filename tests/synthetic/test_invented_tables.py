"""Every table is as declared: columns, types, codes in force on the day, both clocks, and who is visible."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earlywarning import codes
from earlywarning.engines import open_engine
from earlywarning.sources import read
from earlywarning.synthetic.generate import IDENTITIES, TRUTH
from earlywarning.synthetic.truth import NEED, OUTLOOK, PUPIL_TRUTH, SCHOOL_TRUTH
from earlywarning.tables import IDENTITY, TABLES
from earlywarning.tables.check import check
from earlywarning.tables.declare import ARROW, Table

from .conftest import Invented

EXTRACTED_ON = "DATE '2026-08-31'"
PLACES = {
    **dict.fromkeys(TABLES.values(), ""),
    IDENTITY: IDENTITIES,
    **dict.fromkeys((NEED, OUTLOOK, PUPIL_TRUTH, SCHOOL_TRUTH), TRUTH),
}


@pytest.mark.parametrize("table", PLACES, ids=lambda table: table.name)
def test_columns_and_types_are_the_declared_ones(table: Table, invented: Invented) -> None:
    schema = pq.read_schema(invented.folder / PLACES[table] / f"{table.name}.parquet")
    assert schema == pa.schema([(column.name, ARROW[column.type]) for column in table.columns])


def test_the_package_itself_finds_nothing_to_set_aside(invented: Invented, tmp_path: Path) -> None:
    with open_engine() as engine:
        checked = check(read(invented.folder, scratch=tmp_path), engine)
        faults = {name: counts.faults for name, counts in checked.counts.items() if counts.faults}
    assert faults == {}
    assert checked.synthetic


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_codes_are_in_their_sets_and_empty_only_where_allowed(table: Table, invented: Invented) -> None:
    for column in table.columns:
        found = invented.sql(f"SELECT DISTINCT {column.name} AS found FROM {{{table.name}}}")["found"]
        assert column.nullable or found.notna().all(), column.name
        if column.codes:
            assert set(found.dropna()) <= codes.load(column.codes).allowed(), column.name


@pytest.mark.parametrize(("table", "column"), [("attendance", "code"), ("suspensions", "category")])
def test_codes_were_in_force_on_the_day(table: str, column: str, invented: Invented) -> None:
    declared = TABLES[table]
    allowed = codes.load(str(declared.column(column).codes))
    seen = invented.sql(
        f"SELECT {column} AS code, min({declared.date}) AS first, max({declared.date}) AS last "
        f"FROM {{{table}}} GROUP BY 1"
    )
    for row in seen.itertuples():
        assert row.code in allowed.allowed(row.first.date()), row
        assert row.code in allowed.allowed(row.last.date()), row
    assert table != "attendance" or {"C2", "K", "H", "E", "D"} <= set(seen["code"])


@pytest.mark.parametrize(
    "table", [table for table in TABLES.values() if table.kind != "static"], ids=lambda t: t.name
)
def test_nothing_is_known_before_it_happens_or_after_the_extract(table: Table, invented: Invented) -> None:
    date = table.date or "start_date"
    clocks = f"known_from > {EXTRACTED_ON} OR known_from < {date} OR {date} > {EXTRACTED_ON}"
    if table.kind == "spell":
        clocks += f" OR end_known_from > {EXTRACTED_ON} OR end_date > end_known_from OR end_date < start_date"
        clocks += " OR (end_date IS NULL) <> (end_known_from IS NULL)"
    assert invented.sql(f"SELECT count(*) AS n FROM {{{table.name}}} WHERE {clocks}")["n"].item() == 0


@pytest.mark.parametrize("table", ["attendance", "suspensions"])
def test_a_retraction_repeats_a_row_and_a_new_row_takes_its_place(table: str, invented: Invented) -> None:
    date = TABLES[table].date
    same = "pupil_id, date, session, school_id" if table == "attendance" else "event_id, pupil_id"
    groups = invented.sql(
        f"SELECT count(*) FILTER (record = 'new') AS new, count(*) FILTER (record = 'retraction') AS gone, "
        f"count(DISTINCT {date}) AS dates, max(known_from) FILTER (record = 'retraction') AS withdrawn, "
        f"max(known_from) FILTER (record = 'new') AS last_new, min(known_from) AS first "
        f"FROM {{{table}}} WHERE ({same}) IN (SELECT ({same}) FROM {{{table}}} WHERE record = 'retraction') "
        f"GROUP BY {same}"
    )
    assert len(groups) >= 3
    assert (groups["new"] == 2).all() and (groups["gone"] == 1).all() and (groups["dates"] == 1).all()
    assert (groups["withdrawn"] == groups["last_new"]).all() and (groups["withdrawn"] > groups["first"]).all()


def test_nobody_is_on_two_main_rolls_or_twice_on_one(invented: Invented) -> None:
    overlapping = invented.sql(
        "SELECT count(*) AS n FROM {enrolments} AS a JOIN {enrolments} AS b ON a.pupil_id = b.pupil_id "
        "AND (a.school_id, a.start_date, a.status) < (b.school_id, b.start_date, b.status) "
        "AND a.start_date <= coalesce(b.end_date, b.start_date) "
        "AND b.start_date <= coalesce(a.end_date, a.start_date) "
        "WHERE a.school_id = b.school_id OR (a.status <> 'S' AND b.status <> 'S')"
    )
    assert overlapping["n"].item() == 0


def test_suspensions_are_notified_at_once_from_september_2022_and_a_term_late_before(
    invented: Invented,
) -> None:
    lag = invented.sql(
        "SELECT start_date >= DATE '2022-09-01' AS at_once, min(known_from - start_date) AS low, "
        "max(known_from - start_date) AS high FROM {suspensions} WHERE decision = 'in_force' "
        "GROUP BY 1 ORDER BY 1"
    )
    assert lag["low"].tolist()[0] >= 90 and lag[["low", "high"]].iloc[1].tolist() == [1, 1]


def test_a_late_feed_is_not_covered_before_its_rows_arrive(invented: Invented) -> None:
    early = invented.sql(
        "SELECT count(*) AS n FROM {coverage} AS c JOIN {suspensions} AS s ON c.feed = 'suspensions' "
        "AND c.source = s.school_id AND s.start_date BETWEEN c.from_date AND c.to_date "
        "WHERE s.record = 'new' AND s.decision IN ('in_force', 'pending') AND s.known_from > c.known_from"
    )
    assert early["n"].item() == 0


@pytest.mark.parametrize("feed", ["attendance", "behaviour"])
def test_a_silent_school_sends_neither_rows_nor_coverage(feed: str, invented: Invented) -> None:
    weeks = invented.sql(
        "SELECT source, from_date FROM {coverage} WHERE feed = 'suspensions' "
        f"EXCEPT SELECT source, from_date FROM {{coverage}} WHERE feed = '{feed}'"
    )
    assert weeks["source"].nunique() == 1
    first, last = weeks["from_date"].min().date(), weeks["from_date"].max().date()
    rows = invented.sql(
        f"SELECT count(*) AS n FROM {{{feed}}} WHERE school_id = '{weeks['source'].iloc[0]}' "
        f"AND date BETWEEN DATE '{first}' AND DATE '{last}'"
    )
    assert rows["n"].item() == 0 and len(weeks) >= 5


def test_only_boroughs_that_share_are_seen(invented: Invented) -> None:
    found = invented.sql(
        "SELECT (SELECT list(DISTINCT la ORDER BY la) FROM {services}) AS held, "
        "(SELECT list(DISTINCT source ORDER BY source) FROM {coverage} WHERE feed = 'services') AS covered, "
        "(SELECT count(DISTINCT home_la) FROM {residence}) AS homes"
    ).iloc[0]
    assert list(found["held"]) == list(found["covered"]) == ["207", "213"] and found["homes"] > 8


def test_outsiders_come_without_a_history(invented: Invented) -> None:
    share = invented.sql(
        """
        WITH starts AS (SELECT pupil_id, min(start_date) AS first FROM {enrolments}
                        WHERE status <> 'S' GROUP BY 1),
        told AS (SELECT DISTINCT pupil_id, TRUE AS told FROM {transition}),
        year_7 AS (SELECT DISTINCT e.pupil_id, first FROM {enrolments} AS e JOIN starts USING (pupil_id)
                   JOIN {schools} USING (school_id) WHERE nc_year = '7' AND phase = 'secondary'
                   AND e.start_date = DATE '2024-09-04')
        SELECT avg((first = DATE '2024-09-04')::INT) AS outsiders,
               count(*) FILTER (told AND first = DATE '2024-09-04') AS told,
               count(*) FILTER (told AND first < DATE '2024-09-04') AS known
        FROM year_7 LEFT JOIN told USING (pupil_id)
        """
    ).iloc[0]
    assert 0.48 < share["outsiders"] < 0.70 and share["told"] == 0 and share["known"] > 50


def test_no_tests_in_2020_and_2021_and_results_in_july(invented: Invented) -> None:
    years = invented.sql("SELECT year(date) AS y, min(known_from) AS first FROM {ks2} GROUP BY 1 ORDER BY 1")
    assert {2019, 2022, 2026} <= set(years["y"]) and not {2020, 2021} & set(years["y"])
    assert (years["first"].dt.month >= 7).all()
    assert years["first"].max().date() <= dt.date(2026, 7, 31)
