"""Every switch against the truth: what it changes and by how much, and what it leaves alone.

The worlds are the ordinary one of ``conftest`` with one switch each, so that most of them share its pupils.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from earlywarning.engines import open_engine
from earlywarning.errors import WrongUsage
from earlywarning.sources import read
from earlywarning.synthetic import generate
from earlywarning.synthetic.planted import PLANTED
from earlywarning.synthetic.switches import DRIFT_A_YEAR, Switches
from earlywarning.tables.check import check

from .conftest import Invented

World = Callable[..., Invented]
AUTUMN, IN_FORCE = dt.date(2024, 10, 10), "DATE '2024-11-04'"
"""A day in a half term, and the first day of the half term that follows."""
SILENT_FROM = "DATE '2025-09-01'"
DEVIATIONS = 4
"""Standard deviations of chance that are let pass: outcomes of one pupil share later steps of need."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, invented: Invented) -> World:
    """The authority of ``invented`` with switches, each made once; another has more pupils."""
    made = {(Switches(), 3000): invented}

    def of(pupils: int = 3000, **switches: object) -> Invented:
        which = Switches(**switches), pupils  # type: ignore[arg-type]
        if which not in made:
            folder = tmp_path_factory.mktemp("world") / "data"
            generate(folder, pupils=pupils, years=5, seed=7, switches=which[0])
            made[which] = Invented(folder)
        return made[which]

    return of


def outlook(of: Invented) -> pd.DataFrame:
    """The truth for everybody, what happened, what was known, and what was planted in the pupil."""
    return of.sql(
        """
        WITH given AS (SELECT DISTINCT event_id, pupil_id, start_date FROM {suspensions}),
        seen AS (SELECT pupil_id, as_of_date, least(2, count(*) FILTER (start_date <= as_of_date)) AS before,
                        count(*) FILTER (start_date BETWEEN panel_date AND closes) > 0 AS happened
                 FROM {outlook} AS o JOIN given USING (pupil_id) GROUP BY 1, 2),
        helped AS (SELECT pupil_id, max(sen_provision) AS sen FROM {sen} AS s GROUP BY 1)
        SELECT o.*, phase, la, ethnicity, p.need, coalesce(sen, 'N') AS sen,
               coalesce(before, 0) AS before, coalesce(happened, FALSE) AS happened
        FROM {outlook} AS o JOIN {schools} USING (school_id) JOIN {pupils_truth} AS p USING (pupil_id)
        LEFT JOIN seen USING (pupil_id, as_of_date) LEFT JOIN helped USING (pupil_id)
        """
    )


def off_by(truth: pd.DataFrame, column: str = "probability") -> float:
    """How many standard deviations more happened than a column of the truth says."""
    sure = truth[column]
    return float((truth["happened"].sum() - sure.sum()) / np.sqrt((sure * (1 - sure)).sum()))


def alike(truth: pd.DataFrame) -> list[pd.Series]:
    """Whose outlook is the same where it hangs on nothing: Years 11 and 13 leave before the summer's end."""
    return [truth["as_of_date"], truth["nc_year"].isin(["11", "13"])]


def chance_of_such_gaps(truth: pd.DataFrame, group: pd.Series) -> float:
    """How likely gaps between groups in what happened, as large as those found, are by chance alone."""
    expected = truth.groupby(alike(truth))["happened"].transform("mean")
    each = pd.DataFrame({"group": group, "n": truth["happened"] - expected, "v": expected * (1 - expected)})
    sums = each.groupby("group")[["n", "v"]].sum()
    sums = sums[sums["v"] > 2]
    return float(chi2.sf((sums["n"] ** 2 / sums["v"]).sum(), len(sums)))


