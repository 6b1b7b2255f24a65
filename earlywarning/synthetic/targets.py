"""The published figures, and the same figures of an invented authority: one query each.

``targets.csv`` beside this file carries what has been published, the range that counts as true to it, the
unit and the source. Rates are means over the last three academic years. Pupils on roll are counted on the
third Thursday in January, as the school census does.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path

import duckdb
import pandas as pd

from earlywarning import codes

KEY = ["target", "area", "group"]
GROUP_OF_SIZE = 200
SETUP = """
    CREATE TABLE every_year AS
        SELECT academic_year, min(start_date) AS first, max(end_date) AS last,
               make_date(year(min(start_date)) + 1, 1, 15)
               + ((11 - isodow(make_date(year(min(start_date)) + 1, 1, 15))) % 7)::INT AS census
        FROM terms GROUP BY 1 HAVING last <= (SELECT max(start_date) FROM suspensions) + 90;
    CREATE TABLE three_years AS SELECT * FROM every_year ORDER BY academic_year DESC LIMIT 3;
    CREATE TABLE school AS
        SELECT school_id, phase, la,
               if(la = '207', 'Kensington and Chelsea', 'Westminster') AS area FROM schools;
    CREATE TABLE event AS
        SELECT event_id, pupil_id, school_id, category, decision, start_date, sessions FROM suspensions
        GROUP BY ALL HAVING sum(if(record = 'retraction', -1, 1)) > 0;
    CREATE TABLE given AS
        SELECT event.*, academic_year, area, phase FROM event JOIN school USING (school_id)
        JOIN three_years ON start_date BETWEEN first AND last WHERE category <> 'PERM';
    CREATE TABLE home AS SELECT pupil_id, home_la, home_ward, start_date AS since,
        coalesce(end_date, DATE '2100-01-01') AS until FROM residence;
    CREATE TABLE excluded AS
        SELECT event.*, academic_year, area, home_la, nc_year
        FROM event JOIN school USING (school_id) JOIN every_year ON event.start_date BETWEEN first AND last
        JOIN home ON home.pupil_id = event.pupil_id AND event.start_date BETWEEN since AND until
        JOIN enrolments ON enrolments.pupil_id = event.pupil_id AND enrolments.school_id = event.school_id
             AND event.start_date BETWEEN enrolments.start_date AND coalesce(enrolments.end_date, last)
        WHERE category = 'PERM' AND decision = 'upheld';
    CREATE TABLE all_years AS
        SELECT academic_year, first, last, census, pupil_id, school_id, nc_year, phase, area,
               phase = 'secondary' AS secondary
        FROM enrolments JOIN school USING (school_id)
        JOIN every_year ON census BETWEEN start_date AND coalesce(end_date, last) WHERE status <> 'S';
    CREATE TABLE roll AS
        SELECT all_years.*, coalesce(sen_provision, 'N') AS sen, coalesce(sen_primary_need, '') AS need,
               ethnicity, sex, eal, fsm_eligible, home_la, home_ward,
               CASE WHEN ethnicity = 'OOTH' THEN 'other' WHEN ethnicity = 'CHNE' THEN 'asian'
                    WHEN ethnicity[1] = 'W' THEN 'white' WHEN ethnicity[1] = 'M' THEN 'mixed'
                    WHEN ethnicity[1] = 'A' THEN 'asian' WHEN ethnicity[1] = 'B' THEN 'black'
                    ELSE 'unclassified' END AS major
        FROM all_years SEMI JOIN three_years USING (academic_year) JOIN pupils USING (pupil_id)
        JOIN home ON home.pupil_id = all_years.pupil_id AND census BETWEEN since AND until
        LEFT JOIN sen ON sen.pupil_id = all_years.pupil_id
             AND census BETWEEN sen.start_date AND coalesce(sen.end_date, last);
    CREATE TABLE outcome AS
        SELECT roll.*, coalesce(suspensions, 0) AS suspensions FROM roll LEFT JOIN
             (SELECT pupil_id, academic_year, count(*) AS suspensions FROM given GROUP BY ALL)
             USING (pupil_id, academic_year);
    CREATE TABLE contact AS
        SELECT DISTINCT academic_year, service, services.pupil_id,
               if(home_la = '207', 'Kensington and Chelsea', 'Westminster') AS home
        FROM services JOIN three_years ON make_date(year(last), 3, 31) BETWEEN start_date
             AND coalesce(end_date, last) JOIN roll USING (pupil_id, academic_year)
        WHERE home_la IN ('207', '213');
    CREATE TABLE in_ap AS
        SELECT DISTINCT pupil_id FROM enrolments JOIN school USING (school_id)
        JOIN every_year ON start_date BETWEEN first AND last WHERE phase = 'alternative_provision';
