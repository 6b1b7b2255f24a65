"""What is planted is there: rates and shapes, and that ethnicity never enters need."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from .conftest import Invented


def test_rates_are_about_the_published_ones(invented: Invented) -> None:
    secondary = invented.roll[invented.roll["phase"] == "secondary"]
    by_borough = secondary.groupby("la")["suspensions"]
    ever = (secondary["suspensions"] > 0).groupby(secondary["la"]).mean()
    assert 10 < 100 * by_borough.mean()["213"] < 19 and 15 < 100 * by_borough.mean()["207"] < 29
    assert 0.055 < ever["213"] < 0.11 and 0.075 < ever["207"] < 0.145
    once = (secondary["suspensions"] == 1).sum() / (secondary["suspensions"] > 0).sum()
    assert 0.50 < once < 0.72


def test_suspensions_leap_at_year_7_and_peak_by_year_10(invented: Invented) -> None:
    ordinary = invented.roll[invented.roll["phase"].isin(["primary", "secondary"])]
    rate = ordinary.groupby("nc_year")["suspensions"].mean()
    assert rate["7"] > 2 * rate["6"]
    assert max(rate["9"], rate["10"]) == rate.max()
    assert rate["11"] < 0.8 * rate["10"] and rate["12"] < rate["11"]


def test_days_out_are_as_long_as_published(invented: Invented) -> None:
    days = invented.sql("SELECT sessions / 2 AS days FROM {suspensions} WHERE sessions IS NOT NULL")["days"]
    share = days.value_counts(normalize=True)
    assert abs(share[1] - 0.458) < 0.05 and abs(share[2] - 0.238) < 0.05 and abs(share[5] - 0.11) < 0.04


def test_the_sizes_of_phases_hold_from_year_to_year(invented: Invented) -> None:
    roll = invented.roll
    on_roll = roll.groupby("academic_year").size()
    assert on_roll.between(2900, 3100).all()
    middle = roll["nc_year"].isin(["7", "8", "9", "10", "11"]).mean()
    assert 0.38 < middle < 0.44


def test_marks_e_are_the_first_five_days_of_every_suspension(invented: Invented) -> None:
    expected = invented.sql(
        """
        WITH school_day AS (SELECT DISTINCT date FROM {attendance}),
        given AS (SELECT pupil_id, school_id, start_date, coalesce(sessions, 10) AS sessions
                  FROM {suspensions} WHERE record = 'new' AND decision IN ('in_force', 'pending')),
        numbered AS (SELECT pupil_id, school_id, date, sessions,
                     row_number() OVER (PARTITION BY pupil_id, start_date ORDER BY date) AS day
                     FROM given JOIN school_day ON date BETWEEN start_date AND start_date + 40)
        SELECT pupil_id, school_id, date FROM numbered WHERE day <= least(sessions / 2, 5)
        """
    )
    marked = invented.sql("SELECT DISTINCT pupil_id, school_id, date FROM {attendance} WHERE code = 'E'")
    both = expected.merge(marked, how="outer", indicator=True)
    assert (both["_merge"] == "right_only").sum() == 0
    silent = invented.sql(
        "SELECT source AS school_id, from_date, to_date FROM {coverage} WHERE feed = 'suspensions' "
        "AND (source, from_date) NOT IN "
        "(SELECT (source, from_date) FROM {coverage} WHERE feed = 'attendance')"
    )
    missing = both[both["_merge"] == "left_only"].merge(silent, on="school_id", how="left")
    explained = missing["date"].between(missing["from_date"], missing["to_date"])
    assert explained.groupby([missing["pupil_id"], missing["date"]]).any().all()
    sessions = invented.sql("SELECT count(*) AS n FROM {attendance} WHERE code = 'E'")["n"].item()
    assert sessions == 2 * len(marked) and len(marked) > 1000


def test_a_suspension_follows_a_serious_incident_of_the_school_day_before(invented: Invented) -> None:
    found = invented.sql(
        """
        WITH given AS (SELECT DISTINCT event_id, s.pupil_id, s.school_id, start_date FROM {suspensions} AS s),
        seen AS (SELECT given.event_id, count(b.event_id) AS incidents FROM given LEFT JOIN {behaviour} AS b
                 ON b.pupil_id = given.pupil_id AND b.polarity = 'negative'
                 AND b.date < given.start_date AND b.date >= given.start_date - 24 GROUP BY 1)
        SELECT avg((incidents > 0)::INT) AS share FROM seen
        """
    )
    # The rest are at the school that sent no behaviour for a while, or follow the summer holiday.
    assert found["share"].item() > 0.97


def between_groups(need: np.ndarray, group: np.ndarray) -> float:
    """The sum of squares between the groups' means."""
    frame = pd.DataFrame({"need": need, "group": group}).groupby("group")["need"]
    return float((frame.size() * frame.mean() ** 2).sum())