def same_rows(ours: Invented, theirs: Invented, table: str, where: str = "TRUE", but: str = "") -> int:
    """The number of rows of a table, the same in both worlds; ``but`` names columns to leave out."""
    query = (
        f"SELECT count(*) AS n, sum(hash(t)::HUGEINT)::VARCHAR AS h FROM "
        f"(SELECT * {f'EXCLUDE ({but})' if but else ''} FROM {{{table}}} AS s WHERE {where}) AS t"
    )
    found, other = (one.sql(query).iloc[0].tolist() for one in (ours, theirs))
    assert found == other, table
    return int(found[0])


LOOK: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "suspended before": lambda truth: truth["before"],
    "school": lambda truth: truth["school_id"],
    "NC year": lambda truth: truth["nc_year"],
    "need": lambda truth: pd.qcut(truth["need"], 5, labels=False),
    "SEN": lambda truth: truth["sen"],
    "ethnicity": lambda truth: truth["ethnicity"],
}


@pytest.fixture(scope="module")
def ordinary(invented: Invented) -> pd.DataFrame:
    return outlook(invented)


@pytest.fixture(scope="module")
def silenced(world: World) -> pd.DataFrame:
    return outlook(world(no_signal=True))


@pytest.mark.parametrize("by", LOOK)
def test_without_signal_suspensions_hang_on_nothing(by: str, silenced: pd.DataFrame) -> None:
    assert chance_of_such_gaps(silenced, LOOK[by](silenced)) > 0.001


@pytest.mark.parametrize("by", LOOK)
def test_that_test_notices_what_suspensions_ordinarily_hang_on(by: str, ordinary: pd.DataFrame) -> None:
    assert chance_of_such_gaps(ordinary, LOOK[by](ordinary)) < 1e-6


def test_without_signal_the_truth_is_the_same_for_all_and_true(silenced: pd.DataFrame) -> None:
    groups = silenced.groupby(alike(silenced))
    for name in ("probability", "without_strictness", "without_bias", "without_support"):
        assert (groups[name].max() - groups[name].min()).max() < 1e-12
    assert silenced["probability"].min() > 0.02
    assert abs(off_by(silenced)) < DEVIATIONS and silenced["happened"].sum() > 1000


@pytest.mark.parametrize(
    "measure",
    [
        "SELECT count(*) FROM {behaviour} AS b WHERE category IN ('lateness', 'homework', 'uniform')",
        "SELECT avg((code IN ('I', 'M', 'O', 'U'))::INT) FROM {attendance} AS b WHERE code <> 'D'",
    ],
    ids=["minor incidents", "absence"],
)
def test_without_signal_behaviour_and_attendance_still_hang_on_need(measure: str, world: World) -> None:
    quarter = "SELECT pupil_id FROM {pupils_truth} QUALIFY ntile(4) OVER (ORDER BY need) ="
    least, most = (
        world(no_signal=True).sql(f"{measure} AND pupil_id IN ({quarter} {number})").iloc[0, 0]
        for number in (1, 4)
    )
    assert most > 1.8 * least


def tilts(of: Invented) -> pd.Series:
    """The log of how much the planted bias multiplies small probabilities, by school and ethnicity."""
    truth = outlook(of)
    some = truth[(truth["sen"] == "N") & (truth["phase"] == "secondary") & (truth["probability"] < 0.05)]
    each = np.log(some["probability"] / some["without_bias"]).groupby([some["school_id"], some["ethnicity"]])
    return each.median()[each.size() > 20]


def test_bias_in_the_label_is_as_large_as_it_says(world: World, invented: Invented) -> None:
    once, twice = tilts(invented), tilts(world(bias_size=2.0))
    both = pd.concat([once, twice], axis=1, keys=["once", "twice"]).dropna()
    schools = invented.sql("SELECT * FROM {schools_truth}").set_index("school_id")
    # A chance has a ceiling, which the strictest schools reach.
    ceiling = np.log(PLANTED.suspend_most / PLANTED.suspend / schools["strictness"])
    limit = ceiling[both.index.get_level_values("school_id")].to_numpy()
    assert len(both) > 40 and (both["once"].abs() > 0.2).sum() > 20
    assert np.allclose(both["twice"], np.minimum(2 * both["once"], limit), rtol=0.03, atol=0.02)
    black = once.xs("BCRB", level="ethnicity")
    planted = schools["bias_black_caribbean"][black.index]
    assert np.allclose(np.exp(black), planted, rtol=0.01) and planted.min() > 1.1