"""
OF_ROLL = "SELECT area, '', 100 * avg(({what})::INT) FROM roll WHERE {where} GROUP BY 1"
PER_RESIDENTS = """
    SELECT home, '', 10000 * count(*) / any_value(residents) FROM contact JOIN
        (SELECT if(home_la = '207', 'Kensington and Chelsea', 'Westminster') AS home, count(*) AS residents
         FROM roll WHERE home_la IN ('207', '213') GROUP BY 1) USING (home)
    WHERE service = '{what}' GROUP BY 1
"""
PER_ROLL = """
    SELECT area, '', 100 * given / pupils FROM
        (SELECT area, count(*) AS given FROM given WHERE {where} GROUP BY 1) JOIN
        (SELECT area, count(*) AS pupils FROM roll WHERE {where} GROUP BY 1) USING (area)
"""
IN_A_TERM = """
    WITH term AS (SELECT academic_year, term, min(start_date) AS begins, max(end_date) AS ends
                  FROM terms SEMI JOIN three_years USING (academic_year) GROUP BY ALL),
    hit AS (SELECT DISTINCT pupil_id, academic_year, term FROM given JOIN term USING (academic_year)
            WHERE start_date BETWEEN begins AND ends)
    SELECT area, '', 100 * avg((hit.pupil_id IS NOT NULL)::INT)
    FROM roll JOIN term USING (academic_year) LEFT JOIN hit USING (pupil_id, academic_year, term)
    WHERE secondary AND sen = '{what}' GROUP BY 1
"""
BY_MAJOR = """
    SELECT area, '', 100 * sum(suspensions) / count(*) FROM outcome WHERE major = '{what}' GROUP BY 1
"""
PROFILE = """
    WITH rate AS (SELECT nc_year, avg(suspensions) AS rate FROM outcome
                  WHERE phase IN ('primary', 'secondary') GROUP BY 1)
    SELECT 'England', nc_year, rate / (SELECT rate FROM rate WHERE nc_year = '10') FROM rate
"""
REPEATS = """
    SELECT 'England', '', 100 * avg((suspensions = {what})::INT) FROM outcome WHERE suspensions > 0
"""
DURATION = "SELECT 'England', '', 100 * avg((sessions = {what})::INT) FROM given"
SPIKES = """
    WITH rate AS (
        SELECT nc_year, area, coalesce(n, 0) / pupils AS rate FROM
            (SELECT nc_year, area, count(*) AS pupils FROM all_years WHERE secondary GROUP BY ALL)
            LEFT JOIN (SELECT nc_year, area, count(*) AS n FROM excluded GROUP BY ALL) USING (nc_year, area))
    SELECT mine.area, nc_year, mine.rate / theirs.rate FROM rate AS mine JOIN rate AS theirs USING (nc_year)
    WHERE mine.area <> theirs.area AND theirs.rate > 0
"""
WARDS = """
    WITH of_ward AS (
        SELECT if(home_la = '207', 'Kensington and Chelsea', 'Westminster') AS borough, home_ward,
               count(*) AS n
        FROM given JOIN home ON home.pupil_id = given.pupil_id AND given.start_date BETWEEN since AND until
        WHERE home_la IN ('207', '213') GROUP BY ALL)
    SELECT borough, home_ward, 100 * n / sum(n) OVER (PARTITION BY borough) FROM of_ward
"""
RESIDENTS = """
    SELECT area, '', 100 * avg((home_la = if(area = 'Westminster', '213', '207'))::INT)
    FROM excluded GROUP BY 1
"""
BY_SCHOOL = """
    SELECT school_id, area, phase, count(event_id) AS n FROM school
    LEFT JOIN given USING (school_id, area, phase) GROUP BY ALL
"""
TWO_PRIMARIES = f"""
    WITH by_school AS ({BY_SCHOOL})
    SELECT area, 'the two schools', 100 * list_sum(list_reverse_sort(list(n))[1:2]) / sum(n)
    FROM by_school WHERE phase = 'primary' GROUP BY 1
    UNION ALL SELECT area, 'schools with none', count(*) FILTER (n = 0)
    FROM by_school WHERE phase = 'primary' GROUP BY 1
"""
TOP_SECONDARY = f"""
    WITH by_school AS ({BY_SCHOOL})
    SELECT area, '', max(n) / list_sum(list_sort(list(n))[1:8])
    FROM by_school WHERE phase = 'secondary' GROUP BY 1
"""
BLACK_CARIBBEAN = """
    SELECT 'Bi-borough', '',
        (SELECT avg((ethnicity = 'BCRB')::INT) FROM in_ap JOIN pupils USING (pupil_id))
        / (SELECT avg((ethnicity = 'BCRB')::INT)
           FROM (SELECT DISTINCT pupil_id FROM all_years WHERE secondary) JOIN pupils USING (pupil_id))
