"""Whatever the audit is given: the same numbers, what is undefined with its reason, or a refusal in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from earlywarning.audit import Comparison, fairness_audit
from earlywarning.audit.attributes import attribute_levels
from earlywarning.errors import WrongUsage

Y, LISTED = [True, False] * 100, [True, False, False, False] * 50
SEX = pd.DataFrame({"sex": ["F", "M", "M", "F"] * 50})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_true": np.array(Y)[:, None]}, r"y_true is of shape \(200, 1\)"),
        ({"y_true": (each for each in Y)}, "y_true is generator"),
        ({"listed": None}, "listed is NoneType"),
        ({"listed": LISTED * 2}, "listed has 400 rows and sensitive_features has 200"),
        ({"score": ["high"] * 200}, "score has values that are no numbers"),
        ({"sensitive_features": ["F"] * 200}, "sensitive_features is list: give a DataFrame"),
        ({"sensitive_features": {"a": ["F"] * 200, "b": ["F"]}}, "columns of different lengths"),
        ({"sensitive_features": pd.concat([SEX, SEX], axis=1)}, "more than one column sex"),
        ({"sensitive_features": pd.DataFrame({"age": np.arange(1001.0)})}, "rows and sensitive_features"),
        ({"pairs": [("sex", "sex")]}, "not a pair of two attributes"),
        ({"pairs": [("sex", "sen", "fsm")]}, "not a pair of two attributes"),
        ({"declared": ["sex:F:recall"]}, "write Comparison"),
        ({"min_positives": 0}, "whole numbers from 1 up"),
        ({"resamples": 0}, "whole numbers from 1 up"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(change: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongUsage, match=message):
        fairness_audit(**({"y_true": Y, "listed": LISTED, "sensitive_features": SEX} | change))


def test_too_many_groups_and_a_pair_named_twice_are_refused() -> None:
    with pytest.raises(WrongUsage, match="'age' has 1,001 groups, at most 1,000"):
        attribute_levels(pd.DataFrame({"age": np.arange(1001.0)}))
    both = SEX.assign(sen="N")
    with pytest.raises(WrongUsage, match="give each pair once"):
        attribute_levels(both, [("sex", "sen"), ("sex", "sen")])


@pytest.mark.parametrize(
    "as_given",
    [
        np.asarray,
        list,
        tuple,
        pd.Series,
        pl.Series,
        pa.array,
        pd.Categorical,
        lambda values: np.asarray(values, dtype=int),
        lambda values: np.asarray(values, dtype=float),
        lambda values: np.asarray(values, dtype=object),
        lambda values: pd.array(values, dtype="boolean"),
        lambda values: pd.array(values, dtype="Int64"),
    ],
)
def test_however_a_column_is_given_the_audit_is_the_same(as_given: Callable[[list[bool]], Any]) -> None:
    plain = fairness_audit(Y, LISTED, SEX).by_group
    pd.testing.assert_frame_equal(fairness_audit(as_given(Y), as_given(LISTED), SEX).by_group, plain)


def test_however_attributes_are_given_the_audit_is_the_same() -> None:
    plain = fairness_audit(Y, LISTED, SEX).by_group
    unused = pd.DataFrame({"sex": pd.Categorical(SEX["sex"], categories=["F", "M", "X"])})
    for given in (
        pl.DataFrame({"sex": SEX["sex"].tolist()}),
        {"sex": SEX["sex"].tolist()},
        SEX["sex"],
        unused,
    ):
        pd.testing.assert_frame_equal(fairness_audit(Y, LISTED, given).by_group, plain)  # type: ignore[arg-type]


def test_nobody_or_everybody_listed_is_no_pass() -> None:
    for listed in ([False] * 200, [True] * 200):
        audit = fairness_audit(Y, listed, SEX)
        assert set(audit.by_group["verdict"]) == {"cannot tell"}
        assert (audit.by_group["reason"] != "").all()
        assert audit.verdicts["passed"] == 0


def test_two_hundred_rows_of_one_pupil_tell_nothing() -> None:
    one = fairness_audit(Y, LISTED, SEX, clusters=[0] * 200, declared=[]).by_group
    assert set(one["verdict"]) == {"cannot tell"}
    recall = one[one["metric"] == "recall"]
    assert set(recall["reason"]) == {"pupils with the event: 1, at least 10 needed"}
    few = fairness_audit(Y, LISTED, SEX, clusters=np.arange(200) % 9, declared=[]).by_group
    assert set(few["verdict"]) == {"cannot tell"}  # nine pupils, however many rows they have


def test_three_attributes_crossed_and_a_group_of_one_add_up() -> None:
    rng = np.random.default_rng(0)
    three = pd.DataFrame({name: rng.choice(["a", "b"], 200) for name in ("x", "y", "z")})
    three["all"] = three["x"] + three["y"] + three["z"]
    three.loc[0, "x"] = "alone"
    found = fairness_audit(Y, LISTED, three, pairs=[("x", "y"), ("x", "z"), ("y", "z")], declared=[])
    sums = found.by_group.groupby(["attribute", "metric"])[["n", "positives"]].sum()
    totals = found.overall.set_index("metric")[["n", "positives"]]
    for attribute in ("x", "all", "x × z"):
        pd.testing.assert_frame_equal(sums.loc[attribute], totals.sort_index(), check_names=False)
    alone = found.by_group.query("attribute == 'x' and group == 'alone'")
    assert set(alone["verdict"]) == {"cannot tell"}


def test_an_attribute_that_nobody_has_is_said_and_fails_nothing() -> None:
    frame = SEX.assign(fsm_eligible=None, eal=["yes", "no"] * 100)
    asked = [Comparison("fsm_eligible", "yes", "recall")]
    audit = fairness_audit(Y, LISTED, frame, declared=asked)
    assert audit.declared["reason"].tolist() == ["no pupil was in this group"]
    assert audit.declared["verdict"].tolist() == ["cannot tell"]
    assert "Recorded for nobody, so nothing can be said by it: free school meals." in audit.notes
    undated = "As recorded on the extract's day, not on the day of each list: sex, first language"
    assert audit.notes[-1].startswith(undated)
    assert "Recorded for nobody" in audit.to_html()
