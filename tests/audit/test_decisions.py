"""The panel's decisions by group: counts that add up, intervals, and no pass where nothing can be told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.decisions import RATES, decisions_audit, precision_apart
from earlywarning.audit.intervals import jeffreys
from earlywarning.errors import WrongUsage

RATES_OF = {rate.name: rate for rate in RATES}


def pupils(
    seed: int = 1, on_roll: int = 3000, listed: int = 240, bias: float = 0.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Everyone on roll, and what a panel decided; ``bias`` is taken off the chance of support of group B."""
    draw = np.random.default_rng(seed)
    group = draw.choice(["A", "B", "C"], on_roll, p=[0.5, 0.45, 0.05])
    on = np.arange(on_roll) < listed
    chance = draw.random(on_roll)
    supported = on & (chance < 0.5 - bias * (group == "B"))
    declined = on & (chance > 0.8)
    added = ~on & (draw.random(on_roll) < 0.02)
    marks = pd.DataFrame({"listed": on, "supported": supported, "declined": declined, "nominated": added})
    frame = pd.DataFrame({"group": group, "sex": draw.choice(["F", "M"], on_roll)})
    frame.loc[:99, "sex"] = None
    return marks, frame


def test_counts_add_up_to_everyone_and_values_are_counts_over_counts() -> None:
    marks, frame = pupils()
    found = decisions_audit(marks, frame)
    for _, rows in found.groupby(["attribute", "rate"]):
        assert rows["n"].sum() == len(marks)
    sums = found[found["attribute"] == "group"].groupby("rate")[["count", "out_of"]].sum()
    assert sums.loc["supported"].tolist() == [marks["supported"].sum(), 240]
    assert sums.loc["added"].tolist() == [marks["nominated"].sum(), 2760]
    listed = found[found["rate"].isin(["supported", "declined", "undecided"])]
    assert (listed.groupby(["attribute", "group"])["value"].sum().round(9) == 1).all()
    assert np.allclose(found["value"], found["count"] / found["out_of"], equal_nan=True)
    lower, upper = jeffreys(found["count"], found["out_of"])
    assert np.allclose(found["lower"], lower, equal_nan=True)
    assert np.allclose(found["upper"], upper, equal_nan=True)
    assert "not recorded" in set(found.loc[found["attribute"] == "sex", "group"])


def test_a_panel_that_supports_one_group_less_is_seen() -> None:
    found = decisions_audit(*pupils(bias=0.35)).query("attribute == 'group' and rate == 'supported'")
    verdicts = found.set_index("group")["verdict"]
    assert verdicts["B"] == "watch"
    assert found.set_index("group").loc["B", "difference"] < -0.15


def test_without_a_difference_few_comparisons_are_watched() -> None:
    told = pd.concat([decisions_audit(*pupils(seed)) for seed in range(60)])
    told = told[told["verdict"] != "cannot tell"]
    assert len(told) > 500
    assert (told["verdict"] == "watch").mean() < 0.08


def test_few_pupils_or_few_decisions_are_no_pass() -> None:
    marks, frame = pupils(listed=60)
    marks["nominated"] = ~marks["listed"] & (np.arange(len(marks)) < 65)
    found = decisions_audit(marks, frame)
    small = found[(found["group"] == "C") & (found["rate"] == "supported")]
    assert small["verdict"].tolist() == ["cannot tell"]
    assert "in the group, at least 10 needed" in small["reason"].item()
    added = found[found["rate"] == "added"]
    assert set(added["verdict"]) == {"cannot tell"}
    assert set(added["reason"]) == {"5 pupils decided so in all, at least 10 needed"}
    alone = decisions_audit(marks, pd.DataFrame({"one": ["same"] * len(marks)}))
    assert set(alone["verdict"]) == {"cannot tell"}
    assert alone["difference"].isna().all()


def test_a_group_with_nobody_listed_has_no_rate() -> None:
    marks, frame = pupils(listed=100)
    frame.loc[marks["listed"], "group"] = "A"
    found = decisions_audit(marks, frame).query("attribute == 'group' and rate == 'supported'")
    nobody = found.set_index("group").loc["B"]
    assert nobody[["value", "lower", "upper", "difference"]].isna().all()
    assert nobody["verdict"] == "cannot tell"


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
