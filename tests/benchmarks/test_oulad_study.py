"""The real-learner study on invented learners: what it may see, whom it holds, what it is tested on."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.oulad.__main__ import main
from benchmarks.oulad.convert import convert
from benchmarks.oulad.evaluate import brier
from benchmarks.oulad.families import FAMILIES
from benchmarks.oulad.presentations import PRESENTATIONS
from benchmarks.oulad.study import TESTED, oulad_study
from benchmarks.oulad.study_days import DAYS
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import temporal_folds
from earlywarning.errors import InputRefused
from earlywarning.explain.phrases import fields
from earlywarning.pipeline import build_history, checked_extracts
from tests.benchmarks.inventing import LENGTH, Invented, assessment, invent, number, on_day

AAA_2013, AAA_2014, BBB_B, BBB_J = PRESENTATIONS
PLACE = {presentation: place for place, presentation in enumerate(PRESENTATIONS)}
CUT = {AAA_2013: "2013-10-29", AAA_2014: "2014-10-29", BBB_B: "2013-03-01", BBB_J: "2013-10-29"}
"""Day 28 of each presentation."""


@pytest.fixture
def invented(tmp_path: Path) -> Invented:
    return invent(tmp_path)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the invented learners as they come."""
    source, tables = invent(tmp_path_factory.mktemp("source")).write(), tmp_path_factory.mktemp("tables")
    convert(source, tables)
    return tables


@pytest.fixture(scope="module")
def before(unchanged: Path) -> Dataset:
    """Their dataset on day 28."""
    return on_day(28, unchanged)


def row(presentation: tuple[str, str], learner: int) -> tuple[str, pd.Timestamp]:
    """The key of a learner on day 28."""
    return f"l{number(PLACE[presentation], learner)}", pd.Timestamp(CUT[presentation])


def click(invented: Invented, presentation: tuple[str, str], learner: int, day: int, **other: int) -> None:
    module, begun = presentation
    who = {
        "code_module": module,
        "code_presentation": begun,
        "id_student": number(PLACE[presentation], learner),
    }
    invented.add("studentVle", **who, **{"id_site": 1, "date": day, "sum_click": 500, **other})


def hand_in(invented: Invented, learner: int, which: int, day: int, score: float) -> None:
    """A learner of BBB-2013J hands in a tutor-marked assignment on a day, whatever was there before."""
    frame = invented.files["studentAssessment"]
    what, who = assessment(PLACE[BBB_J], "TMA", which), number(PLACE[BBB_J], learner)
    invented.files["studentAssessment"] = frame[
        ~(frame["id_assessment"].eq(what) & frame["id_student"].eq(who))
    ]
    given = {
        "id_assessment": what,
        "id_student": who,
        "date_submitted": day,
        "is_banked": False,
        "score": score,
    }
    invented.add("studentAssessment", **given)


def test_every_learner_of_every_presentation_is_there_with_every_feature(before: Dataset) -> None:
    periods = {"2013B-BBB", "2013J-AAA", "2013J-BBB", "2014J-AAA"}
    assert len(before.X) == 80 and set(before.rows["period"]) == periods
    assert before.rows["why_not"].eq("").all()
    assert list(before.X.columns) == [feature.name for family in FAMILIES for feature in family.features]
    # Means and days since the last can be missing: not everyone has a mark or handed anything in. A learner
    # without a row was seen to do nothing.
    missing = set(before.X.columns[before.X.isna().any()])
    assert missing == {
        name
        for name in before.X
        if "mean" in name
        or "weighted" in name
        or "lateness" in name
        or name == "submissions_last_days_course"
    }


@pytest.mark.parametrize("engine", ["polars", "pandas"])
def test_the_engines_agree(before: Dataset, unchanged: Path, engine: str) -> None:
    theirs = on_day(28, unchanged, engine)
    pd.testing.assert_frame_equal(before.X, theirs.X)
    pd.testing.assert_frame_equal(before.rows, theirs.rows)


def test_no_protected_characteristic_reaches_an_input(invented: Invented, before: Dataset) -> None:
    info = invented.files["studentInfo"]
    invented.files["studentInfo"] = info.assign(
        gender="X", disability="Q", imd_band="90-100%", age_band="55<=", region="Wales"
    )
    after = invented.dataset()
    pd.testing.assert_frame_equal(before.X, after.X)
    pd.testing.assert_frame_equal(before.facts, after.facts)
    assert set(after.attributes["disability"]) == {"Q"}


