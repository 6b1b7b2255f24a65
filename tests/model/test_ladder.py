from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.ladder import ladder, model, single_seed
from earlywarning.model.ranking import auroc, unscored_last
from earlywarning.model.rules import RULES, Rule

from .conftest import PERIODS, Invented


def rungs(data: Invented) -> list[str]:
    return [rung.name for rung in ladder(data.X.columns)]


def test_rules_come_first_and_the_model_last(invented: Invented) -> None:
    assert rungs(invented) == [*RULES, "logistic_regression", "histogram_boosting", "model"]
    assert [rung.kind for rung in ladder(invented.X.columns)] == ["rule"] * len(RULES) + ["peer"] * 2 + [
        "model"
    ]


def test_a_study_may_bring_rules_of_its_own(invented: Invented) -> None:
    own = Rule("own", "a rule of one's own", ("nothing",), lambda X, rows, state: X["nothing"])
    assert [rung.name for rung in ladder(invented.X.columns, rules=[own], peers=[])] == ["own", "model"]
    assert [rung.name for rung in ladder(["other"], rules=[own], peers=[])] == ["model"]


@pytest.mark.parametrize("position", range(len(RULES) + 3))
def test_every_rung_is_fitted_and_scores_everyone_assessed(position: int, invented: Invented) -> None:
    train, test = invented.period(*PERIODS[:2]), invented.period(PERIODS[2])
    about = test.rows.assign(why_not=np.where(np.arange(len(test.y)) % 4 == 0, "no attendance", ""))
    rung = ladder(invented.X.columns, classifier=RiskClassifier(n_seeds=1))[position]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted = rung.fit(train.X, train.rows, train.y)
        score, chance = fitted.score(test.X, about), fitted.probability(test.X, about)
    assert rung.sentence
    assert np.isnan(score[::4]).all()
    if rung.kind == "rule":
        assert chance is None
        return
    assert not np.isnan(score[about["why_not"] == ""]).any()
    assert chance is not None and np.isnan(chance[::4]).all()
    assert abs(np.nanmean(chance) / test.y.mean() - 1) < 0.3
    assert float(auroc(test.y, unscored_last(score))) > 0.55


def test_the_model_ranks_on_its_margin_and_is_calibrated_on_periods(invented: Invented) -> None:
    rung = ladder(invented.X.columns, classifier=RiskClassifier(n_seeds=1, n_estimators=30))[-1]
    fitted = rung.fit(invented.X, invented.rows, invented.y)
    np.testing.assert_array_equal(
        fitted.score(invented.X, invented.rows), fitted.estimator.margin(invented.X)
    )
    assert fitted.estimator.calibrated_on_["margins"] == "earlier periods"
    assert fitted.estimator.get_params()["n_estimators"] == 30


def test_who_has_a_value_missing_for_the_first_time_is_left_out_and_the_others_scored(
    invented: Invented,
) -> None:
    rung = ladder(invented.X.columns, classifier=RiskClassifier(n_seeds=1, n_estimators=30))[-1]
    fitted = rung.fit(invented.X, invented.rows, invented.y)
    gap = invented.X.copy()
    gap.iloc[3, gap.columns.get_loc("nothing")] = np.nan
    assert np.flatnonzero(np.isnan(fitted.score(gap, invented.rows))).tolist() == [3]


def test_nobody_to_score_is_nobody_scored(invented: Invented) -> None:
    fitted = ladder(invented.X.columns, classifier=RiskClassifier(n_seeds=1, n_estimators=30))[-1].fit(
        invented.X, invented.rows, invented.y
    )
    assert fitted.score(invented.X[:0], invented.rows[:0]).shape == (0,)


def test_directions_go_with_the_columns_that_are_there(invented: Invented) -> None:
    first, second = map(str, invented.X.columns[:2])
    asked = RiskClassifier(n_seeds=2, n_estimators=5, monotonic_cst={first: 1, second: -1, "elsewhere": 1})
    for rung in (model(asked), single_seed(asked)):
        everything = rung.fit(invented.X, invented.rows, invented.y).estimator
        assert everything.recipe_.directions == (1, -1, 0, 0, 0, 0)
        without = rung.fit(invented.X.drop(columns=first), invented.rows, invented.y).estimator
        assert without.recipe_.directions == (-1, 0, 0, 0, 0)


def test_a_kept_recipe_holds_the_same_columns_in_any_order(invented: Invented) -> None:
    first = str(invented.X.columns[0])
    held = RiskClassifier(n_seeds=1, n_estimators=5, monotonic_cst={first: 1}).fit(invented.X, invented.y)
    kept = RiskClassifier.from_json(json.loads(json.dumps(held.to_json())), held.boosters_)
    rung, turned = model(RiskClassifier(**kept.get_params())), invented.X[invented.X.columns[::-1]]
    assert rung.fit(turned, invented.rows, invented.y).estimator.recipe_.directions == (0, 0, 0, 0, 0, 1)
