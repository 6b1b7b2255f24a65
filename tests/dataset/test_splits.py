"""Train on earlier periods, test on a later one, with a gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score

from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import AcademicYearSplit, LeaveSchoolsOut, temporal_folds, trainable
from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.studies import STUDIES

STUDY = STUDIES["secondary"]


def data(states: dict[str, list[str]]) -> Dataset:
    """Two pupils a period, one issue a period; ``states`` gives their label states."""
    rows = []
    for period, pair in states.items():
        as_of = pd.Timestamp(int(period[:4]), 12, 31)
        for pupil, state in zip("ab", pair, strict=True):
            rows.append(
                {
                    "pupil_id": pupil,
                    "as_of_date": as_of,
                    "period": period,
                    "state": state,
                    "panel_date": as_of + pd.Timedelta(days=14),
                    "matures_on": as_of + pd.Timedelta(days=130),
                    "train_before": as_of,
                    "apart": "",
                }
            )
    frame = pd.DataFrame(rows).set_index(["pupil_id", "as_of_date"]).sort_index()
    X = pd.DataFrame({"x": np.arange(len(frame), dtype=float)}, index=frame.index)
    return Dataset(X=X, facts=X, rows=frame, attributes=X.astype(str), features=())


KNOWN = ["event", "no_event"]
FOUR_YEARS = {"2021/22": KNOWN, "2022/23": KNOWN, "2023/24": ["event", "censored"], "2024/25": KNOWN}


def test_the_last_mature_period_is_the_test_and_the_first_only_feeds_look_backs() -> None:
    (fold,) = temporal_folds(STUDY, data(FOUR_YEARS))
    rows = data(FOUR_YEARS).rows
    assert fold.test_period == "2024/25"
    assert set(rows[fold.test]["period"]) == {"2024/25"}
    assert set(rows[fold.train]["period"]) == {"2022/23", "2023/24"}


def test_only_known_outcomes_train_and_everyone_on_roll_is_tested() -> None:
    states = FOUR_YEARS | {"2024/25": ["competing", "no_event"]}
    (fold,) = temporal_folds(STUDY, data(states))
    rows = data(states).rows
    assert not (set(rows[fold.train]["state"]) - {"event", "no_event"})
    assert set(rows[fold.test]["state"]) == {"competing", "no_event"}


def test_a_period_with_an_immature_label_is_neither_trained_nor_tested() -> None:
    states = FOUR_YEARS | {"2025/26": ["immature", "immature"]}
    (fold,) = temporal_folds(STUDY, data(states))
    assert fold.test_period == "2024/25"
    assert "2025/26" not in set(data(states).rows[trainable(STUDY, data(states))]["period"])


def test_a_training_label_is_mature_before_the_test_begins() -> None:
    given = data(FOUR_YEARS)
    rows = given.rows.copy()
    late = rows["period"] == "2023/24"
    rows.loc[late, "matures_on"] = rows.loc[rows["period"] == "2024/25", "train_before"].min()
    (fold,) = temporal_folds(STUDY, replace(given, rows=rows))
    assert set(rows[fold.train]["period"]) == {"2022/23"}


def test_a_pupil_who_is_set_apart_is_in_neither_part() -> None:
    given = data(FOUR_YEARS)
    rows = given.rows.assign(apart=["objection to profiling"] * 4 + [""] * 4)
    (fold,) = temporal_folds(STUDY, replace(given, rows=rows))
    assert set(rows.index[fold.train | fold.test].get_level_values("pupil_id")) == {"b"}


def test_pupils_met_in_training_can_be_left_out_of_the_test() -> None:
    given = data(FOUR_YEARS)
    rows = given.rows.copy()
    rows.loc[("a", pd.Timestamp(2022, 12, 31)) : ("a", pd.Timestamp(2023, 12, 31)), "state"] = "censored"
    (fold,) = temporal_folds(replace(STUDY, unseen_only=True), replace(given, rows=rows))
    assert set(rows.index[fold.test].get_level_values("pupil_id")) == {"a"}


def test_a_single_mature_year_is_refused_with_what_is_needed() -> None:
    with pytest.raises(GateRefused, match="needed are 3: 1 for look-backs, 1 to train, 1 to test"):
        temporal_folds(STUDY, data({"2021/22": KNOWN, "2022/23": KNOWN}))


def test_a_label_of_a_year_needs_one_year_more_and_says_so() -> None:
    given = data(FOUR_YEARS)
    slow = given.rows.assign(matures_on=given.rows["panel_date"] + pd.Timedelta(days=395))
    (fold,) = temporal_folds(STUDY, replace(given, rows=slow))
    assert set(slow[fold.train]["period"]) == {"2022/23"}
    with pytest.raises(GateRefused) as refused:
        temporal_folds(STUDY, replace(given, rows=slow).where(slow["period"] != "2021/22"))
    assert "3 period(s) have matured labels (2022/23, 2023/24, 2024/25); needed are 4" in str(refused.value)


def test_an_embargo_keeps_days_between_training_and_test() -> None:
    rows = data(FOUR_YEARS).rows
    years = AcademicYearSplit(rows, embargo_days=236)  # the year before matured 236 days before the test
    (close,), (apart,) = replace(years, embargo_days=235).folds(), years.folds()
    assert set(rows[close.train]["period"]) == {"2022/23", "2023/24"}
    assert set(rows[apart.train]["period"]) == {"2022/23"}


def many(pupils: int = 60) -> Dataset:
    """Five years of pupils at six schools, each outcome known and hanging on the one feature."""
    random = np.random.default_rng(1)
    frames = []
    for year in range(2020, 2025):
        as_of = pd.Timestamp(year, 12, 31)
        frames.append(
            pd.DataFrame(
                {
                    "pupil_id": [f"p{number}" for number in range(pupils)],
                    "as_of_date": as_of,
                    "period": f"{year}/{year - 1999}",
                    "school_id": [f"s{number % 6}" for number in range(pupils)],
                    "panel_date": as_of + pd.Timedelta(days=14),
                    "matures_on": as_of + pd.Timedelta(days=130),
                    "train_before": as_of,
                    "x": random.normal(size=pupils),
                }
            )
        )
    rows = pd.concat(frames).set_index(["pupil_id", "as_of_date"]).sort_index()
    rows["state"] = np.where(rows["x"] + random.normal(size=len(rows)) > 1, "event", "no_event")
    X = rows[["x"]]
    return Dataset(X=X, facts=X, rows=rows.drop(columns="x"), attributes=X.astype(str), features=())


@pytest.mark.parametrize("make", [AcademicYearSplit, LeaveSchoolsOut])
def test_scikit_learn_takes_the_splitter(make: Callable[..., AcademicYearSplit]) -> None:
    given = many(300)
    cv = make(given.rows, test_periods=2)
    scores = cross_val_score(LogisticRegression(), given.X, given.y, cv=cv, scoring="roc_auc")
    assert len(scores) == cv.get_n_splits() == (2 if make is AcademicYearSplit else 10)
    assert scores.mean() > 0.7
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=cv).fit(given.X, given.y)
    assert search.n_splits_ == len(scores)


def test_the_splitter_and_the_study_have_the_same_folds() -> None:
    given = many()
    (fold,) = temporal_folds(STUDY, given)
    ((train, test),) = AcademicYearSplit(given.rows).split(given.X, given.y)
    np.testing.assert_array_equal(np.flatnonzero(fold.train), train)
    np.testing.assert_array_equal(np.flatnonzero(fold.test), test)


def test_rows_left_out_or_in_another_order_keep_their_dates() -> None:
    given = many()
    cv, X = AcademicYearSplit(given.rows), given.X.sample(frac=0.5, random_state=3)
    ((train, test),) = cv.split(X)
    assert set(given.rows.loc[X.index[test], "period"]) == {"2024/25"}
    assert set(given.rows.loc[X.index[train], "period"]) == {"2021/22", "2022/23", "2023/24"}
    ((whole, _),) = cv.split(given.X.to_numpy())
    assert set(given.X.index[whole]) >= set(X.index[train])


def test_a_test_row_whose_outcome_is_not_known_is_not_scored_on() -> None:
    given = many()
    rows = given.rows.copy()
    rows.loc["p0", "state"] = "censored"
    ((train, test),) = AcademicYearSplit(rows).split(given.X)
    assert "p0" not in set(given.X.index[np.append(train, test)].get_level_values("pupil_id"))


def test_a_school_that_is_tested_is_not_trained_on_and_each_is_tested_once_a_year() -> None:
    rows = many().rows
    folds = LeaveSchoolsOut(rows, test_periods=2, n_groups=3).folds()
    for fold in folds:
        assert not set(rows[fold.test]["school_id"]) & set(rows[fold.train]["school_id"])
        assert set(rows[fold.train]["period"]) < set(rows["period"]) - {fold.test_period}
    assert sum(fold.test for fold in folds).max() == 1
    assert sum(fold.test.sum() for fold in folds) == 2 * 60


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda rows: AcademicYearSplit(rows.drop(columns="matures_on")), "no column matures_on"),
        (lambda rows: AcademicYearSplit(pd.concat([rows, rows])), "more than once"),
        (lambda rows: AcademicYearSplit(rows, test_periods=0), "test_periods at least 1"),
        (lambda rows: AcademicYearSplit(rows, embargo_days=-1), "0 or more"),
        (lambda rows: LeaveSchoolsOut(rows, n_groups=7), "6 school"),
        (lambda rows: LeaveSchoolsOut(rows.drop(columns="school_id")), "0 school"),
        (lambda rows: list(AcademicYearSplit(rows.iloc[5:]).split(many().X)), "5 rows of X are not among"),
        (
            lambda rows: list(AcademicYearSplit(rows).split(np.zeros((3, 1)))),
            "3 rows where the splitter has 300",
        ),
    ],
)
def test_what_cannot_be_split_is_refused_in_a_sentence(make: Callable[..., object], said: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        make(many().rows)
    assert said in str(refused.value)
    assert "p0" not in str(refused.value)


def test_a_period_that_is_not_there_is_refused_and_the_splitter_shows_no_pupil() -> None:
    years = AcademicYearSplit(many().rows, test_periods=("2030/31",))
    with pytest.raises(GateRefused, match="2030/31 cannot be tested on"):
        years.get_n_splits()
    assert repr(years).startswith("AcademicYearSplit(test_periods=")
    assert "p0" not in repr(years)