def test_the_audit_compares_by_disability_and_deprivation(before: Dataset) -> None:
    attributes = before.attributes
    assert {"disability", "deprivation_band"} <= set(attributes)
    assert set(attributes["deprivation_band"]) == {"10-20%", "not recorded"}


def test_what_is_known_later_changes_no_feature(invented: Invented, before: Dataset) -> None:
    click(invented, BBB_J, 1, day=29)
    hand_in(invented, 1, 1, day=29, score=99)
    hand_in(invented, 0, 0, day=17, score=1)  # on the day it was: only the mark, known on day 31, is another
    invented.change("studentRegistration", number(PLACE[BBB_J], 3), BBB_J, date_unregistration=29)
    invented.files["studentInfo"]["final_result"] = "Withdrawn"
    after = invented.dataset()
    pd.testing.assert_frame_equal(before.X, after.X)
    pd.testing.assert_frame_equal(before.facts, after.facts)
    assert not before.y.all() and after.y.all()


def test_a_mark_is_known_fourteen_days_after_the_work_was_handed_in(invented: Invented) -> None:
    hand_in(invented, 0, 0, day=14, score=50)
    hand_in(invented, 2, 0, day=15, score=50)
    facts = invented.dataset().facts
    assert facts.loc[row(BBB_J, 0), ["marked_course", "handed_in_course"]].tolist() == [1, 1]
    assert facts.loc[row(BBB_J, 2), ["marked_course", "handed_in_course"]].tolist() == [0, 1]


def test_work_is_overdue_until_it_is_handed_in(invented: Invented) -> None:
    hand_in(invented, 1, 0, day=28, score=50)  # due on day 19
    hand_in(invented, 3, 0, day=29, score=50)
    facts = invented.dataset().facts
    assert facts.loc[row(BBB_J, 1), "overdue_tutor_course"] == 0
    assert facts.loc[row(BBB_J, 3), "overdue_tutor_course"] == 1


def test_who_has_left_by_the_day_is_not_looked_at(invented: Invented) -> None:
    for learner, day in ((0, 28), (2, 29), (4, -5)):
        who = number(PLACE[BBB_J], learner)
        invented.change("studentRegistration", who, BBB_J, date_unregistration=day)
    invented.change("studentRegistration", number(PLACE[BBB_J], 6), BBB_J, date_registration=29)
    there = invented.dataset().X.index
    assert row(BBB_J, 2) in there  # leaves on the day after
    assert not {row(BBB_J, learner) for learner in (0, 4, 6)} & set(there)


def test_an_earlier_presentation_is_not_seen_in_a_later_one(invented: Invented) -> None:
    both = number(PLACE[BBB_B], 0)
    for name in ("studentInfo", "studentRegistration"):
        again = invented.files[name]
        mine = again[again["id_student"].eq(both)].assign(code_presentation="2013J")
        invented.files[name] = pd.concat([again, mine], ignore_index=True)
    alone = invented.dataset().facts
    click(invented, BBB_B, 0, day=238)  # 27 September 2013: inside the later presentation's run-up
    seen = invented.dataset().facts
    key = (f"l{both}", pd.Timestamp(CUT[BBB_J]))
    assert seen.loc[key, "clicks_before"] == alone.loc[key, "clicks_before"] == 0
    assert seen.loc[key, "days_registered"] == 40 + 28  # since registering for this one


def test_tests_are_trained_from_finished_presentations_without_the_learners_tested(
    invented: Invented,
) -> None:
    met = number(PLACE[BBB_B], 0)
    for name in ("studentInfo", "studentRegistration"):
        frame = invented.files[name]
        again = frame[frame["id_student"].eq(met)].assign(code_presentation="2013J")
        invented.files[name] = pd.concat([frame, again], ignore_index=True)
    data = invented.dataset()
    first, second = temporal_folds(oulad_study(28), data)
    periods = data.rows["period"]
    assert (first.test_period, second.test_period) == TESTED
    assert set(periods[first.train]) == {"2013B-BBB"} and set(periods[first.test]) == {"2013J-BBB"}
    assert set(periods[second.train]) == {"2013B-BBB", "2013J-AAA", "2013J-BBB"}
    assert set(periods[second.test]) == {"2014J-AAA"}
    pupils = data.X.index.get_level_values("pupil_id")
    assert f"l{met}" in set(pupils[periods.eq("2013J-BBB")]) - set(pupils[first.test])


