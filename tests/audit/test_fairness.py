"""The audit against Fairlearn, on small cases worked by hand, and where nothing can be told."""

from __future__ import annotations

import json
from typing import Any

import fairlearn.metrics as fm
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import precision_score

from earlywarning.audit.compare import count_groups
from earlywarning.audit.fairness import FairnessAudit, fairness_audit
from earlywarning.audit.intervals import jeffreys
from earlywarning.audit.metrics import COUNTS, METRICS

COLUMNS = [
    *("attribute", "group", "metric", "n", "positives", "value", "lower", "upper"),
    *("difference", "difference_lower", "difference_upper", "verdict"),
]


def cohort(n: int, seed: int = 3) -> dict[str, Any]:
    """A list of a tenth of n pupils by a calibrated score, with unequal groups and unknown outcomes."""
    rng = np.random.default_rng(seed)
    score = rng.beta(0.6, 5, n)
    y = rng.random(n) < score
    return {
        "y_true": y,
        "listed": score >= np.quantile(score, 0.9),
        "score": score,
        "known": rng.random(n) < 0.95,
        "sensitive_features": pd.DataFrame(
            {
                "ethnicity": rng.choice(["WBRI", "BCRB", "ABAN", ""], n, p=[0.6, 0.2, 0.15, 0.05]),
                "sen_provision": rng.choice(["N", "K", "E"], n, p=[0.8, 0.15, 0.05]),
            }
        ),
    }


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return cohort(4000)


@pytest.fixture(scope="module")
def audit(data: dict[str, Any]) -> FairnessAudit:
    return fairness_audit(**data, pairs=[("ethnicity", "sen_provision")])


def rows(audit: FairnessAudit, attribute: str, metric: str) -> pd.DataFrame:
    frame = audit.by_group
    return frame[(frame["attribute"] == attribute) & (frame["metric"] == metric)].set_index("group")


def test_the_frame_has_the_columns_it_promises(audit: FairnessAudit) -> None:
    assert [name for name in audit.by_group.columns if name in COLUMNS] == COLUMNS
    assert audit.by_group.notna()[["n", "positives", "verdict", "reason"]].all().all()


@pytest.mark.parametrize("attribute", ["ethnicity", "sen_provision"])
def test_values_equal_fairlearns_where_both_are_defined(
    audit: FairnessAudit, data: dict[str, Any], attribute: str
) -> None:
    known, levels = data["known"], data["sensitive_features"][attribute].replace("", "not recorded")
    theirs = fm.MetricFrame(
        metrics={
            "recall": fm.true_positive_rate,
            "false_positive_rate": fm.false_positive_rate,
            "precision": precision_score,
            "false_omission_rate": lambda y, listed: 1 - precision_score(y, listed, pos_label=0),
        },
        y_true=data["y_true"][known],
        y_pred=data["listed"][known],
        sensitive_features=levels[known],
    ).by_group
    theirs["selection_rate"] = fm.MetricFrame(
        metrics=fm.selection_rate,
        y_true=data["y_true"],
        y_pred=data["listed"],
        sensitive_features=levels,
    ).by_group
    for metric in theirs.columns:
        ours = rows(audit, attribute, metric)["value"]
        np.testing.assert_allclose(ours, theirs[metric].reindex(ours.index), rtol=0, atol=1e-12)


def test_every_value_is_its_count_over_its_denominator(audit: FairnessAudit) -> None:
    told = audit.by_group.dropna(subset=["value"])
    np.testing.assert_allclose(told["value"], told["count"] / told["out_of"], rtol=0, atol=1e-12)
    assert (told["lower"] <= told["value"]).all()
    assert (told["value"] <= told["upper"]).all()
    inside = told.dropna(subset=["difference"])
    assert (inside["difference_lower"] <= inside["difference"]).all()
    assert (inside["difference"] <= inside["difference_upper"]).all()


def test_groups_of_every_attribute_add_up_to_the_cohort(audit: FairnessAudit, data: dict[str, Any]) -> None:
    totals = audit.by_group.groupby(["attribute", "metric"])[["n", "positives", "count"]].sum()
    everyone = audit.overall.set_index("metric")
    for metric in everyone.index:
        for attribute in ("ethnicity", "sen_provision", "ethnicity × sen_provision"):
            assert totals.loc[(attribute, metric)].tolist() == [
                everyone.loc[metric, name] for name in ("n", "positives", "count")
            ]
    assert everyone.loc["selection_rate", "n"] == 4000
    assert everyone.loc["recall", "n"] == data["known"].sum()


