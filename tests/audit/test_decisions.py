"""The panel's decisions by group: audited as a list is, with no pass where nothing can be told."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, selection_rate

from earlywarning.audit import Comparison, FairnessAudit
from earlywarning.audit.comparisons import DECLARED_DECISIONS
from earlywarning.audit.decision_metrics import DECISION_METRICS
from earlywarning.audit.decisions import decisions_audit, precision_apart
from earlywarning.audit.group_audit import GroupAudit
from earlywarning.audit.intervals import jeffreys
from earlywarning.audit.public import DECIDED, public_decisions
from earlywarning.disclosure import TOTAL
from earlywarning.errors import WrongUsage

ASKED = [Comparison("group", "B", metric) for metric in ("supported", "declined", "added")]
SCHOOLS = 20


def pupils(
    seed: int = 1, on_roll: int = 3000, listed: int = 240, times: float = 1.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Everyone on roll, and what a panel decided; group B is supported ``times`` as often, all else equal."""
    draw = np.random.default_rng(seed)
    group = draw.choice(["A", "B", "C"], on_roll, p=[0.5, 0.45, 0.05])
    on = np.arange(on_roll) < listed
    chance = draw.random(on_roll)
    supported = on & (chance < 0.6 * np.where(group == "B", times, 1.0))
    declined = on & (chance > 0.8)
    added = ~on & (draw.random(on_roll) < 0.02)
    marks = pd.DataFrame({"listed": on, "supported": supported, "declined": declined, "nominated": added})
    frame = pd.DataFrame({"group": group, "sex": draw.choice(["F", "M"], on_roll)})
    frame.loc[:99, "sex"] = None
    return marks, frame


def audited(marks: pd.DataFrame, frame: pd.DataFrame, *, resamples: int = 500) -> GroupAudit:
    schools = np.random.default_rng(0).integers(SCHOOLS, size=len(marks))
    return decisions_audit(marks, frame, schools=schools, declared=ASKED, resamples=resamples)


def rows(found: GroupAudit, attribute: str, metric: str) -> pd.DataFrame:
    frame = found.by_group
    return frame[(frame["attribute"] == attribute) & (frame["metric"] == metric)].set_index("group")


def test_counts_add_up_to_everyone_and_values_are_fairlearns() -> None:
    marks, frame = pupils()
    found = decisions_audit(marks, frame, declared=ASKED)
    sums = found.by_group[found.by_group["attribute"] == "sex"].groupby("metric")[["count", "out_of"]].sum()
    assert sums.loc["supported"].tolist() == [marks["supported"].sum(), 240]
    assert sums.loc["added"].tolist() == [marks["nominated"].sum(), 2760]
    listed = found.by_group[found.by_group["metric"] != "added"]
    assert (listed.groupby(["attribute", "group"])["value"].sum().round(9) == 1).all()
    theirs = MetricFrame(
        metrics=selection_rate,
        y_true=marks.loc[marks["listed"], "supported"],
        y_pred=marks.loc[marks["listed"], "supported"],
        sensitive_features=frame.loc[marks["listed"], "group"],
    ).by_group
    ours = rows(found, "group", "supported")
    np.testing.assert_allclose(ours["value"], theirs.reindex(ours.index), rtol=0, atol=1e-12)
    lower, upper = jeffreys(ours["count"], ours["out_of"])
    assert np.allclose(ours["lower"], lower)
    assert np.allclose(ours["upper"], upper)
    assert "not recorded" in set(rows(found, "sex", "added").index)
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_a_panel_that_supports_one_group_half_as_often_is_a_concern() -> None:
    found = audited(*pupils(times=0.5))
    said = found.declared.set_index("metric")
    assert said.loc["supported", "verdict"] == "concern"
    assert said.loc["supported", "difference"] < -0.2
    assert said.loc["declined", "verdict"] != "concern"
    assert found.verdicts["concern"] is True
    exploratory = rows(decisions_audit(*pupils(times=0.5), declared=[]), "group", "supported")
    assert exploratory.loc["B", "verdict"] == "watch"
    assert "exploratory" in exploratory.loc["B", "reason"]


def test_a_planted_bias_is_found_and_without_one_there_is_no_concern() -> None:
    def concerns(seeds: range, times: float) -> int:
        worlds = (pupils(seed, times=times) for seed in seeds)
        return sum(audited(m, f[["group"]], resamples=50).verdicts["concern"] for m, f in worlds)

    assert concerns(range(8), 0.5) >= 7
    assert concerns(range(8, 24), 1.0) <= 1  # longer runs: benchmarks/audit/decided.py


def test_asking_more_makes_a_concern_about_decisions_harder() -> None:
    one = decisions_audit(*pupils(times=0.7, seed=3), declared=ASKED[:1]).declared.iloc[0]
    more = [*ASKED[:1], *(Comparison("absent", str(number), "supported") for number in range(9))]
    crowd = decisions_audit(*pupils(times=0.7, seed=3), declared=more).declared.iloc[0]
    assert crowd["p_adjusted"] == pytest.approx(10 * one["p_adjusted"])


def test_schools_that_differ_make_the_interval_of_decisions_wider() -> None:
    marks, frame = pupils()
    schools = np.arange(len(marks)) % 12
    frame["group"] = np.where(schools < 3, "B", "A")
    own = np.random.default_rng(1).permutation(12)[schools]
    marks["supported"] = marks["listed"] & ~marks["declined"] & (own % 3 > 0)
    alone = decisions_audit(marks, frame, declared=ASKED)
    both = decisions_audit(marks, frame, declared=ASKED, schools=schools)
    assert rows(both, "group", "supported").loc["B", "interval_by"] == "schools"
    assert both.declared.loc[0, "p_adjusted"] > alone.declared.loc[0, "p_adjusted"]
    assert "12 schools" in both.notes[0]


