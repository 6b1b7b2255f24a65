"""What came out: the rates of a data folder under the names and definitions of the published targets."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

ON_ROLL = """
    CREATE VIEW day AS
        SELECT academic_year, min(start_date) AS first, max(end_date) AS last FROM terms GROUP BY 1;
    CREATE VIEW given AS
        SELECT DISTINCT event_id, pupil_id, start_date, sessions, category
        FROM suspensions WHERE record = 'new' AND decision IN ('in_force', 'pending');
    CREATE TABLE roll AS
        SELECT academic_year, first, last, pupil_id, nc_year, phase, la AS area,
               phase = 'secondary' AS secondary, nc_year IN ('7', '8', '9', '10', '11') AS scored
        FROM enrolments JOIN schools USING (school_id)
        JOIN day ON make_date(year(first), 10, 10) BETWEEN start_date AND coalesce(end_date, last)
        WHERE status <> 'S' AND start_date >= first;
    CREATE TABLE outcome AS
        SELECT roll.*, count(event_id) AS suspensions
        FROM roll LEFT JOIN given
             ON given.pupil_id = roll.pupil_id AND given.start_date BETWEEN first AND last
        GROUP BY ALL;
"""
IN_A_TERM = """
    WITH term AS (
        SELECT academic_year, term, min(start_date) AS begins, max(end_date) AS ends FROM terms GROUP BY ALL),
    pupil AS (
        SELECT area, roll.pupil_id, begins, ends, coalesce(max(sen_provision), 'N') AS sen
        FROM roll JOIN term USING (academic_year)
        LEFT JOIN sen ON sen.pupil_id = roll.pupil_id AND sen.start_date <= begins
             AND coalesce(sen.end_date, ends) >= begins
        WHERE secondary AND scored GROUP BY ALL)
    SELECT area, sen, avg(CASE WHEN EXISTS (SELECT 1 FROM given WHERE given.pupil_id = pupil.pupil_id
           AND given.start_date BETWEEN begins AND ends) THEN 100 ELSE 0 END) FROM pupil GROUP BY 1, 2
"""
MISSED = """
    WITH pupil AS (
        SELECT la AS area, count(*) FILTER (code NOT IN ('/', chr(92), 'L', 'V', 'P', 'B', 'K')) AS missed,
               count(*) AS possible
        FROM attendance JOIN schools USING (school_id) JOIN day ON date BETWEEN first AND last
        WHERE phase = 'secondary' AND record = 'new' AND code <> 'D' GROUP BY pupil_id, academic_year, la)
    SELECT area, '', avg(CASE WHEN missed >= 0.1 * possible THEN 100 ELSE 0 END) FROM pupil GROUP BY 1
"""
RATES: dict[tuple[str, str], str] = {
    (
        "suspensions_all",
        "per 100 pupils a year",
    ): "SELECT area, '', 100 * avg(suspensions) FROM outcome GROUP BY 1",
    ("suspensions_secondary", "per 100 secondary pupils a year"): (
        "SELECT area, '', 100 * avg(suspensions) FROM outcome WHERE secondary GROUP BY 1"
    ),
    ("ever_suspended_secondary", "% of secondary pupils in a year"): (
        "SELECT area, '', 100 * avg((suspensions > 0)::INT) FROM outcome WHERE secondary GROUP BY 1"
    ),
    ("suspended_in_term", "% of Years 7 to 11 in a term, by SEN provision"): IN_A_TERM,
    ("suspensions_nc_year_profile", "per 100 pupils a year, by NC year"): (
        "SELECT '', nc_year, 100 * avg(suspensions) FROM outcome "
        "WHERE phase IN ('primary', 'secondary') GROUP BY 2"
    ),
    ("suspended_this_often", "% of suspended secondary pupils, by times in the year (3: or more)"): (
        "SELECT '', least(suspensions, 3), 100 * count(*) / sum(count(*)) OVER () FROM outcome "
        "WHERE secondary AND suspensions > 0 GROUP BY 2"
    ),
    ("suspension_days", "% of suspensions, by school days"): (
        "SELECT '', sessions // 2, 100 * count(*) / sum(count(*)) OVER () FROM given "
        "WHERE sessions > 0 GROUP BY 2"
    ),
    ("permanent_exclusions", "a year"): (
        "SELECT '', '', count(*) / (SELECT count(DISTINCT academic_year) FROM roll) FROM given "
        "WHERE category = 'PERM'"
    ),
    ("suspended_boys_share", "% of pupils suspended in a year"): (
        "SELECT '', '', 100 * avg((sex = 'M')::INT) FROM outcome JOIN pupils USING (pupil_id) "
        "WHERE suspensions > 0"
    ),
    ("fsm_suspension_ratio", "rate of eligible over other pupils"): (
        "SELECT '', '', avg(suspensions) FILTER (fsm_eligible) / avg(suspensions) FILTER (NOT fsm_eligible) "
        "FROM outcome JOIN pupils USING (pupil_id)"
    ),
    ("persistent_absence_secondary", "% missing a tenth or more in a year"): MISSED,
    (
        "ks2_scaled_score_mean",
        "scaled score",
    ): "SELECT '', '', avg(scaled_score) FROM ks2 WHERE subject <> 'gps'",
}
"""For each target and its unit, a query for area, group and value."""


def rates(folder: Path) -> pd.DataFrame:
    """One row a rate: target, unit, area, group and value, for a data folder in Parquet."""
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for path in sorted(folder.glob("*.parquet")):
            connection.read_parquet(str(path)).create_view(path.stem)
        connection.execute(ON_ROLL)
        parts = [
            pd.DataFrame(connection.sql(query).fetchall(), columns=["area", "group", "value"]).assign(
                target=target, unit=unit
            )
            for (target, unit), query in RATES.items()
        ]
    found = pd.concat(parts)[["target", "unit", "area", "group", "value"]]
    found["group"] = found["group"].astype(str)
    # Reception before Year 1, and Year 9 before Year 10.
    return found.sort_values(
        ["target", "area", "group"],
        key=lambda column: column.str.replace("R", "0").str.zfill(2),
        ignore_index=True,
    )
