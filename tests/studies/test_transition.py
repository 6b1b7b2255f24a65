"""Children moving to Year 7: who is listed in June and September, what June cannot see."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest
from building import frames_of, rows_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earlywarning import config, pipeline
from earlywarning.audit.checks import refuse_failed
from earlywarning.config import GateSettings, ListSettings, ModelSettings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.history import History
from earlywarning.dataset.splits import temporal_folds
from earlywarning.engines import open_engine
from earlywarning.errors import GateRefused, InputRefused, WrongUsage
from earlywarning.labels import LABELS
from earlywarning.studies import STUDIES
from earlywarning.synthetic.attainment import results_day
from earlywarning.trial import run_gates

STUDY = STUDIES["transition"]
JUNE, SEPTEMBER = "2024-06-20", "2024-09-26"
SCHOOLS = """
school_id | school_name        | la  | phase
s1        | Alder Lane School  | 213 | secondary
s2        | Birch Hill School  | 207 | secondary
p1        | Cedar Road Primary | 213 | primary
p2        | Dale Park Primary  | 207 | primary
x6        | Elm Tree Primary   | 304 | primary
x7        | Far Field School   | 304 | secondary
"""
# Whoever is not here goes from Year 6 at p1 to Year 7 at s1.
ROLL = """
pupil_id  | school_id | nc_year | start_date | end_date
year-5    | p1        | 5       | 2023-09-04 | 2024-07-19
left      | p1        | 6       | 2023-09-04 | 2024-07-19
abroad    | p1        | 6       | 2023-09-04 | 2024-07-19
abroad    | x7        | 7       | 2024-09-02 |
came-back | p2        | 6       | 2023-09-04 | 2024-07-19
came-back | s2        | 7       | 2025-02-03 |
late-roll | p2        | 6       | 2023-09-04 | 2024-07-19
late-roll | s2        | 7       | 2024-09-30 |
gap       | p1        | 6       | 2023-09-04 | 2024-07-19
gap       | s1        | 7       | 2024-09-02 | 2024-11-15
gap       | s2        | 7       | 2025-01-06 |
gone-susp | p1        | 6       | 2023-09-04 | 2024-07-19
gone-susp | s1        | 7       | 2024-09-02 | 2024-11-29
from-away | x6        | 6       | 2023-09-04 | 2024-07-19
from-away | s1        | 7       | 2024-09-02 |
"""
SUSPENSIONS = """
pupil_id  | start_date
in-july   | 2024-07-10
september | 2024-09-16
may       | 2025-05-12
gone-susp | 2024-11-11
abroad    | 2024-11-11
"""
# yes: event, no: no event, left: not visible, -: not in the cohort.
TOLD = """
pupil_id  | June | September
quiet     | no   | no
in-july   | no   | no
september | yes  | no
may       | yes  | yes
year-5    | -    | -
left      | left | -
abroad    | left | -
came-back | left | -
late-roll | no   | -
gap       | left | left
gone-susp | yes  | yes
from-away | -    | -
"""
WORDS = {"event": "yes", "no_event": "no", "censored": "left"}
PUPILS = [str(row["pupil_id"]) for row in rows_of(TOLD)]


def written() -> dict[str, Any]:
    here = {row["pupil_id"] for row in rows_of(ROLL)}
    usual = [
        {"pupil_id": pupil, "school_id": school, "nc_year": year, "start_date": start, "end_date": end}
        for pupil in PUPILS
        if pupil not in here
        for school, year, start, end in (
            ("p1", "6", "2023-09-04", "2024-07-19"),
            ("s1", "7", "2024-09-02", None),
        )
    ]
    return {
        "schools": SCHOOLS,
        "pupils": [{"pupil_id": pupil} for pupil in PUPILS],
        "enrolments": [*rows_of(ROLL), *usual],
        "suspensions": [{"school_id": "s1", "sessions": "2"} | row for row in rows_of(SUSPENSIONS)],
        "coverage": [
            {"feed": feed, "source": source, "from_date": "2023-09-04", "to_date": "2025-07-22"}
            | {"known_from": "2023-09-04"}
            for feed in ("suspensions", "attendance", "behaviour")
            for source in ("s1", "s2", "p1", "p2")
        ],
    }


def dataset(tables: dict[str, Any], *days: str, labelled: bool = False) -> tuple[Dataset, History]:
    with open_engine("polars") as engine:
        frames, last = frames_of(engine, tables), dt.date(2025, 8, 31)
        dates = STUDY.calendar(frames, engine, last, [dt.date.fromisoformat(day) for day in days])
        history = History(frames, STUDY.tables, dates, engine, last)
        study = STUDY.narrowed(["attendance", "ks2", "transition", "moves", "context"])
        return assemble(study, history, labelled=labelled), history


@cache
def both() -> Dataset:
    return dataset(written(), JUNE, SEPTEMBER, labelled=True)[0]


@pytest.mark.parametrize(("list_of", "day"), [("June", JUNE), ("September", SEPTEMBER)])
def test_leavers_are_not_visible_and_never_no_event(list_of: str, day: str) -> None:
    states = both().rows["state"].xs(pd.Timestamp(day), level="as_of_date").map(WORDS)
    expected = {row["pupil_id"]: row[list_of] for row in rows_of(TOLD)}
    assert {pupil: states.get(pupil, "-") for pupil in PUPILS} == expected


def test_the_label_opens_with_year_7_or_with_the_panel_and_closes_with_year_7() -> None:
    opens = both().rows.groupby("as_of_date")["panel_date"].unique().explode()
    assert opens.tolist() == [pd.Timestamp(2024, 9, 2), pd.Timestamp(2024, 10, 10)]
    assert set(both().rows["closes"]) == {pd.Timestamp(2025, 7, 22)}
    assert set(both().rows["area"]) == {"213", "207"}


def test_both_lists_of_one_cohort_are_of_one_period() -> None:
    assert set(both().rows["period"]) == {"2024/25"}


RESULTS = st.fixed_dictionaries(
    {
        "pupil_id": st.sampled_from(PUPILS),
        "date": st.just("2024-05-14"),
        "subject": st.sampled_from(["reading", "maths", "gps"]),
        "scaled_score": st.integers(80, 120),
        "known_from": st.dates(results_day(2024), dt.date(2024, 9, 1)),
    }
)
PLACES = st.fixed_dictionaries(
    {
        "pupil_id": st.sampled_from(PUPILS),
        "school_id": st.sampled_from(["s1", "s2", "x7"]),
        "nc_year": st.just("7"),
        "start_date": st.dates(dt.date(2024, 8, 26), dt.date(2024, 9, 16)),
        # Places are offered in March: known long before, and still no roll.
        "known_from": st.dates(dt.date(2024, 3, 1), dt.date(2024, 9, 20)),
    }
)


@settings(max_examples=3, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(RESULTS, min_size=1, max_size=9), st.lists(PLACES, min_size=1, max_size=9))
def test_june_sees_no_key_stage_2_results_and_no_september_roll(
    results: list[dict[str, Any]], places: list[dict[str, Any]]
) -> None:
    tables = written()
    six = [row for row in tables["enrolments"] if row["nc_year"] != "7"]
    more = tables | {"ks2": results, "enrolments": [*six, *places]}
    plain, _ = dataset(tables | {"enrolments": six}, JUNE)
    both_lists, _ = dataset(more, JUNE, SEPTEMBER)  # September's cut must not let anything into June's
    seen = both_lists.where(both_lists.rows["name"] == "June")
    pd.testing.assert_frame_equal(seen.X, plain.X)
    pd.testing.assert_frame_equal(seen.rows, plain.rows)
    assert seen.X.filter(like="ks2_").isna().all(axis=None)


@pytest.mark.parametrize("day", ["2024-07-15", "2024-12-31", "2025-06-20"])
def test_a_day_of_another_month_or_without_the_terms_of_year_7_is_refused(day: str) -> None:
    with pytest.raises(InputRefused, match=r"in June, without key stage 2|published a year ahead"):
        dataset(written(), day)


def test_the_page_says_what_is_new_and_who_is_not_visible() -> None:
    tables = written() | {"ks2": [{"pupil_id": "quiet", "date": "2024-05-14", "known_from": "2024-07-09"}]}
    for day, words in ((JUNE, "they come in July"), (SEPTEMBER, "Of 10 children in Year 6 here in June, 4")):
        data, history = dataset(tables, day)
        told = " ".join(STUDY.notes(history, data.rows.reset_index()))
        assert words in told
    assert "results are held for 1 " in told
    assert [STUDY.title(issue) for issue in history.calendar.issues] == [
        "Year 6 moved to Year 7, September 2024"
    ]


def test_another_label_is_refused_because_the_dates_are_those_of_its_own() -> None:
    assert STUDY.asking(STUDY.label) is STUDY
    with pytest.raises(WrongUsage, match="asks 'suspension_in_year_7' and no other label"):
        STUDY.asking(LABELS["removal"])


@pytest.fixture(scope="module")
def moved(extracts: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any, Any]:
    """A model of the move on the small authority, with floors as low as its few events."""
    shipped = config.load(config.shipped("transition.toml"))
    few = replace(
        shipped,
        list=ListSettings(capacity=5),
        model=ModelSettings(seeds=1, refits=2),
        gates=GateSettings(canary_repeats=1, fewest_train_events=1, fewest_test_events=1),
    )
    models = tmp_path_factory.mktemp("moved") / "models"
    return few, models, pipeline.train(extracts, settings=few, models=models)


def test_both_lists_of_one_cohort_are_on_one_side_of_a_split(moved: tuple[Any, Any, Any]) -> None:
    _, _, trained = moved
    rows = trained.data.rows
    for fold in temporal_folds(STUDY, trained.data):
        assert not set(rows[fold.train]["period"]) & set(rows[fold.test]["period"])
        tested = rows[fold.test].index.get_level_values("as_of_date")
        assert set(tested.month) == {6, 9}
        assert rows[fold.train]["matures_on"].max() < tested.min()
    cuts = rows.index.get_level_values("as_of_date").unique()
    assert all(cut.date() < results_day(cut.year) for cut in cuts if cut.month == 6)


def test_too_few_events_are_counted_and_refused(moved: tuple[Any, Any, Any]) -> None:
    _, _, trained = moved
    with pytest.raises(GateRefused, match=r"EW07.*\d+ events"):
        refuse_failed(run_gates(trained.data, trained.folds, [], GateSettings(), dt.date(2026, 8, 31)))


def test_the_whole_path_makes_the_lists_of_june_and_september(
    extracts: Any, moved: tuple[Any, Any, Any], tmp_path: Any
) -> None:
    few, models, _ = moved
    told = {
        day: pipeline.score(extracts, as_of=day, out=tmp_path, settings=few, models=models)
        for day in (dt.date(2026, 6, 20), dt.date(2025, 9, 26))
    }
    # June's outcome is a year away, though the model has learnt from outcomes up to August.
    assert [one["looking_back"] for one in told.values()] == [False, True]
    for day, words in ((dt.date(2026, 6, 20), "they come in July"), (dt.date(2025, 9, 26), "Made again")):
        page = (tmp_path / f"transition-{day}" / "panel.html").read_text(encoding="utf-8")
        assert words in page
        assert "the head of Year 7 of that school" in page
        assert all(area["listed"]["discuss first"] <= 5 for area in told[day]["counts"].values())
    with pytest.raises(GateRefused):  # not won, or not beyond chance: the ledger has why
        pipeline.promote(by="the tests", reason="invented", settings=few, models=models)