def test_bias_in_the_label_is_in_what_happens(world: World, ordinary: pd.DataFrame) -> None:
    further = []
    for truth in (ordinary, outlook(world(bias_size=2.0))):
        ratio = truth["probability"] / truth["without_bias"]
        up, down = truth[ratio > 1.15], truth[ratio < 1 / 1.15]
        assert max(abs(off_by(truth)), abs(off_by(up)), abs(off_by(down))) < DEVIATIONS
        assert off_by(up, "without_bias") > DEVIATIONS and off_by(down, "without_bias") < -DEVIATIONS
        further.append(off_by(up, "without_bias"))
    assert further[1] > 1.3 * further[0]


def written_down(of: Invented) -> pd.Series:
    """Minor incidents over those expected at the same need and school, by how biased against a group is.

    Bands of the planted response bias, from favoured to disfavoured, of pupils at secondary schools.
    """
    found = of.sql(
        f"""
        WITH year AS (SELECT academic_year AS y, min(start_date) AS first, max(end_date) AS last
                      FROM {{terms}} GROUP BY 1),
        roll AS (SELECT DISTINCT pupil_id, school_id, y FROM {{outlook}} AS o
                 JOIN {{schools}} USING (school_id) JOIN year ON as_of_date BETWEEN first AND last
                 WHERE phase = 'secondary' AND nc_year IN ('7', '8', '9', '10', '11')),
        level AS (SELECT pupil_id, academic_year AS y, sum(exp({PLANTED.minor_need} * need)) AS level
                  FROM {{need}} AS n GROUP BY 1, 2),
        noted AS (SELECT pupil_id, school_id, y, count(*) AS n FROM {{behaviour}} AS b
                  JOIN year ON date BETWEEN first AND last
                  WHERE category IN ('lateness', 'homework', 'uniform') GROUP BY 1, 2, 3)
        SELECT s.la, ethnicity, sum(coalesce(n, 0)) AS n, sum(level * recording) AS expected
        FROM roll JOIN level USING (pupil_id, y) JOIN {{schools_truth}} USING (school_id)
        JOIN {{schools}} AS s USING (school_id) JOIN {{pupils_truth}} AS p USING (pupil_id)
        LEFT JOIN noted USING (pupil_id, school_id, y) GROUP BY 1, 2
        """
    )
    planted = dict(PLANTED.response_bias)
    tilt = [
        planted.get(code, (0, 0))[la == "207"]
        for code, la in zip(found["ethnicity"], found["la"], strict=True)
    ]
    bands = found.groupby(pd.cut(tilt, [-2, -0.3, -0.1, 0.2, 2], labels=False))[["n", "expected"]].sum()
    return bands["n"] / bands["expected"] / (found["n"].sum() / found["expected"].sum())


@pytest.mark.parametrize("switches", [{}, {"bias": "none"}], ids=["label", "none"])
def test_without_bias_in_measurement_the_same_behaviour_is_written_down_the_same(
    switches: dict[str, object], world: World
) -> None:
    assert written_down(world(**switches)).between(0.87, 1.15).all()


def test_bias_in_measurement_is_in_what_is_written_down_and_in_nothing_else(world: World) -> None:
    measured, none = world(bias="measurement"), world(bias="none")
    most, more = (written_down(world(bias="measurement", bias_size=size)) for size in (2.0, 1.0))
    assert more.iloc[0] < 0.75 and more.iloc[-1] > 1.2
    assert most.iloc[0] < 0.8 * more.iloc[0] and most.iloc[-1] > 1.1 * more.iloc[-1]
    for table in ("suspensions", "placements", "enrolments", "outlook", "need", "attendance"):
        assert same_rows(measured, none, table) > 100


