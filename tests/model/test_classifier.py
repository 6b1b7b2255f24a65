from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.model import boosting
from earlywarning.model.calibration import logistic_line
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.refusals import TrainingRefused, WeightsRefused

from .conftest import Invented, invent

# Checks of sample weights do not come up, because ``fit`` has no such parameter (law 9).
EXPECTED_FAILURES = {
    "check_do_not_raise_errors_in_init_or_set_params": "It passes the catch-all, which is no parameter, a"
    " value; what is no parameter is refused at once, a class weight with the reason (law 9)."
}


@parametrize_with_checks([RiskClassifier(n_seeds=2)], expected_failed_checks=lambda _: EXPECTED_FAILURES)
def test_scikit_learn_would_call_it_an_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def test_it_learns_the_planted_signal_and_is_calibrated(invented: Invented, fitted: RiskClassifier) -> None:
    new = invent(pupils=3000, seed=1)
    chance = fitted.predict_proba(new.X)[:, 1]
    assert roc_auc_score(new.y, chance) > 0.67
    assert 0.9 < new.y.sum() / chance.sum() < 1.1
    assert 0.75 < logistic_line(fitted.decision_function(new.X), new.y.astype(float))[1] < 1.3


def test_few_events_are_not_learnt_by_heart() -> None:
    small, new = invent(pupils=300, seed=3, base=-4.5), invent(pupils=4000, seed=4, base=-4.5)
    assert small.y.sum() < 60
    by_default = RiskClassifier(n_seeds=2).fit(small.X, small.y).margin(new.X)
    by_heart = RiskClassifier(n_seeds=2, n_estimators=1000).fit(small.X, small.y).margin(new.X)
    assert roc_auc_score(new.y, by_default) > roc_auc_score(new.y, by_heart) + 0.01


def test_the_order_of_columns_does_not_matter_and_more_columns_do_not_either(
    invented: Invented, fitted: RiskClassifier
) -> None:
    shuffled = invented.X[invented.X.columns[::-1]].assign(another=1.0)
    np.testing.assert_array_equal(fitted.margin(shuffled), fitted.margin(invented.X))


def test_a_missing_column_is_refused_by_name(invented: Invented, fitted: RiskClassifier) -> None:
    with pytest.raises(GateRefused, match=r"missing: ks2_reading\."):
        fitted.predict_proba(invented.X.drop(columns="ks2_reading"))


def test_a_value_missing_for_the_first_time_is_refused_not_scored_as_zero(
    invented: Invented, fitted: RiskClassifier
) -> None:
    gap = invented.X.copy()
    gap.iloc[[2, 5], gap.columns.get_loc("nothing")] = np.nan
    with pytest.raises(GateRefused, match=r"nothing \(2 rows\)") as refused:
        fitted.margin(gap)
    assert "p0000" not in str(refused.value)
    assert np.flatnonzero(fitted.unscorable(gap)).tolist() == [2, 5]
    assert not fitted.unscorable(invented.X).any()  # missing values as in training are scored


def test_lightgbm_alone_would_have_scored_the_gap_as_zero(invented: Invented, fitted: RiskClassifier) -> None:
    gap, zero = invented.X.to_numpy(copy=True), invented.X.to_numpy(copy=True)
    gap[:, 0], zero[:, 0] = np.nan, 0.0
    np.testing.assert_array_equal(
        boosting.mean_margin(fitted.boosters_, gap), boosting.mean_margin(fitted.boosters_, zero)
    )


@pytest.mark.parametrize("use_periods", [True, False])
def test_one_thread_and_two_grow_the_same_trees(invented: Invented, use_periods: bool) -> None:
    periods = invented.rows["period"] if use_periods else None
    one, two = (RiskClassifier(n_seeds=2, num_threads=n).fit(invented.X, invented.y, periods) for n in (1, 2))
    assert [*map(boosting.booster_text, one.boosters_)] == [*map(boosting.booster_text, two.boosters_)]
    assert one.calibrator_ == two.calibrator_
    np.testing.assert_array_equal(one.margin(invented.X), two.margin(invented.X))


