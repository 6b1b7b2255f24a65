"""Reasons hold the pupil's own facts, and only what can be said of this pupil is said."""

import datetime as dt
import re

import narwhals as nw
import pandas as pd
import pytest

from earlywarning.explain import (
    Known,
    Reason,
    Usual,
    age_lines,
    not_visible,
    pupil_reasons,
    rule_reasons,
    usual_values,
)
from earlywarning.explain.reasons import BY_LOT
from earlywarning.features.declare import Family, Feature
from earlywarning.studies.words import QUESTIONS, Words


def feature(name: str, theme: str, reason: str, *, unit: str = "events", direction: int = 0) -> Feature:
    return Feature(name, nw.lit(0), unit, "", reason, theme=theme, direction=direction)


ABSENT = feature(
    "absence", "attendance", "Absent for {absent:n} of {possible:session}.", unit="rate", direction=1
)
LATE = feature("late", "attendance", "Late {late:time}.", direction=1)
SUSPENDED = feature("suspensions", "suspensions", "{spells:suspension}.", unit="suspensions", direction=1)
PRAISED = feature("positive", "behaviour at school", "{positive:positive event}.", direction=-1)
SERVICE = feature("tier", "family support", "")
ALWAYS = Words().always
FEATURES = (ABSENT, LATE, SUSPENDED, PRAISED, SERVICE)

FACTS = {"absent": 14.0, "possible": 60.0, "late": 3.0, "spells": 2.0, "positive": 9.0}
VALUES = {"absence": 14 / 60, "late": 3.0, "suspensions": 2.0, "positive": 9.0, "tier": 2.0}
SHARES = {"absence": 0.4, "late": 0.1, "suspensions": 0.3, "positive": -0.6, "tier": 2.0}
USUAL = Usual("Year 9", {"absence": 0.04, "late": 1.0, "suspensions": 0.0, "positive": 6.0})


def known(usual: Usual = USUAL, **facts: float) -> Known:
    changed = {**FACTS, **facts}
    values = {
        **VALUES,
        "late": changed["late"],
        "suspensions": changed["spells"],
        "positive": changed["positive"],
    }
    return Known({**values, "absence": changed["absent"] / changed["possible"]}, changed, usual)


def test_what_raises_and_what_lowers_is_said_with_facts_and_the_usual_value() -> None:
    sheet = pupil_reasons(SHARES, known(), FEATURES)
    assert sheet.raises == (
        Reason("attendance", "Absent for 14 of 60 sessions.", "That is 23%; the usual in Year 9 is 4%."),
        Reason("suspensions", "2 suspensions.", "The usual in Year 9 is no suspensions."),
    )
    assert sheet.lowers == (
        Reason("behaviour at school", "9 positive events.", "The usual in Year 9 is 6 events."),
    )
    assert sheet.questions == (ALWAYS, QUESTIONS["attendance"], QUESTIONS["suspensions"])


@pytest.mark.parametrize("fact", ["absent", "possible", "spells", "positive"])
def test_changing_one_fact_changes_its_sentence_and_no_other(fact: str) -> None:
    before, after = (
        pupil_reasons(SHARES, known(), FEATURES),
        pupil_reasons(SHARES, known(**{fact: FACTS[fact] + 1}), FEATURES),
    )
    told = [
        {reason.theme: reason.sentence for reason in (*sheet.raises, *sheet.lowers)}
        for sheet in (before, after)
    ]
    changed = {theme for theme in told[0] if told[0][theme] != told[1][theme]}
    speaks_of = {"absent": "attendance", "possible": "attendance", "spells": "suspensions"}
    assert changed == {speaks_of.get(fact, "behaviour at school")}


def test_the_total_of_a_theme_decides_which_way_it_points() -> None:
    sheet = pupil_reasons(SHARES | {"absence": 0.4, "late": -0.7}, known(), FEATURES)
    assert [reason.theme for reason in sheet.raises] == ["suspensions"]
    assert [reason.theme for reason in sheet.lowers] == ["behaviour at school"], "late 3 times is no strength"


def test_a_theme_that_hardly_matters_is_not_mentioned() -> None:
    sheet = pupil_reasons(dict.fromkeys(SHARES, 0.02), known(), FEATURES)
    assert sheet.raises == sheet.lowers == ()
    assert sheet.questions == (ALWAYS,)


def test_a_feature_that_cannot_be_said_leaves_the_word_to_the_next() -> None:
    unknown = Known({**VALUES, "absence": float("nan")}, {**FACTS, "absent": float("nan")}, USUAL)
    assert pupil_reasons(SHARES, unknown, FEATURES).raises[0].sentence == "Late 3 times."


def test_a_measure_of_zero_for_want_of_a_row_is_not_said() -> None:
    undefined = Known({**VALUES, "suspensions": float("nan")}, {**FACTS, "spells": 0.0}, USUAL)
    assert [reason.theme for reason in pupil_reasons(SHARES, undefined, FEATURES).raises] == ["attendance"]


def test_having_none_of_something_is_no_reason_to_be_talked_about() -> None:
    sheet = pupil_reasons(SHARES, known(spells=0.0), FEATURES)
    assert [reason.theme for reason in sheet.raises] == ["attendance"]
    assert (
        pupil_reasons(SHARES | {"suspensions": -0.3}, known(spells=0.0), FEATURES).lowers[1].theme
        == "suspensions"
    )