@pytest.mark.parametrize("bias", ["none", "measurement"])
def test_without_bias_in_the_label_the_truth_has_none_and_is_true(bias: str, world: World) -> None:
    truth = outlook(world(bias=bias))
    assert (truth["probability"] == truth["without_bias"]).all()
    assert (truth["probability"] != truth["without_strictness"]).mean() > 0.5
    groups = truth.groupby(LOOK["ethnicity"](truth))
    large = [group for _, group in groups if group["probability"].sum() > 10]
    assert len(large) > 8 and max(abs(off_by(group)) for group in large) < DEVIATIONS


SENT = {
    "attendance": "date",
    "behaviour": "date",
    "suspensions": "start_date",
    "placements": "start_date",
}


@pytest.fixture(scope="module")
def silent(world: World) -> str:
    """The school that sends nothing from September 2025 on."""
    found = world(silent_school=True).sql(
        "SELECT school_id, phase FROM {schools} WHERE school_id NOT IN "
        f"(SELECT source FROM {{coverage}} WHERE feed IN {tuple(SENT)} AND to_date >= {SILENT_FROM})"
    )
    assert found["phase"].tolist() == ["secondary"]
    return str(found["school_id"].item())


@pytest.mark.parametrize("table", SENT)
def test_a_silent_school_sends_nothing_in_the_last_year(
    table: str, silent: str, world: World, invented: Invented
) -> None:
    ours, day = world(silent_school=True), SENT[table]
    last_year = f"school_id = '{silent}' AND {day} >= {SILENT_FROM}"
    missing, kept = (
        of.sql(f"SELECT count(*) AS n FROM {{{table}}} AS s WHERE {last_year}")["n"].item()
        for of in (ours, invented)
    )
    assert missing == 0 and kept > 0
    assert same_rows(ours, invented, table, f"{day} < {SILENT_FROM}") > 100
    others = f"school_id <> '{silent}' AND {day} >= {SILENT_FROM}"
    assert same_rows(ours, invented, table, others) > 10


def test_a_silent_school_changes_no_life_and_its_pupils_still_have_an_outlook(
    silent: str, world: World, invented: Invented
) -> None:
    ours = world(silent_school=True)
    for table in ("enrolments", "pupils", "sen", "services", "supports", "transition", "outlook", "need"):
        assert same_rows(ours, invented, table) > 10
    assert same_rows(ours, invented, "coverage", f"source <> '{silent}' OR from_date < {SILENT_FROM}") > 1000
    there = ours.sql(
        f"SELECT * FROM {{outlook}} AS o WHERE school_id = '{silent}' AND as_of_date >= {SILENT_FROM}"
    )
    assert there["as_of_date"].nunique() == 3 and len(there) > 300 and there["probability"].sum() > 5


@pytest.fixture(scope="module")
def stricter(world: World) -> Invented:
    return world(policy_change=AUTUMN)


def test_before_a_new_policy_nothing_is_different(stricter: Invented, invented: Invented) -> None:
    for table, day in SENT.items():
        # Second reasons, and when a placement's end is known, are drawn for a whole year at once.
        # A placement begun before may end after, and so otherwise.
        but = "end_date, end_known_from, outcome" if table == "placements" else ""
        assert same_rows(stricter, invented, table, f"{day} < {IN_FORCE}", but) > 100
    assert same_rows(stricter, invented, "outlook", f"closes < {IN_FORCE}") > 20_000


def test_a_new_policy_suspends_more_readily_in_secondary_schools_only(
    stricter: Invented, invented: Invented
) -> None:
    query = (
        "SELECT count(DISTINCT event_id) AS n FROM {suspensions} AS s JOIN {schools} USING (school_id) "
        f"WHERE phase = 'secondary' AND start_date > {IN_FORCE}"
    )
    after, without = (of.sql(query)["n"].item() for of in (stricter, invented))
    assert 0.8 * PLANTED.policy_factor < after / without < 1.2 * PLANTED.policy_factor