def test_the_averaged_boosters_differ_and_another_seed_gives_others(invented: Invented) -> None:
    first, second = (RiskClassifier(n_seeds=2, random_state=s).fit(invented.X, invented.y) for s in (0, 1))
    texts = [boosting.booster_text(booster) for booster in (*first.boosters_, *second.boosters_)]
    assert len(set(texts)) == 4


def test_contributions_add_up_to_the_calibrated_log_odds(invented: Invented, fitted: RiskClassifier) -> None:
    parts = fitted.contributions(invented.X)
    assert parts.shape == (len(invented.X), invented.X.shape[1] + 1)
    np.testing.assert_allclose(parts.sum(axis=1), fitted.decision_function(invented.X), rtol=0, atol=1e-9)
    assert fitted.calibrator_.slope != 1  # else forgetting the slope would go unseen
    assert np.ptp(parts[:, -1]) < 1e-12  # the base is everyone's


def test_probability_is_the_calibrated_log_odds(invented: Invented, fitted: RiskClassifier) -> None:
    log_odds = fitted.calibrator_.intercept + fitted.calibrator_.slope * fitted.margin(invented.X)
    np.testing.assert_allclose(
        fitted.predict_proba(invented.X)[:, 1], 1 / (1 + np.exp(-log_odds)), rtol=0, atol=1e-12
    )


def test_calibration_uses_later_periods_scored_by_earlier_ones(invented: Invented) -> None:
    model = RiskClassifier(n_seeds=1).fit(invented.X, invented.y, invented.rows["period"])
    later = invented.period("2022/23", "2023/24")
    assert model.calibrated_on_ == {"margins": "earlier periods", "n": len(later.y), "events": later.y.sum()}
    one = invented.period("2021/22")
    alone = RiskClassifier(n_seeds=1).fit(one.X, one.y, one.rows["period"])
    assert alone.calibrated_on_ == {"margins": "out of fold", "n": len(one.y), "events": one.y.sum()}


def test_calibration_is_not_fooled_by_rows_the_boosters_have_seen() -> None:
    noise = invent(pupils=150, seed=7, signal=0.0)
    model = RiskClassifier(n_seeds=1, n_estimators=300, learning_rate=0.1).fit(noise.X, noise.y)
    assert roc_auc_score(noise.y, model.margin(noise.X)) > 0.85  # learnt by heart
    assert model.calibrator_.slope < 0.3  # yet worth next to nothing, and the calibrator knows


def test_there_is_no_way_to_weight_classes_or_rows() -> None:
    words = ("weight", "unbalance", "samples", "sampling")
    offered = [*RiskClassifier().get_params(), *inspect.signature(RiskClassifier.fit).parameters]
    assert [name for name in offered if any(w in name for w in words)] == ["min_child_samples"]
    for parameter in ({"class_weight": "balanced"}, {"scale_pos_weight": 9.0}, {"is_unbalance": True}):
        with pytest.raises(WeightsRefused, match="weights move every probability away from what is observed"):
            RiskClassifier(**parameter)
    with pytest.raises(WeightsRefused, match="takes no sample_weight"):
        RiskClassifier().fit(np.zeros((4, 1)), [0, 1, 0, 1], sample_weight=[1, 1, 1, 1])
    with pytest.raises(TypeError, match="unexpected keyword argument 'depth'"):
        RiskClassifier(depth=3)