def test_the_outcome_is_fail_or_withdrawn(invented: Invented) -> None:
    for learner, result in ((0, "Fail"), (2, "Withdrawn"), (4, "Distinction"), (6, "Pass")):
        invented.change("studentInfo", number(PLACE[BBB_J], learner), BBB_J, final_result=result)
    states = invented.dataset().rows["state"]
    assert [states[row(BBB_J, learner)] for learner in (0, 2, 4, 6)] == [
        "event",
        "event",
        "no_event",
        "no_event",
    ]


def test_an_extract_taken_on_the_day_holds_nothing_later(invented: Invented, tmp_path: Path) -> None:
    tables = tmp_path / "as_of"
    tables.mkdir()
    invented.change("studentRegistration", number(PLACE[AAA_2014], 2), AAA_2014, date_unregistration=40)
    convert(invented.write(), tables, extracted_on=dt.date(2014, 10, 29))
    study = oulad_study(28, tested=TESTED[:1])
    with checked_extracts(study, tables, Settings()) as checked:
        assert not any(counts.quarantined for counts in checked.counts.values())
        history = build_history(study, checked)
        assert history.final("activity")["date"].max() <= pd.Timestamp("2014-10-29")
        assert set(history.final("results")["school_id"]) == {"BBB-2013B", "BBB-2013J", "AAA-2013J"}
        assert history.final("registrations")["end_date"].isna().all()


def test_a_list_is_only_made_on_a_day_of_the_study(unchanged: Path) -> None:
    with (
        checked_extracts(oulad_study(28), unchanged, Settings()) as checked,
        pytest.raises(InputRefused, match="2014-10-29"),
    ):
        build_history(oulad_study(28), checked, [dt.date(2014, 10, 30)])


@pytest.mark.parametrize("day", DAYS)
def test_every_look_back_ends_on_the_day_and_stays_in_the_presentation(unchanged: Path, day: int) -> None:
    study = oulad_study(day)
    with checked_extracts(study, unchanged, Settings()) as checked:
        calendar = build_history(study, checked).calendar
    opened = {issue.as_of_date: issue.train_before - dt.timedelta(days=10) for issue in calendar.issues}
    assert {(cut - start).days for cut, start in opened.items()} == {day + 10}
    assert all(opened[window.as_of_date] <= window.start <= window.end for window in calendar.windows)
    assert all(window.end == window.as_of_date for window in calendar.windows if window.lookback != "before")
    assert all((issue.closes - issue.train_before).days == LENGTH for issue in calendar.issues)


def test_every_sentence_is_filled_from_facts(before: Dataset) -> None:
    facts = set(before.facts)
    asked = {name for family in FAMILIES for feature in family.features for name in fields(feature.reason)}
    assert asked <= facts


def test_a_missing_file_is_refused_with_what_to_do(
    invented: Invented, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del invented.files["assessments"]
    assert main(["--data", str(invented.write()), "--json"]) == 3
    told = capsys.readouterr()
    assert told.out == "" and "assessments.csv" in told.err and "README" in told.err


def test_the_brier_score_of_resamples_is_the_score_of_the_rows_drawn() -> None:
    event, chance = [1, 0, 1], [0.8, 0.4, 0.1]
    drawn = brier(event, chance, [[1, 1, 1], [2, 1, 0]])
    assert drawn.tolist() == pytest.approx([(0.04 + 0.16 + 0.81) / 3, (0.08 + 0.16) / 3])


def test_the_figures_come_as_json(
    invented: Invented, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = {"auroc": 0.7, "average_precision": 0.6, "brier": 0.2, "n_test": 40}
    monkeypatch.setattr("benchmarks.oulad.__main__.tested", lambda *_: dict(figures))
    assert main(["--data", str(invented.write()), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told["days"]) == ["14", "28", "56", "84", "112"] and told["days"]["14"] == figures