def test_the_truth_knows_the_new_policy(stricter: Invented, invented: Invented) -> None:
    query = (
        "SELECT pupil_id, half_term, need, suspensions_per_day AS rate, phase FROM {need} AS n "
        "JOIN (SELECT pupil_id, any_value(phase) AS phase "
        "      FROM {outlook} AS o JOIN {schools} USING (school_id) "
        "      WHERE as_of_date >= DATE '2024-09-01' AND panel_date < DATE '2025-09-01' "
        "      GROUP BY 1 HAVING count(DISTINCT school_id) = 1) AS roll USING (pupil_id) "
        "WHERE academic_year = '2024/25' AND suspensions_per_day > 0"
    )
    key = ["pupil_id", "half_term", "need", "phase"]
    both = stricter.sql(query).merge(invented.sql(query), on=key, suffixes=("", "_without"))
    ratio = both["rate"] / both["rate_without"]
    changed = (both["half_term"] > 1) & (both["phase"] == "secondary")
    assert changed.sum() > 1000 and (~changed).sum() > 1000
    assert np.allclose(ratio[~changed], 1)
    assert ratio[changed].median() == pytest.approx(PLANTED.policy_factor)
    # Some are elsewhere than they would be, moved or excluded; some schools already suspend nearly always.
    assert ratio[changed].between(1.01, PLANTED.policy_factor + 1e-9).mean() > 0.99
    truth = outlook(stricter)
    after = truth["closes"] >= pd.Timestamp("2024-11-04")
    secondary = truth["phase"] == "secondary"
    for which in (after, ~after):
        assert truth.loc[which & secondary, "happened"].sum() > 150
        assert abs(off_by(truth[which & secondary])) < DEVIATIONS
        assert abs(off_by(truth[which & ~secondary])) < DEVIATIONS


def test_the_outlook_counts_a_new_policy_from_its_day_on(stricter: Invented, invented: Invented) -> None:
    query = (
        "SELECT pupil_id, school_id, as_of_date, probability AS p FROM {outlook} AS o "
        "JOIN {schools} USING (school_id) WHERE phase = 'secondary' AND panel_date < DATE '2025-07-01' "
        "AND probability < 0.05"
    )
    both = stricter.sql(query).merge(invented.sql(query), on=["pupil_id", "school_id", "as_of_date"])
    ratio = (both["p_x"] / both["p_y"]).groupby(both["as_of_date"]).median()
    # The autumn's label opens three weeks before the policy does, and closes seven weeks after.
    assert np.allclose(ratio[:-3], 1) and 1.2 < ratio.iloc[-3] < 0.95 * PLANTED.policy_factor
    assert np.allclose(ratio[-2:], PLANTED.policy_factor, atol=0.02)


def test_drift_raises_need_and_suspensions_year_by_year(world: World, invented: Invented) -> None:
    query = (
        "SELECT academic_year, avg(need) AS need, avg(suspensions_per_day) AS rate FROM {need} AS n "
        "GROUP BY 1 ORDER BY 1"
    )
    drifting, still = (of.sql(query).set_index("academic_year") for of in (world(drift=True), invented))
    assert np.allclose(np.diff(drifting["need"]), DRIFT_A_YEAR, atol=0.04)
    assert np.allclose(np.diff(still["need"]), 0, atol=0.04)
    assert (drifting["rate"].diff().dropna() > 0).all()
    given = world(drift=True).roll.groupby("academic_year")["suspensions"].sum()
    before = invented.roll.groupby("academic_year")["suspensions"].sum()
    # Need grew by four steps; the rate of those in most need levels off.
    for grown in (drifting["rate"] / still["rate"], given / before):
        assert 1.3 < grown.iloc[-1] < 1.1 * np.exp(4 * DRIFT_A_YEAR) and 0.85 < grown.iloc[0] < 1.15


