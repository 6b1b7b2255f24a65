"""The roll says what the dataset says, without bringing the features home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from conftest import FAST, World

from earlywarning import pipeline
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.dataset.roll import Roll, on_roll
from earlywarning.model.scoring import answer_columns, answering, answers
from earlywarning.studies import STUDIES

STUDY = STUDIES["secondary"]


@pytest.fixture(scope="module")
def history(world: World) -> Iterator[History]:
    with pipeline.checked_extracts(STUDY, world.data, FAST) as checked:
        yield pipeline.build_history(STUDY, checked, [dt.date(2025, 12, 31)])


@pytest.fixture(scope="module")
def data(history: History) -> Dataset:
    return assemble(STUDY, history, labelled=False)


@pytest.fixture(scope="module")
def roll(history: History) -> Roll:
    return on_roll(STUDY, history)


def test_training_and_scoring_see_the_same(data: Dataset, roll: Roll) -> None:
    everyone = roll.of(roll.rows.index)
    pd.testing.assert_frame_equal(everyone.X, data.X)
    pd.testing.assert_frame_equal(everyone.facts, data.facts)
    pd.testing.assert_frame_equal(roll.rows, data.rows[roll.rows.columns])
    assert everyone.features == data.features


def test_few_are_brought_home_in_order(data: Dataset, roll: Roll) -> None:
    chosen = roll.rows.index[[7, 3, 40]]
    pd.testing.assert_frame_equal(roll.of(chosen).X, data.X.iloc[[3, 7, 40]])


def test_what_is_usual_is_the_median_of_those_with_a_value(data: Dataset, roll: Roll) -> None:
    groups = data.X.groupby(data.rows["group"].rename("group"))
    medians, counts = roll.usual()
    pd.testing.assert_frame_equal(medians, groups.median(), check_column_type=False)
    pd.testing.assert_frame_equal(counts, groups.count(), check_column_type=False)


def test_a_pupil_is_answered_alike_whoever_comes_along(world: World, roll: Roll) -> None:
    bundle = world.trained.bundle
    schema = answer_columns(bundle)
    at_once = roll.answers(lambda: lambda wide: answers(bundle, wide), schema)
    assert at_once["margin"].notna().sum() > 400
    answer = answering(bundle.portable())  # made again from its text

    def in_sevens(wide: pd.DataFrame) -> pd.DataFrame:
        shuffled = wide.sample(frac=1, random_state=1)
        return pd.concat([answer(shuffled[at : at + 7]) for at in range(0, len(wide), 7)])

    pd.testing.assert_frame_equal(roll.answers(lambda: in_sevens, schema), at_once, check_exact=True)


def test_who_is_not_assessed_is_not_scored(world: World, roll: Roll) -> None:
    bundle = world.trained.bundle
    wide = roll.engine.collect(roll.wide, sort_by=PUPIL_DATE).head(3)
    wide["why_not"], wide["apart"] = ["", "Not seen.", ""], ["", "", "permanent exclusion in progress"]
    told = answers(bundle, wide).drop(columns=list(PUPIL_DATE))
    assert np.isnan(told.iloc[1:]).all(axis=None) and told.iloc[0].notna().all()