def test_a_direction_holds_the_trees_to_one_way(invented: Invented) -> None:
    name = str(invented.X.columns[0])
    held = RiskClassifier(n_seeds=1, n_estimators=40, monotonic_cst={name: -1}).fit(invented.X, invented.y)
    free = RiskClassifier(n_seeds=1, n_estimators=40).fit(invented.X, invented.y)
    low, high = invented.X.copy(), invented.X.copy()
    low[name], high[name] = invented.X[name].min(), invented.X[name].max()
    assert (held.margin(high) <= held.margin(low) + 1e-12).all()
    assert (free.margin(high) > free.margin(low) + 1e-12).any()
    again = RiskClassifier.from_json(held.to_json(), held.boosters_)
    np.testing.assert_array_equal(again.decision_function(invented.X), held.decision_function(invented.X))
    with pytest.raises(WrongUsage, match="columns that X has not: absence"):
        RiskClassifier(monotonic_cst={"absence": 1}).fit(invented.X, invented.y)


@pytest.mark.parametrize("y", [[0] * 30, [1] * 30, [0] * 29 + [1]])
def test_one_class_is_refused(y: list[int]) -> None:
    with pytest.raises(TrainingRefused, match="at least two rows of each class") as refused:
        RiskClassifier().fit(np.arange(30.0).reshape(-1, 1), y)
    assert refused.value.exit_code == 4


def test_features_that_say_nothing_give_the_event_rate_to_everyone() -> None:
    model = RiskClassifier(n_seeds=2).fit(np.ones((200, 3)), np.repeat([0, 1], [160, 40]))
    assert model.calibrator_.slope <= 0.0 or np.ptp(model.margin(np.ones((5, 3)))) == 0
    np.testing.assert_allclose(model.predict_proba(np.ones((5, 3)))[:, 1], 0.2, atol=0.01)


def test_frames_with_awkward_names_and_integer_names_are_taken(invented: Invented) -> None:
    awkward = invented.X.set_axis(["a b", "a:b", "a,b", "{a}", "ä", "b"], axis=1)
    model = RiskClassifier(n_seeds=1, n_estimators=20).fit(awkward, invented.y)
    plain = RiskClassifier(n_seeds=1, n_estimators=20).fit(invented.X, invented.y)
    np.testing.assert_array_equal(model.margin(awkward), plain.margin(invented.X))
    numbered = invented.X.set_axis(range(6), axis=1)
    np.testing.assert_array_equal(
        model.boosters_[0].feature_name(),
        [f"{i}_a_b" if i < 3 else n for i, n in enumerate(model.boosters_[0].feature_name())],
    )
    assert RiskClassifier(n_seeds=1, n_estimators=20).fit(numbered, invented.y).names[0] == "column_0"


def test_pandas_text_is_refused_by_scikit_learn(invented: Invented) -> None:
    with pytest.raises(ValueError, match="could not convert string to float"):
        RiskClassifier().fit(invented.X.assign(nothing="yes"), invented.y)


def test_it_works_in_a_pipeline_and_under_cross_validation(invented: Invented) -> None:
    model = make_pipeline(StandardScaler(), RiskClassifier(n_seeds=1, n_estimators=50))
    assert cross_val_score(model, invented.X, invented.y, scoring="roc_auc", cv=3).mean() > 0.65
    assert clone(model[-1]).get_params() == model[-1].get_params()


def test_two_classes_of_any_kind_keep_their_names(invented: Invented) -> None:
    named = np.where(invented.y == 1, "yes", "no")
    model = RiskClassifier(n_seeds=1, n_estimators=20).fit(invented.X, named)
    assert model.classes_.tolist() == ["no", "yes"]
    assert set(model.predict(invented.X)) <= {"no", "yes"}
    assert model.n_events_ == invented.y.sum()


def test_a_fold_does_not_score_what_its_training_could_not() -> None:
    data = invent(pupils=200, seed=5)
    gaps = data.X.copy()
    late = (data.rows["period"] == "2022/23").to_numpy()
    gaps.loc[late & (np.arange(len(gaps)) % 2 == 0), "nothing"] = np.nan
    model = RiskClassifier(n_seeds=1, n_estimators=20).fit(gaps, data.y, data.rows["period"])
    assert model.calibrated_on_["n"] == 100 + 200  # half of the second period, all of the third
    assert pd.notna(model.calibrator_.slope)