def test_under_drift_the_truth_is_true_in_every_year(world: World) -> None:
    truth = outlook(world(drift=True))
    years = truth.groupby((truth["as_of_date"] - pd.Timedelta(days=240)).dt.year)
    assert years.ngroups == 5 and max(abs(off_by(year)) for _, year in years) < DEVIATIONS


@pytest.fixture(scope="module")
def helped(world: World) -> pd.DataFrame:
    """The truth where some are helped; ``helped`` are those with help after a list in the tables."""
    # Two in a hundred are listed, so more pupils are needed than elsewhere.
    ours = world(pupils=4000, supported=True)
    spells = ours.sql(
        """
        WITH after AS (SELECT pupil_id, start_date, end_date FROM {supports} AS s
                       WHERE programme = 'inclusion programme'
                       AND start_date IN (SELECT start_date FROM {terms}))
        SELECT DISTINCT pupil_id, as_of_date, TRUE AS helped FROM {outlook} AS o JOIN after USING (pupil_id)
        WHERE start_date > as_of_date AND end_date <= closes
        """
    )
    truth = outlook(ours).merge(spells, how="left", on=["pupil_id", "as_of_date"])
    return truth.assign(helped=truth["helped"].eq(True))


def test_half_of_a_list_is_helped(helped: pd.DataFrame) -> None:
    older = helped[helped["nc_year"].isin(["7", "8", "9", "10", "11"])]
    listed = (0.02 * older.groupby(["as_of_date", "la"]).size()).round().sum()
    assert abs(helped["helped"].sum() - listed / 2) < DEVIATIONS * np.sqrt(listed / 4)
    assert helped.groupby("as_of_date")["helped"].sum().min() > 0
    # In the first term of all nobody's past is known, and the list is drawn by lot.
    later = helped["as_of_date"] > helped["as_of_date"].min()
    assert helped.loc[helped["helped"] & later, "before"].min() > 0
    assert helped.loc[helped["helped"], "without_support"].mean() > 8 * helped["probability"].mean()


def test_the_truth_is_lower_for_exactly_those_helped(helped: pd.DataFrame, ordinary: pd.DataFrame) -> None:
    assert ((helped["probability"] < helped["without_support"]) == helped["helped"]).all()
    assert (helped["probability"] == helped["without_support"])[~helped["helped"]].all()
    assert (ordinary["probability"] == ordinary["without_support"]).all()


def test_who_is_helped_is_suspended_less(helped: pd.DataFrame) -> None:
    those = helped[helped["helped"]]
    assert abs(off_by(those)) < DEVIATIONS and abs(off_by(helped[~helped["helped"]])) < DEVIATIONS
    assert those["happened"].sum() < 0.85 * those["without_support"].sum()
    assert off_by(those, "without_support") < -2.5


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"bias": "other"}, ["'other'", "label, measurement, none"]),
        ({"bias": "none", "bias_size": 2.0}, ["--bias none", "--bias-size"]),
        *[({"bias_size": size}, ["bias-size", "at most 5"]) for size in (0.0, -1.0, 5.1, np.nan, np.inf)],
        *[
            ({"no_signal": True, **more}, ["--no-signal", word])
            for more, word in [
                ({"bias": "none"}, "--bias none"),
                ({"bias": "measurement"}, "measurement"),
                ({"bias_size": 2.0}, "--bias-size"),
                ({"policy_change": AUTUMN}, "--policy-change"),
                ({"drift": True}, "--drift"),
                ({"supported": True}, "--supported"),
            ]
        ],
    ],
    ids=str,
)
def test_switches_that_contradict_each_other_are_refused_by_name(
    switches: dict[str, object], words: list[str]
) -> None:
    with pytest.raises(WrongUsage) as refused:
        Switches(**switches)  # type: ignore[arg-type]
    assert all(word in str(refused.value) for word in words)


def test_a_clash_of_several_names_each_and_only_those() -> None:
    with pytest.raises(WrongUsage, match="--drift and --supported would") as refused:
        Switches(no_signal=True, drift=True, supported=True)
    assert "--policy-change" not in str(refused.value) and "--bias" not in str(refused.value)


