"""The wording that is fixed in the package: nothing is explained, foretold or held against anyone."""

import re

import pytest

from earlywarning.explain.phrases import fields
from earlywarning.explain.questions import ALWAYS, QUESTIONS
from earlywarning.features import FAMILIES

FORBIDDEN = re.compile(
    r"\b(because|causes?|caused|will|at risk of|due to|leads? to|students?|fixed[- ]term)\b", re.IGNORECASE
)
SENTENCES = {
    **{
        feature.name: feature.reason
        for family in FAMILIES.values()
        for feature in family.features
        if feature.reason
    },
    **{
        f"{family.name} not visible": family.not_visible for family in FAMILIES.values() if family.not_visible
    },
    **QUESTIONS,
    "always": ALWAYS,
}


@pytest.mark.parametrize("name", SENTENCES)
def test_no_sentence_explains_or_foretells(name: str) -> None:
    assert not FORBIDDEN.search(SENTENCES[name])


def test_the_lint_can_fail() -> None:
    assert FORBIDDEN.search("Suspended because of absence.")
    assert not FORBIDDEN.search("The school recorded 3 events.")


def test_every_reason_holds_a_fact_of_the_pupil() -> None:
    features = [feature for family in FAMILIES.values() for feature in family.features]
    assert [feature.name for feature in features if feature.reason and not fields(feature.reason)] == []


def test_every_theme_that_can_be_said_has_a_question() -> None:
    themes = {feature.theme for family in FAMILIES.values() for feature in family.features if feature.reason}
    assert themes <= set(QUESTIONS)
