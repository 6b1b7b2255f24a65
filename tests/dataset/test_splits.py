"""Train on earlier periods, test on a later one, with a gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import temporal_folds, trainable
from earlywarning.errors import GateRefused
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
                    "in_progress": False,
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


def test_a_pupil_with_a_permanent_exclusion_in_progress_is_in_neither_part() -> None:
    given = data(FOUR_YEARS)
    rows = given.rows.assign(in_progress=[True] * 4 + [False] * 4)
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