"""
UNDER_REPRESENTED = f"""
    WITH removed AS (FROM in_ap UNION SELECT pupil_id FROM excluded),
    groups AS (SELECT ethnicity, count(*) AS pupils, count(removed.pupil_id) AS n
        FROM (SELECT DISTINCT pupil_id FROM all_years) JOIN pupils USING (pupil_id)
        LEFT JOIN removed USING (pupil_id) GROUP BY 1 HAVING pupils >= {GROUP_OF_SIZE})
    SELECT 'Bi-borough', ethnicity, (rank() OVER (ORDER BY n / pupils)) / count(*) OVER () FROM groups
"""
PERSISTENT = """
    SELECT area, '', 100 * avg((missed >= 0.1 * possible)::INT) FROM
        (SELECT pupil_id, academic_year, area, sum(missed) AS missed, sum(possible) AS possible
         FROM marked JOIN school USING (school_id) WHERE phase = 'secondary' GROUP BY ALL)
    JOIN roll USING (pupil_id, academic_year, area) WHERE {where} AND possible > 0 GROUP BY 1
"""
CODE_E = """
    SELECT area, '', 100 * sum(suspended) / sum(possible)
    FROM marked JOIN school USING (school_id) JOIN roll USING (pupil_id, academic_year, area)
    WHERE school.phase = 'secondary' AND sen = '{what}' GROUP BY 1
"""
IN_AP = """
    SELECT area, '', 100 * (1 - sum(missed) / sum(possible))
    FROM marked JOIN school USING (school_id) WHERE phase = 'alternative_provision' GROUP BY 1
"""
KS2 = """
    SELECT 'Bi-borough', '', {what}(scaled_score) FROM ks2 SEMI JOIN roll USING (pupil_id)
    WHERE subject <> 'gps'
"""
REACH = """
    SELECT area, '', 100 * avg((EXISTS (SELECT 1 FROM supports WHERE supports.pupil_id = outcome.pupil_id
        AND start_date <= last AND coalesce(end_date, last) >= first))::INT)
    FROM outcome WHERE suspensions > 0 GROUP BY 1