def test_too_few_are_no_pass_and_the_smallest_gap_that_could_be_seen_is_said() -> None:
    marks, frame = pupils(listed=60)
    marks["nominated"] = ~marks["listed"] & (np.arange(len(marks)) < 65)
    found = decisions_audit(marks, frame, declared=ASKED)
    small = rows(found, "group", "supported").loc["C"]
    assert small["verdict"] == "cannot tell"
    assert small["reason"].startswith("listed pupils: ")
    assert small["reason"].endswith("at least 10 needed")
    large = rows(found, "group", "supported").loc["B"]
    assert large["verdict"] == "cannot tell"
    assert f"{100 * large['smallest_visible']:.1f} points" in large["reason"]
    assert set(rows(found, "group", "added")["verdict"]) == {"cannot tell"}
    assert found.verdicts["passed"] == 0
    alone = decisions_audit(marks, pd.DataFrame({"one": ["same"] * len(marks)}), declared=ASKED)
    assert set(alone.by_group["verdict"]) == {"cannot tell"}
    assert alone.by_group["difference"].isna().all()


def test_a_panel_that_decided_nothing_passes_nothing() -> None:
    marks, frame = pupils(listed=2400)
    marks[["supported", "declined", "nominated"]] = False
    found = decisions_audit(marks, frame, declared=ASKED)
    assert set(found.by_group["verdict"]) == {"cannot tell"}
    assert "the same for everybody, 0 of 2,400: nothing to compare" in set(found.by_group["reason"])


def test_a_group_with_nobody_listed_has_no_rate() -> None:
    marks, frame = pupils(listed=100)
    frame.loc[marks["listed"], "group"] = "A"
    nobody = rows(decisions_audit(marks, frame, declared=ASKED), "group", "supported").loc["B"]
    assert nobody[["value", "lower", "upper", "difference"]].isna().all()
    assert (nobody["verdict"], nobody["reason"]) == ("cannot tell", "no pupil in this group was listed")


def test_each_audit_refuses_what_only_the_other_measures() -> None:
    marks, frame = pupils()
    with pytest.raises(WrongUsage, match=r"'recall' is no metric of this audit. Allowed: supported"):
        decisions_audit(marks, frame, declared=[Comparison("group", "B", "recall")])
    with pytest.raises(WrongUsage, match="material names the metric 'recall'"):
        decisions_audit(marks, frame, declared=ASKED, material={"recall": 0.1})
    assert {each.metric for each in DECLARED_DECISIONS} <= {metric.name for metric in DECISION_METRICS}
    assert not issubclass(GroupAudit, FairnessAudit)


def test_what_leaves_the_team_has_no_small_count_and_adds_up_to_everyone() -> None:
    marks, frame = pupils()
    told = public_decisions(marks, frame, fewest=5, rounded_to=5)
    counts = told[[*DECIDED, TOTAL]]
    assert counts.isna().to_numpy().any()
    assert ((counts.fillna(0) == 0) | (counts.fillna(0) >= 5)).all(axis=None)
    everybody = told[told["group"] == TOTAL]
    assert (everybody[TOTAL] == 3000).all()
    assert (everybody["supported"] - marks["supported"].sum() / 240).abs().max() < 0.02
    assert told.loc[told[DECIDED[0]].isna(), "supported"].isna().all()


@pytest.mark.parametrize(
    ("name", "value"),
    [("supported", ~0), ("nominated", 0)],
    ids=["supported off the list", "listed, nominated"],
)
def test_marks_that_contradict_each_other_are_refused(name: str, value: int) -> None:
    marks, frame = pupils()
    marks.loc[len(marks) - 1 if value else 0, name] = True
    with pytest.raises(WrongUsage, match="marks of 1 pupils contradict"):
        decisions_audit(marks, frame)


def test_what_does_not_fit_together_is_refused() -> None:
    marks, frame = pupils()
    with pytest.raises(WrongUsage, match="lack the column nominated"):
        decisions_audit(marks.drop(columns="nominated"), frame)
    with pytest.raises(WrongUsage, match="the same pupils"):
        decisions_audit(marks, frame[:-1])
    with pytest.raises(WrongUsage, match="schools has 2 rows"):
        decisions_audit(marks, frame, schools=["a", "b"])
    event = pd.Series([True, False])
    with pytest.raises(WrongUsage, match="one row for each listed pupil"):
        precision_apart(event, event[:1], event)


def test_supported_pupils_are_counted_apart_whatever_happened_to_them() -> None:
    event = pd.Series([True] * 10 + [False] * 10 + [True] * 5 + [False] * 15)
    supported = pd.Series([False] * 20 + [True] * 20)
    known = pd.Series([True] * 16 + [False] * 4 + [True] * 20)
    found = precision_apart(event, known, supported)
    assert (found.listed, found.supported, found.unknown, found.left, found.events) == (40, 20, 4, 16, 10)
    assert found.value == 10 / 16
    assert found.bounds == (10 / 40, 34 / 40)
    assert found == precision_apart(event & ~supported, known, supported), "their outcome changes nothing"
    lower, upper = jeffreys(10, 16)
    assert found.interval == (float(lower), float(upper))


def test_with_everyone_supported_nothing_can_be_said() -> None:
    everyone = pd.Series([True] * 5)
    found = precision_apart(everyone, everyone, everyone)
    assert (found.value, found.interval, found.bounds) == (None, None, (0.0, 1.0))
    nobody = pd.Series([], dtype=bool)
    assert precision_apart(nobody, nobody, nobody).bounds is None