def test_what_has_no_sentence_is_never_a_reason_however_large() -> None:
    assert "family support" not in {
        reason.theme for reason in pupil_reasons(SHARES, known(), FEATURES).raises
    }


def test_at_most_three_raise_and_two_lower_largest_first() -> None:
    themes = [feature(f"f{number}", f"theme {number}", "{n:thing}.") for number in range(10)]
    values = {one.name: 1.0 for one in themes}
    shares = {one.name: (number + 1) * (1 if number % 2 else -1) for number, one in enumerate(themes)}
    sheet = pupil_reasons(shares, Known(values, {"n": 1.0}), themes)
    assert [reason.theme for reason in sheet.raises] == ["theme 9", "theme 7", "theme 5"]
    assert [reason.theme for reason in sheet.lowers] == ["theme 8", "theme 6"]


def test_a_rule_shows_the_facts_it_looks_at_and_nothing_else() -> None:
    sheet = rule_reasons("number of suspensions", ["suspensions"], known(), FEATURES, not_visible=["Unseen."])
    assert [reason.sentence for reason in sheet.raises] == ["2 suspensions."]
    assert sheet.lowers == ()
    assert sheet.not_visible == ("Unseen.",)


def test_a_rule_does_not_call_nothing_a_reason() -> None:
    none = Known({**VALUES, "suspensions": 0.0}, {**FACTS, "spells": 0.0}, USUAL)
    sheet = rule_reasons("number of suspensions", ["suspensions"], none, FEATURES)
    assert sheet.raises == (Reason("school context", BY_LOT),)


def test_a_rule_that_looks_at_no_fact_of_the_pupil_says_itself() -> None:
    assert rule_reasons("Rate of the school.", [], known(), FEATURES).raises == (
        Reason("school context", "Rate of the school."),
    )


def test_a_change_is_set_beside_the_usual_value_of_what_its_sentence_opens_with() -> None:
    change = feature(
        "change",
        "attendance",
        "Absent for {absent:n} of {possible:session}; {before:n} before.",
        unit="change in rate",
    )
    told = Known({**VALUES, "change": 0.18}, {**FACTS, "before": 3.0}, USUAL)
    (reason,) = pupil_reasons({"change": 1.0, "absence": 0.0}, told, (ABSENT, change)).raises
    assert reason.sentence == "Absent for 14 of 60 sessions; 3 before."
    assert reason.usual == "That is 23%; the usual in Year 9 is 4%."
    alone = rule_reasons("", ["change"], told, (change,))
    assert alone.raises[0].usual == "", "a usual change tells a reader nothing"


def test_the_words_around_the_facts_are_those_of_the_study() -> None:
    words = Words(
        always="Who knows the pupil?",
        questions={"attendance": "Which days?"},
        usual="Commonly {usual} in {group}.",
        usual_beside="{own} here, {usual} in {group}.",
        school_context="the school",
    )
    sheet = pupil_reasons(SHARES, Known(VALUES, FACTS, USUAL, words), FEATURES)
    assert [reason.usual for reason in sheet.raises] == [
        "23% here, 4% in Year 9.",
        "Commonly no suspensions in Year 9.",
    ]
    assert sheet.questions == ("Who knows the pupil?", "Which days?")
    assert rule_reasons("Rate.", [], Known(VALUES, FACTS, USUAL, words), FEATURES).raises == (
        Reason("the school", "Rate."),
    )


def test_usual_values_are_medians_of_the_group_and_not_of_a_few() -> None:
    medians = pd.DataFrame({"absence": [0.1], "late": [4.0]}, index=["9"])
    usual = usual_values(medians, pd.DataFrame({"absence": [21], "late": [9]}, index=["9"]))["9"]
    assert usual.group == "Year 9"
    assert usual.medians == {"absence": 0.1}, "nine values of late are too few"


def test_usual_values_are_of_the_own_group() -> None:
    medians = pd.DataFrame({"absence": [0.1, 0.3]}, index=["9", "10"])
    usual = usual_values(medians, medians.notna() * 10)
    assert {group: value.medians["absence"] for group, value in usual.items()} == {"9": 0.1, "10": 0.3}


def test_a_family_is_not_visible_only_when_none_of_it_is() -> None:
    seen = Family("attendance", "attendance", {}, (ABSENT, LATE), not_visible="No attendance was received.")
    nan = float("nan")
    assert not_visible({"absence": nan, "late": nan}, [seen]) == ("No attendance was received.",)
    assert not_visible({"absence": nan, "late": 0.0}, [seen]) == ()


def test_old_data_is_said_to_be_old() -> None:
    as_of, received = dt.date(2025, 12, 31), {"a": dt.date(2025, 12, 3), "b": dt.date(2025, 12, 2), "c": None}
    assert age_lines(received, as_of) == (
        "Nothing newer than 2 December 2025 was received for b.",
        "Nothing was received for c.",
    )


def test_what_is_known_of_a_pupil_does_not_show_in_a_traceback() -> None:
    assert not re.search(r"\d", repr(Known(VALUES, FACTS)))