"""
MEASURES: dict[str, str] = {
    "schools": "SELECT 'Bi-borough', '', count(*) FROM school",
    "pupils": "SELECT area, '', count(*) / (SELECT count(*) FROM three_years) FROM roll GROUP BY 1",
    "fsm_eligible": OF_ROLL.format(what="fsm_eligible", where="true"),
    "eal_primary": OF_ROLL.format(what="eal", where="phase = 'primary'"),
    "eal_secondary": OF_ROLL.format(what="eal", where="secondary"),
    "semh_need": OF_ROLL.format(what="need = 'SEMH'", where="true"),
    "ehc_plan": OF_ROLL.format(what="sen = 'E'", where="true"),
    "sen_support": OF_ROLL.format(what="sen = 'K'", where="true"),
    "children_in_need": PER_RESIDENTS.format(what="child_in_need"),
    "child_protection_plan": PER_RESIDENTS.format(what="child_protection"),
    "children_looked_after": PER_RESIDENTS.format(what="looked_after"),
    "cin_with_a_suspension": (
        "SELECT home, '', 100 * avg((suspensions > 0)::INT) FROM contact "
        "JOIN outcome USING (pupil_id, academic_year) WHERE service = 'child_in_need' GROUP BY 1"
    ),
    "suspensions_all": PER_ROLL.format(where="true"),
    "suspensions_secondary": PER_ROLL.format(where="phase = 'secondary'"),
    "ever_suspended_secondary": (
        "SELECT area, '', 100 * avg((suspensions > 0)::INT) FROM outcome WHERE secondary GROUP BY 1"
    ),
    "suspended_in_term_no_sen": IN_A_TERM.format(what="N"),
    "suspended_in_term_sen_support": IN_A_TERM.format(what="K"),
    "suspended_in_term_ehc_plan": IN_A_TERM.format(what="E"),
    **{f"suspensions_{group}": BY_MAJOR.format(what=group)
       for group in ("black", "mixed", "other", "white", "asian")},
    "suspensions_nc_year_profile": PROFILE,
    "boys_in_ap": (
        "SELECT 'Bi-borough', '', 100 * avg((sex = 'M')::INT) FROM in_ap JOIN pupils USING (pupil_id)"
    ),
    "suspended_boys_share": (
        "SELECT 'England', '', 100 * avg((sex = 'M')::INT) FROM outcome WHERE suspensions > 0"
    ),
    "fsm_suspension_ratio": (
        "SELECT 'England', '', avg(suspensions) FILTER (fsm_eligible) "
        "/ avg(suspensions) FILTER (NOT fsm_eligible) FROM outcome"
    ),
    "suspensions_one_only": REPEATS.format(what=1),
    "suspensions_two": REPEATS.format(what=2),
    "suspension_one_day": DURATION.format(what=2),
    "suspension_two_days": DURATION.format(what=4),
    "suspension_five_days": DURATION.format(what=10),
    "permanent_exclusions": (
        "SELECT area, '', count(*) / (SELECT count(*) FROM every_year) FROM excluded GROUP BY 1"
    ),
    "permanent_exclusion_year_spikes": SPIKES,
    "four_ward_share": WARDS,
    "resident_share_of_excluded": RESIDENTS,
    "two_primary_schools_share": TWO_PRIMARIES,
    "top_secondary_equals_lowest_eight": TOP_SECONDARY,
    "black_caribbean_in_ap": BLACK_CARIBBEAN,
    "under_represented_when_excluded": UNDER_REPRESENTED,
    "persistent_absence_secondary": PERSISTENT.format(where="true"),
    "persistent_absence_sen_support": PERSISTENT.format(where="sen = 'K'"),
    "persistent_absence_semh": PERSISTENT.format(where="need = 'SEMH'"),
    "code_e_sessions_no_sen": CODE_E.format(what="N"),
    "code_e_sessions_sen_support": CODE_E.format(what="K"),
    "ap_attendance": IN_AP,
    "ks2_scaled_score_mean": KS2.format(what="avg"),
    "ks2_scaled_score_sd": KS2.format(what="stddev_samp"),
    "early_help_programme_reach": REACH,
    **{f"ethnicity_share_{group}": OF_ROLL.format(what=f"major = '{group}'", where="true")
       for group in ("asian", "black", "mixed", "other", "white")},
}  # fmt: skip
"""For each target a query for area, group and value."""


@cache
def published() -> pd.DataFrame:
    """The published figures: target, area, group, published, low, high, unit, source; one row a figure.

    >>> published().set_index(KEY).loc[("schools", "Bi-borough", ""), "published"]
    np.float64(100.0)
    """
    with resources.files("earlywarning.synthetic").joinpath("targets.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, dtype={"group": str})
    table["group"] = table["group"].fillna("")
    return table


def measured(connection: duckdb.DuckDBPyConnection) -> pd.Series:
    """The value of each published figure in the tables of ``connection``, indexed by target, area, group.

    The connection holds the declared tables and ``marked``: sessions possible, missed and under suspension
    of Years 7 to 11 by pupil, school and academic year (Year 11 to the end of May).
    """
    connection.execute(SETUP)
    parts = [
        pd.DataFrame(connection.sql(query).fetchall(), columns=["area", "group", "value"]).assign(target=name)
        for name, query in MEASURES.items()
    ]
    found = pd.concat(parts).set_index(KEY)["value"].astype(float)
    return found.reindex(pd.MultiIndex.from_frame(published()[KEY]))


def measured_in(folder: Path) -> pd.Series:
    """:func:`measured` of a data folder in Parquet."""
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        for path in sorted(folder.glob("*.parquet")):
            connection.read_parquet(str(path)).create_view(path.stem)
        connection.execute(f"CREATE TABLE marked AS {_marked()}")
        return measured(connection)


def _marked() -> str:
    """Sessions possible, missed and under suspension, from the registers."""
    marks = codes.load("attendance")
    possible = ", ".join(f"'{code}'" for code in sorted(marks.having("counts_possible", "1")))
    absent = marks.having("counts_authorised", "1") | marks.having("counts_unauthorised", "1")
    missed = ", ".join(f"'{code}'" for code in sorted(absent))
    return f"""
        WITH lines AS (SELECT academic_year, first, last, pupil_id, school_id, nc_year, start_date, end_date
            FROM enrolments JOIN (SELECT academic_year, min(start_date) AS first, max(end_date) AS last
                                  FROM terms GROUP BY 1) ON start_date BETWEEN first AND last
            WHERE nc_year IN ('7', '8', '9', '10', '11'))
        SELECT pupil_id, school_id, academic_year, sum(sign) FILTER (code IN ({possible})) AS possible,
               coalesce(sum(sign) FILTER (code IN ({missed})), 0) AS missed,
               coalesce(sum(sign) FILTER (code = 'E'), 0) AS suspended
        FROM (SELECT *, if(record = 'retraction', -1, 1) AS sign FROM attendance)
        JOIN lines USING (pupil_id, school_id)
        WHERE date BETWEEN start_date AND coalesce(end_date, last)
              AND (nc_year <> '11' OR date < make_date(year(last), 6, 1))
        GROUP BY ALL
    """
