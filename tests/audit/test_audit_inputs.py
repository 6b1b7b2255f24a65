"""What an audit refuses, and what it makes of missing values."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.fairness import fairness_audit
from earlywarning.audit.inputs import attribute_levels, check_inputs
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