def test_counts_that_do_not_add_up_stop_the_audit() -> None:
    marks = pd.DataFrame({name: np.ones(3) for name in COUNTS})
    with pytest.raises(ArithmeticError, match="'sex' do not add up"):
        count_groups(marks, pd.Series(["F", None, "M"], name="sex"))


def test_each_metric_is_over_the_pupils_it_should_be() -> None:
    audit = fairness_audit(
        y_true=[True, True, False, False, None, None, True],
        listed=[True, False, False, True, True, True, False],
        sensitive_features=pd.DataFrame({"sex": ["F"] * 7}),
        score=[0.5, 0.5, 0.25, 0.25, 0.9, 0.9, np.nan],
    )
    everyone = audit.overall.set_index("metric")
    assert everyone["n"].to_dict() == {
        "observed_over_expected": 4,
        "recall": 5,
        "selection_rate": 7,
        "false_positive_rate": 5,
        "precision": 5,
        "recall_implied": 4,
        "false_omission_rate": 5,
        "mean_rank": 5,
    }
    assert everyone["value"].to_dict() == {
        "observed_over_expected": pytest.approx(2 / 1.5),
        "recall": pytest.approx(1 / 3),
        "selection_rate": pytest.approx(4 / 7),
        "false_positive_rate": 0.5,
        "precision": 0.5,
        # four places, drawn by the score: both at 0.9, whose outcomes are not known, and both at 0.5
        "recall_implied": pytest.approx(1 / 1.5),
        "false_omission_rate": pytest.approx(2 / 3),
        # third and fourth are equal; who has no score is last
        "mean_rank": pytest.approx((3 + 3 + 6.5) / 3 / 7),
    }


def test_no_positives_is_no_recall_although_fairlearn_says_nought() -> None:
    y = [True] * 20 + [False] * 100
    listed = [True, False] * 60
    frame = pd.DataFrame({"sex": ["F"] * 70 + ["M"] * 50})
    assert (
        fm.true_positive_rate(np.array(y[70:], dtype=int), np.array(listed[70:], dtype=int), pos_label=1) == 0
    )
    male = rows(fairness_audit(y, listed, frame), "sex", "recall").loc["M"]
    assert np.isnan(male[["value", "lower", "upper", "difference", "difference_lower"]].astype(float)).all()
    assert (male["verdict"], male["reason"]) == ("cannot tell", "no pupil in this group had the event")


def test_other_undefined_values_have_their_reasons() -> None:
    y = [True] * 40 + [False] * 40
    listed = [True] * 20 + [False] * 60
    audit = fairness_audit(y, listed, pd.DataFrame({"sex": ["F"] * 40 + ["M"] * 40}))
    precision, fpr = rows(audit, "sex", "precision"), rows(audit, "sex", "false_positive_rate")
    assert precision.loc["M", "reason"] == "no pupil in this group was listed"
    assert fpr.loc["F", "reason"] == "every pupil in this group had the event"
    assert precision["value"].isna().to_dict() == {"F": False, "M": True}
    assert fpr["value"].isna().to_dict() == {"F": True, "M": False}
    ratio = rows(audit, "sex", "observed_over_expected")
    assert set(ratio["reason"]) == {"no calibrated score was given, and a rule has none"}
    assert ratio["value"].isna().all()


def test_small_groups_cannot_be_told_whatever_they_show() -> None:
    frame = pd.DataFrame({"sex": ["F"] * 9 + ["M"] * 200})
    y = [True] * 9 + [True] * 50 + [False] * 150
    audit = fairness_audit(y, y, frame)
    recall = rows(audit, "sex", "recall")
    assert recall.loc["F", "value"] == 1.0
    assert recall.loc["F", "reason"] == "pupils with the event: 9, at least 10 needed"
    # and the others cannot be compared with a group that small either
    assert recall.loc["M", "verdict"] == "cannot tell"
    listed = [False] + [True] * 8 + [False] * 5 + y[14:]
    fewer = rows(fairness_audit(y, listed, frame, min_positives=9), "sex", "recall")
    assert fewer["reason"].str.startswith("too few to have seen a gap of 5.0 points").all()


def test_one_group_only_has_values_and_nothing_to_compare() -> None:
    data = cohort(500)
    data["sensitive_features"] = pd.DataFrame({"sex": ["F"] * 500})
    only = fairness_audit(**data).by_group
    assert only["value"].notna().all()
    assert only["difference"].isna().all()
    assert set(only["reason"]) == {"only one group: no one to compare with"}