def chance_of_such_a_gap(people: pd.DataFrame, need: np.ndarray, seed: int) -> float:
    """The share of shuffles of ethnicity within each home area with gaps in need as large as those found."""
    rng = np.random.default_rng(seed)
    centred = need - people.groupby("first_home")["need"].transform("mean").to_numpy()
    codes = people["ethnicity"].to_numpy()
    homes = [
        np.flatnonzero(people["first_home"].to_numpy() == home) for home in people["first_home"].unique()
    ]
    found, larger = between_groups(centred, codes), 0
    for _ in range(199):
        shuffled = codes.copy()
        for home in homes:
            shuffled[home] = rng.permutation(codes[home])
        larger += between_groups(centred, shuffled) >= found
    return (1 + larger) / 200


@pytest.fixture(scope="module")
def people(invented: Invented) -> pd.DataFrame:
    return invented.sql("SELECT * FROM {pupils_truth} ORDER BY pupil_id")


@pytest.mark.parametrize("trait", ["need", "temper"])
def test_given_where_pupils_live_ethnicity_says_nothing_about_need(trait: str, people: pd.DataFrame) -> None:
    at_home = people.assign(need=people[trait])
    assert chance_of_such_a_gap(at_home, at_home["need"].to_numpy(), seed=1) > 0.02


def test_that_test_would_notice_a_small_effect_of_ethnicity(people: pd.DataFrame) -> None:
    tilted = people.assign(need=people["need"] + 0.35 * (people["ethnicity"] == "BAFR"))
    assert chance_of_such_a_gap(tilted, tilted["need"].to_numpy(), seed=1) < 0.02


def test_the_planted_bias_is_recorded_and_nothing_else_tells_groups_apart(invented: Invented) -> None:
    ratio = invented.sql(
        "SELECT ethnicity, avg(probability / without_bias) AS ratio, max(probability / without_bias) AS most "
        "FROM {outlook} AS o JOIN {pupils_truth} AS p USING (pupil_id) WHERE nc_year IN ('8', '9', '10') "
        "AND pupil_id NOT IN (SELECT pupil_id FROM {sen} AS s) GROUP BY 1"
    ).set_index("ethnicity")
    assert ratio.loc["BCRB", "ratio"] > 1.2 and ratio.loc["AIND", "ratio"] < 0.8
    assert np.isclose(ratio.loc[["REFU", "NOBT", "MWAS"], "ratio"], 1).all() and ratio["most"].max() < 3


def outcomes(invented: Invented) -> pd.DataFrame:
    """The truth for Years 7 to 11 beside what happened, and whether the pupil had been suspended before."""
    return invented.sql(
        """
        WITH given AS (SELECT DISTINCT event_id, pupil_id, start_date FROM {suspensions})
        SELECT o.*, exists(SELECT 1 FROM given AS g WHERE g.pupil_id = o.pupil_id
                           AND g.start_date BETWEEN panel_date AND closes) AS happened,
               exists(SELECT 1 FROM given AS g WHERE g.pupil_id = o.pupil_id
                      AND g.start_date <= as_of_date) AS before
        FROM {outlook} AS o JOIN {schools} USING (school_id)
        WHERE phase = 'secondary' AND nc_year IN ('7', '8', '9', '10', '11')
        """
    )


