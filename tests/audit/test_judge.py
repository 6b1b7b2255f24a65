"""Verdicts: what was declared, what is material, what could have been seen, and what never passes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit import Comparison, FairnessAudit, fairness_audit
from earlywarning.audit.comparisons import DECLARED, holm, material_gaps
from earlywarning.audit.metrics import BY_NAME
from earlywarning.audit.verdict import smallest_visible, verdict
from earlywarning.errors import WrongUsage

OE, RECALL = BY_NAME["observed_over_expected"], BY_NAME["recall"]
N = 4_000


def pupils(times: float = 1.0, seed: int = 0) -> dict[str, Any]:
    """A calibrated list of a tenth, but in group A, where ``times`` as many events come."""
    rng = np.random.default_rng(seed)
    score, group = rng.beta(0.6, 5, N), rng.choice(["A", "B"], N, p=[0.2, 0.8])
    y = rng.random(N) < np.minimum(score * np.where(group == "A", times, 1.0), 1)
    return {
        "y_true": y,
        "listed": score >= np.quantile(score, 0.9),
        "score": score,
        "sensitive_features": pd.DataFrame({"group": group}),
    }


def audited(times: float = 1.0, metric: str = "observed_over_expected", **more: Any) -> FairnessAudit:
    return fairness_audit(**(pupils(times) | more), declared=[Comparison("group", "A", metric)])


@pytest.mark.parametrize(
    ("gap", "seen", "visible", "p_adjusted", "said"),
    [
        (1.6, True, 1.2, 0.01, "concern"),
        (1 / 1.6, True, 1.2, 0.01, "concern"),
        (1.6, True, 1.2, 0.2, "watch"),
        (1.6, True, 1.2, None, "watch"),
        (1.1, True, 1.2, 0.01, "no sign"),
        (1.1, False, 1.2, 1.0, "no sign"),
        (1.1, False, 1.3, 1.0, "cannot tell"),
        (1.6, False, 1.9, 1.0, "cannot tell"),
        (1.6, False, 1.2, 1.0, "cannot tell"),
        (1.1, False, np.nan, 1.0, "cannot tell"),
        (0.0, False, np.nan, 1.0, "cannot tell"),
        (np.nan, False, np.nan, 1.0, "cannot tell"),
    ],
)
def test_the_verdict_follows_from_gap_interval_and_what_could_be_seen(
    gap: float, seen: bool, visible: float, p_adjusted: float | None, said: str
) -> None:
    told, why = verdict(OE, gap=gap, seen=seen, visible=visible, material=1.25, p_adjusted=p_adjusted)
    assert told == said
    assert why


def test_cannot_tell_says_the_smallest_gap_that_could_have_been_seen() -> None:
    told, why = verdict(RECALL, gap=0.02, seen=False, visible=0.231, material=0.1, p_adjusted=1.0)
    assert told == "cannot tell"
    assert "23.1 points" in why
    assert smallest_visible(OE, np.array([0.0]), np.array([3.0]), 0.95)[0] != 0
    assert np.isnan(smallest_visible(OE, np.array([0.0]), np.array([3.0]), 0.95)[0])
    ratio = smallest_visible(OE, np.array([1 / 1.5]), np.array([1.5]), 0.95)[0]
    assert ratio == pytest.approx(np.exp(2.8 / 1.96 * np.log(1.5)), rel=1e-3)


def test_a_planted_ratio_is_a_concern_where_it_was_declared_and_else_to_watch() -> None:
    audit = audited(1.5)
    (row,) = audit.declared.to_dict("records")
    assert (row["verdict"], row["declared"]) == ("concern", True)
    assert row["ratio_lower"] > 1
    assert audit.verdicts["concern"] is True
    undeclared = fairness_audit(**pupils(1.5), declared=[])
    assert not (undeclared.by_group["verdict"] == "concern").any()
    frame = undeclared.by_group.query("group == 'A' and metric == 'observed_over_expected'")
    assert frame["verdict"].tolist() == ["watch"]
    assert "exploratory" in frame["reason"].iloc[0]
    assert "more than exploratory" in undeclared.to_html()


def test_a_calibrated_score_shows_no_sign_where_a_material_gap_would_have_been_seen() -> None:
    audit = audited(1.0, material={"observed_over_expected": 1.5})
    assert audit.declared["verdict"].tolist() == ["no sign"]
    assert audit.verdicts == audit.verdicts | {"passed": 1, "concern": False}


def test_cannot_tell_is_never_a_pass() -> None:
    absent = [
        Comparison("group", "Z", "recall"),
        Comparison("elsewhere", "A", "recall"),
        Comparison("group", "A", "precision"),
    ]
    nobody = pupils() | {"listed": np.zeros(N, dtype=bool)}
    audit = fairness_audit(**nobody, declared=absent)
    assert audit.declared["verdict"].tolist() == ["cannot tell"] * 3
    assert audit.declared["reason"].tolist() == [
        "no pupil was in this group",
        "this attribute was not given",
        "no pupil in this group was listed",
    ]
    assert audit.declared["p_adjusted"].tolist() == [1.0] * 3
    assert audit.verdicts["passed"] == 0
    assert audit.verdicts["counts"]["cannot tell"] == 3
    assert json.dumps(audit.verdicts, allow_nan=False)
    assert "Nothing can be told" in audit.to_html()


def test_asking_more_makes_a_concern_harder() -> None:
    one = Comparison("group", "A", "observed_over_expected")
    given = pupils(1.35, seed=4) | {"material": {OE.name: 1.01}}
    p = fairness_audit(**given, declared=[one]).declared["p_adjusted"].iloc[0]
    assert 0 < p < 0.05
    many = int(0.06 / p) + 1
    more = [one, *(Comparison("absent", str(number), "recall") for number in range(1, many))]
    crowd = fairness_audit(**given, declared=more).declared.iloc[0]
    assert crowd["p_adjusted"] == pytest.approx(p * many)
    assert crowd["verdict"] == "watch"


def test_the_p_value_and_the_interval_say_the_same() -> None:
    for times in (0.8, 1.12):
        row = audited(times).declared.iloc[0]
        outside = row["difference_lower"] > 0 or row["difference_upper"] < 0
        assert outside == (row["p_adjusted"] < 0.05)
        assert outside == (row["ratio_lower"] > 1 or row["ratio_upper"] < 1)


def test_recall_is_judged_from_where_right_scores_would_leave_it() -> None:
    rng = np.random.default_rng(2)
    group = rng.choice(["A", "B"], N, p=[0.3, 0.7])
    score = np.where(group == "A", rng.beta(1, 3, N), rng.beta(0.6, 8, N))
    right: dict[str, Any] = {
        "y_true": rng.random(N) < score,
        "listed": score >= np.quantile(score, 0.9),
        "score": score,
        "sensitive_features": pd.DataFrame({"group": group}),
        "declared": [Comparison("group", "A", "recall")],
        "material": {"recall": 0.1},
    }
    row = fairness_audit(**right).declared.iloc[0]
    assert row["difference_lower"] > 0.1  # groups with different rates must differ
    assert row["verdict"] == "no sign"
    assert row["implied_difference"] == pytest.approx(row["difference"], abs=0.06)
    assert "where scores worth the same in every group would leave it" in row["reason"]
    # Half of A taken off a list that is otherwise drawn by the score: what is implied does not follow it.
    fewer = right | {"listed": right["listed"] & ~((group == "A") & (rng.random(N) < 0.5))}
    assert fairness_audit(**fewer).declared["verdict"].tolist() == ["concern"]
    # Without a score nothing is implied: the gap itself is judged.
    without = {name: value for name, value in right.items() if name != "score"}
    bare = fairness_audit(**without).declared.iloc[0]
    assert (bare["verdict"], bare["implied_difference"]) == ("concern", 0.0)


def test_what_the_scores_promise_is_beside_and_not_judged() -> None:
    frame = audited().by_group
    assert set(frame.loc[frame["metric"] == "recall_implied", "verdict"]) == {"not judged"}
    with pytest.raises(WrongUsage, match="'recall_implied', which is not known"):
        Comparison("group", "A", "recall_implied")


def test_holm_is_holms() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).tolist() == []
    assert holm([0.9, 1.0]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"recal": 0.1}, "Did you mean 'recall'?"),
        ({"recall": 0.0}, "give a difference above 0"),
        ({"observed_over_expected": 0.8}, "give a ratio above 1"),
        ({"recall": float("nan")}, "give a difference above 0"),
    ],
)
def test_a_material_gap_that_is_none_is_refused(given: dict[str, float], message: str) -> None:
    with pytest.raises(WrongUsage, match=message.replace("?", r"\?")):
        material_gaps(given)


def test_what_is_declared_is_about_ten_and_each_once() -> None:
    assert 8 <= len(DECLARED) == len(set(DECLARED)) <= 12
    with pytest.raises(WrongUsage, match="twice"):
        fairness_audit(**pupils(), declared=[*DECLARED, DECLARED[0]])