def test_no_positives_at_all_and_nothing_known() -> None:
    frame = pd.DataFrame({"sex": ["F", "M"] * 50})
    listed = [True] * 40 + [False] * 60
    none = fairness_audit([False] * 100, listed, frame, score=[0.0] * 100).by_group
    undefined = none[none["metric"].isin(["recall", "observed_over_expected"])]
    assert undefined["value"].isna().all()
    assert set(undefined["verdict"]) == {"cannot tell"}
    unknown = fairness_audit([None] * 100, listed, frame).by_group
    assert unknown[unknown["metric"] != "selection_rate"]["value"].isna().all()
    assert unknown[unknown["metric"] == "selection_rate"]["value"].notna().all()


def test_the_difference_is_from_all_the_others(audit: FairnessAudit) -> None:
    recall = rows(audit, "sen_provision", "recall")[["count", "out_of", "difference"]].astype(float)
    others = recall.drop(index="K").sum()
    own = recall.loc["K"]
    assert own["difference"] == pytest.approx(
        own["count"] / own["out_of"] - others["count"] / others["out_of"]
    )


def test_a_planted_gap_is_outside_its_interval() -> None:
    planted = cohort(6000)
    group = np.where(np.random.default_rng(1).random(6000) < 0.3, "A", "B")
    planted["sensitive_features"] = pd.DataFrame({"group": group})
    planted["score"] = np.where(group == "A", planted["score"] / 1.5, planted["score"])
    gap = rows(fairness_audit(**planted), "group", "observed_over_expected").loc["A"]
    assert gap["difference_lower"] > 0.1


def test_three_copies_of_a_term_say_no_more_than_one() -> None:
    data = cohort(800)
    once = fairness_audit(**data, clusters=np.arange(800)).by_group
    thrice: dict[str, Any] = {
        name: np.tile(values, 3) for name, values in data.items() if name != "sensitive_features"
    }
    thrice["sensitive_features"] = pd.concat([data["sensitive_features"]] * 3, ignore_index=True)
    pooled = fairness_audit(**thrice, clusters=np.tile(np.arange(800), 3)).by_group
    plain = fairness_audit(**data).by_group
    for name in ("value", "lower", "upper", "difference_lower", "difference_upper"):
        np.testing.assert_allclose(pooled[name], once[name], rtol=1e-9)
        np.testing.assert_allclose(plain[name], once[name], rtol=0, atol=0)
    assert (pooled["verdict"] == once["verdict"]).all()
    careless = fairness_audit(**thrice).by_group
    assert (careless["upper"] - careless["lower"]).sum() < (once["upper"] - once["lower"]).sum() * 0.7


def test_the_order_of_pupils_does_not_matter(data: dict[str, Any]) -> None:
    order = np.random.default_rng(0).permutation(4000)
    shuffled: dict[str, Any] = {
        name: values[order] for name, values in data.items() if name != "sensitive_features"
    }
    shuffled["sensitive_features"] = data["sensitive_features"].iloc[order].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        fairness_audit(**shuffled).by_group, fairness_audit(**data).by_group, check_exact=False, rtol=1e-12
    )


def test_it_is_ready_for_json_with_null_for_undefined() -> None:
    audit = fairness_audit([True, False, None], [True, False, False], pd.DataFrame({"sex": ["F", "M", "M"]}))
    read = json.loads(json.dumps(audit.to_dict(), allow_nan=False))
    recall = {row["group"]: row for row in read["by_group"] if row["metric"] == "recall"}
    assert recall["M"]["value"] is None
    assert recall["F"]["value"] == 1.0
    assert recall["F"]["n"] == 1
    assert read["floors"] == {"positives": 10, "pupils": 30}
    assert len(read["overall"]) == len(METRICS)


def test_the_level_reaches_the_intervals(data: dict[str, Any]) -> None:
    wide = fairness_audit(**data, level=0.99)
    recall = rows(wide, "sen_provision", "recall").loc["N"]
    lower, upper = jeffreys([recall["count"]], [recall["out_of"]], 0.99)
    assert (recall["lower"], recall["upper"]) == (lower[0], upper[0])
    assert wide.to_dict()["level"] == 0.99


def test_no_verdict_is_ever_a_pass(audit: FairnessAudit) -> None:
    assert set(audit.by_group["verdict"]) <= {"cannot tell", "no sign", "watch", "not judged"}
    assert audit.verdicts["passed"] == audit.verdicts["counts"]["no sign"]
    said = (audit.summary() + audit.to_html()).lower()
    assert not any(word in said for word in ("no disparity", "unbiased", "passed", "is fair", "shown"))