def test_true_probabilities_are_true(invented: Invented) -> None:
    truth = outcomes(invented)
    expected, variance = truth["probability"].sum(), (truth["probability"] * (1 - truth["probability"])).sum()
    # Outcomes of one pupil in a year share later steps of need, hence four and not three deviations.
    assert abs(truth["happened"].sum() - expected) < 4 * np.sqrt(variance)
    high = truth[truth["probability"] > truth["probability"].quantile(0.98)]
    assert abs(high["happened"].mean() - high["probability"].mean()) < 0.06
    assert truth["happened"].sum() > 400


def auroc(score: pd.Series, happened: pd.Series) -> float:
    ranks = score.rank()
    events = happened.sum()
    return float((ranks[happened].sum() - events * (events + 1) / 2) / (events * (len(score) - events)))


def test_the_best_possible_ranking_is_good_not_perfect_and_harder_for_the_never_suspended(
    invented: Invented,
) -> None:
    truth = outcomes(invented)
    overall = auroc(truth["probability"], truth["happened"])
    never = truth[~truth["before"]]
    assert 0.84 < overall < 0.94
    assert auroc(never["probability"], never["happened"]) < overall - 0.01
    assert auroc(truth["without_strictness"], truth["happened"]) < overall


def test_services_are_nested_and_rarer_up_the_tiers(invented: Invented) -> None:
    counts = invented.sql("SELECT service, count(*) AS n FROM {services} GROUP BY 1").set_index("service")[
        "n"
    ]
    assert counts["child_in_need"] > counts["child_protection"] > 0 and counts["looked_after"] > 0
    outside = invented.sql(
        "SELECT count(*) AS n FROM {services} AS plan WHERE service = 'child_protection' AND NOT EXISTS ("
        "SELECT 1 FROM {services} AS need WHERE need.service = 'child_in_need' "
        "AND need.pupil_id = plan.pupil_id AND need.start_date <= plan.start_date "
        "AND coalesce(need.end_date, DATE '2100-01-01') >= plan.start_date)"
    )
    assert outside["n"].item() == 0


def test_absence_and_sen_are_about_the_published_ones(invented: Invented) -> None:
    absent = invented.sql(
        """
        WITH mark AS (SELECT pupil_id, phase, year(date - 240) AS y, code,
                             CASE record WHEN 'new' THEN 1 ELSE -1 END AS n
                      FROM {attendance} JOIN {schools} USING (school_id) WHERE code <> 'D'),
        pupil AS (SELECT phase, sum(n) AS possible,
                         sum(n) FILTER (code NOT IN ('/', chr(92), 'L', 'V', 'P', 'B', 'K')) AS missed
                  FROM mark GROUP BY pupil_id, phase, y)
        SELECT phase, sum(missed) / sum(possible) AS rate, avg((missed >= 0.1 * possible)::INT) AS persistent
        FROM pupil GROUP BY 1
        """
    ).set_index("phase")
    assert (
        0.06 < absent.loc["secondary", "rate"] < 0.10 and 0.20 < absent.loc["secondary", "persistent"] < 0.33
    )
    assert 0.04 < absent.loc["primary", "rate"] < 0.065 and absent.loc["alternative_provision", "rate"] > 0.25
    sen = invented.sql(
        "SELECT sen_provision, count(DISTINCT pupil_id) / 3000 AS share FROM {sen} "
        "WHERE start_date < DATE '2025-01-01' AND coalesce(end_date, DATE '2100-01-01') > DATE '2025-01-01' "
        "AND pupil_id IN (SELECT pupil_id FROM {enrolments} "
        "WHERE DATE '2025-01-10' BETWEEN start_date AND end_date) GROUP BY 1"
    ).set_index("sen_provision")["share"]
    assert 0.11 < sen["K"] < 0.17 and 0.035 < sen["E"] < 0.065