def test_switches_that_go_together_are_let_pass() -> None:
    Switches(no_signal=True, silent_school=True)
    Switches(
        bias="measurement",
        bias_size=5.0,
        silent_school=True,
        drift=True,
        supported=True,
        policy_change=AUTUMN,
    )


@pytest.mark.parametrize("day", ["2023-10-29", "2026-06-02"])
def test_a_policy_outside_the_years_is_refused_and_nothing_written(day: str, tmp_path: Path) -> None:
    change = Switches(policy_change=dt.date.fromisoformat(day))
    with pytest.raises(WrongUsage, match=f"{day}.* 2023-10-30 to 2026-06-01"):
        generate(tmp_path / "data", pupils=500, years=3, switches=change)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def in_blocks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Invented, Invented]:
    """Twice the same folder of 1,500 pupils, in three authorities of 500."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("earlywarning.synthetic.generate"), "BLOCK", 600)
        folders = [tmp_path_factory.mktemp("blocks") / "data" for _ in range(2)]
        for folder in folders:
            generate(folder, pupils=1500, years=3, seed=5)
    return Invented(folders[0]), Invented(folders[1])


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("pupils", "pupil_id"),
        ("pupils_truth", "pupil_id"),
        ("identity", "pupil_id"),
        ("identity", "upn"),
        ("schools", "school_id"),
        ("schools", "school_name"),
        ("behaviour", "event_id"),
        ("suspensions", "event_id"),
    ],
)
def test_nothing_is_called_the_same_in_two_blocks(
    table: str, column: str, in_blocks: tuple[Invented, Invented]
) -> None:
    # An event of two rows is one that was retracted, and is about one pupil.
    found = in_blocks[0].sql(
        f"SELECT {column}, count(*) AS n, "
        f"{'count(DISTINCT pupil_id)' if column == 'event_id' else 'count(*)'} AS different "
        f"FROM {{{table}}} AS t {'WHERE record = ' + repr('new') if column == 'event_id' else ''} GROUP BY 1"
    )
    assert len(found) >= 24 and (found["different"] == 1).all() and found["n"].max() <= 2


def test_blocks_are_authorities_of_their_own_on_one_calendar(in_blocks: tuple[Invented, Invented]) -> None:
    ours = in_blocks[0]
    blocks = ours.sql(
        "SELECT school_id[2:3] AS block, count(DISTINCT pupil_id) AS pupils FROM {enrolments} AS e "
        "WHERE DATE '2025-10-10' BETWEEN start_date AND coalesce(end_date, DATE '2100-01-01') GROUP BY 1"
    )
    assert sorted(blocks["block"]) == ["00", "01", "02"] and blocks["pupils"].between(480, 520).all()
    across = ours.sql(
        "SELECT pupil_id FROM {enrolments} GROUP BY 1 HAVING count(DISTINCT school_id[2:3]) > 1"
    )
    assert across.empty
    assert ours.sql("SELECT count(*) AS n FROM {terms} AS t")["n"].item() == 4 * 6
    assert ours.sql("SELECT need FROM {pupils_truth} GROUP BY 1 HAVING count(*) > 1").empty


def test_the_package_finds_nothing_to_set_aside_in_blocks(
    in_blocks: tuple[Invented, Invented], tmp_path: Path
) -> None:
    with open_engine() as engine:
        checked = check(read(in_blocks[0].folder, scratch=tmp_path), engine)
        faults = {name: counts.faults for name, counts in checked.counts.items() if counts.faults}
    assert faults == {}


def test_blocks_have_the_same_bytes_for_the_same_seed(in_blocks: tuple[Invented, Invented]) -> None:
    ours, again = (
        {path.relative_to(of.folder): path.read_bytes() for path in of.folder.rglob("*.*")}
        for of in in_blocks
    )
    assert ours == again and len(ours) > 15
