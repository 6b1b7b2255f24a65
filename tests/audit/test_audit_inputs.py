"""What an audit refuses, and what it makes of missing values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.attributes import attribute_levels
from earlywarning.audit.fairness import fairness_audit
from earlywarning.audit.inputs import check_inputs
from earlywarning.errors import WrongUsage

FRAME = pd.DataFrame({"sex": ["F", "M", None, "F"], "sen_provision": ["N", "K", "E", "  "]})
GOOD: dict[str, Any] = {
    "y_true": [True, False, True, False],
    "listed": [True, False, False, False],
    "sensitive_features": FRAME,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_true": [True, False]}, "y_true has 2 rows and sensitive_features has 4"),
        ({"listed": [True] * 5}, "listed has 5 rows and sensitive_features has 4"),
        ({"score": [0.1] * 3}, "score has 3 rows"),
        ({"clusters": ["p1"]}, "clusters has 1 rows"),
        ({"y_true": [2, 0, 1, 0]}, "y_true has 1 values other than true and false"),
        ({"listed": [True, None, False, False]}, "listed has 1 values other than true and false"),
        ({"score": [0.1, 1.2, np.nan, -0.3]}, "score has 2 values outside 0 to 1"),
        ({"listed": pd.Series([True, False, False, False], index=[3, 2, 1, 0])}, "not the same index"),
        ({"pairs": [("sex", "ethnicty")]}, "'ethnicty', which is not a column; allowed: sex, sen_provision"),
        ({"schools": ["s1"] * 3}, "schools has 3 rows"),
        ({"ranking": [0.1] * 5}, "ranking has 5 rows"),
        ({"lists": ["213"]}, "lists has 1 rows"),
        ({"listed": [True] * 9}, "listed has 9 rows and sensitive_features has 4"),
        ({"level": 95}, "level is 95; give the share of an interval, such as 0.95"),
        ({"material": {"recall": -1}}, "material: recall is -1"),
        ({"sensitive_features": FRAME[[]]}, "at least one pupil and one attribute"),
        ({"sensitive_features": FRAME[:0], "y_true": [], "listed": []}, "at least one pupil"),
    ],
)
def test_wrong_input_is_refused_with_its_reason(change: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongUsage, match=message):
        fairness_audit(**(GOOD | change))


def test_a_value_of_a_pupil_is_never_in_the_message() -> None:
    with pytest.raises(WrongUsage) as refused:
        fairness_audit(**(GOOD | {"score": [0.1, 1.23456, 0.2, 0.3]}))
    assert "1.23456" not in str(refused.value)


def test_unknown_outcomes_come_from_missing_values_or_from_a_mask() -> None:
    by_missing = check_inputs([True, None, 0, 1], [1, 0, 0, 0], FRAME, None, None, None, ())
    assert by_missing.known.tolist() == [True, False, True, True]
    by_mask = check_inputs([1, 1, 0, 1], [1, 0, 0, 0], FRAME, None, None, [True, False, True, True], ())
    assert by_mask.y.tolist() == by_missing.y.tolist() == [True, False, False, True]


def test_a_pupil_without_a_score_is_missed_by_the_list_and_not_expected() -> None:
    y, score = [True, None, 0, 1], [0.2, np.nan, 0.1, np.nan]
    marks = check_inputs(y, [1, 0, 0, 0], FRAME, score, None, None, ()).marks()
    assert marks["expected"].tolist() == [0.2, 0.0, 0.1, 0.0]
    assert marks["scored_positives"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert marks["positives"].tolist() == [1.0, 0.0, 0.0, 1.0]


def test_missing_and_empty_attributes_are_a_group_of_their_own() -> None:
    levels = attribute_levels(FRAME.astype("category"))
    assert levels["sex"].tolist() == ["F", "M", "not recorded", "F"]
    assert levels["sen_provision"].tolist() == ["N", "K", "E", "not recorded"]


UNDEFINED = ["value", "lower", "upper", "difference", "difference_lower", "difference_upper", "ratio"]


def test_an_attribute_that_is_missing_for_everyone_is_one_group_that_cannot_be_told() -> None:
    frame = pd.DataFrame({"sex": [None] * 60})
    audit = fairness_audit([True] * 30 + [False] * 30, [True, False] * 30, frame, score=[0.5] * 60).by_group
    assert set(audit["group"]) == {"not recorded"}
    assert set(audit["verdict"]) == {"cannot tell"}
    assert set(audit["reason"]) == {"only one group: no one to compare with"}
    assert audit[["difference", "ratio", "smallest_visible"]].isna().all().all()


def test_no_positives_at_all_are_undefined_with_the_reason() -> None:
    frame = pd.DataFrame({"sex": ["F", "M"] * 60})
    listed, schools = [True, False, False] * 40, ["a", "b", "c", "d"] * 30
    audit = fairness_audit([False] * 120, listed, frame, score=[0.0] * 120, schools=schools)
    by_metric = audit.by_group.set_index("metric")
    for name in ("recall", "recall_implied", "observed_over_expected", "mean_rank"):
        assert by_metric.loc[name, UNDEFINED].isna().all().all()
        assert set(by_metric.loc[name, "verdict"]) == {"cannot tell"}
    assert set(by_metric.loc["recall", "reason"]) == {"no pupil in this group had the event"}
    assert set(by_metric.loc["observed_over_expected", "reason"]) == {"no event was expected in this group"}
    assert "nan" not in audit.to_html().lower().replace("governance", "")


def test_an_unknown_code_is_a_group_of_its_own_and_nobody_is_lost() -> None:
    frame = pd.DataFrame({"ethnicity": ["WBRI"] * 60 + ["BCRB"] * 59 + ["??9"]})
    audit = fairness_audit([True, False] * 60, [True, False, False] * 40, frame)
    selected = audit.by_group.query("metric == 'selection_rate'").set_index("group")
    assert selected["n"].to_dict() == {"??9": 1, "BCRB": 59, "WBRI": 60}
    assert selected.loc["??9", "verdict"] == "cannot tell"
    assert "??9" in audit.to_html()


def test_everyone_on_the_list_leaves_nobody_to_have_missed() -> None:
    frame = pd.DataFrame({"sex": ["F", "M"] * 60})
    audit = fairness_audit([True, False] * 60, [True] * 120, frame).by_group.set_index("metric")
    assert set(audit.loc["false_omission_rate", "reason"]) == {"every pupil in this group was listed"}
    assert audit.loc["false_omission_rate", "value"].isna().all()
    assert (audit.loc["selection_rate", "value"] == 1).all()


def test_ranks_are_within_each_list_and_who_has_no_score_is_last() -> None:
    frame = pd.DataFrame({"sex": ["F"] * 6})
    inputs = check_inputs(
        [1, 0, 1, 0, 1, 0],
        [1, 0, 0, 1, 0, 0],
        frame,
        [0.9, 0.5, np.nan, 0.2, 0.1, 0.1],
        None,
        None,
        (),
        lists=["a", "a", "a", "b", "b", "b"],
    )
    assert inputs.place is not None
    np.testing.assert_allclose(inputs.place, np.array([0.5, 1.5, 2.5, 0.5, 2, 2]) / 3)
    assert inputs.drawn.tolist() == [1, 0, 0, 1, 0, 0]
    two = check_inputs([0] * 3, [1, 0, 1], frame[:3], [0.5, 0.2, 0.2], None, None, ())
    assert two.drawn.tolist() == [1, 0.5, 0.5]
