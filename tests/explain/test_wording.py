"""What no sentence may say, whoever wrote it."""

from __future__ import annotations

import pytest

from earlywarning.explain.phrasebook import declared, problems
from earlywarning.explain.phrases import fields
from earlywarning.explain.wording import LONGEST, forbidden, ill_formed, specimen, wrong_fields
from earlywarning.studies import STUDIES

SHIPPED = declared(*STUDIES.values())


def test_what_ships_breaks_no_rule() -> None:
    assert list(problems(vars(SHIPPED), STUDIES.values())) == []


def test_every_reason_holds_a_fact_of_the_pupil() -> None:
    assert [name for name, reason in SHIPPED.reasons.items() if not fields(reason)] == []


def test_every_theme_that_can_be_said_has_a_question() -> None:
    themes = {f.theme for s in STUDIES.values() for family in s.families for f in family.features if f.reason}
    assert themes <= set(SHIPPED.questions)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Suspended because of absence.", "a cause"),
        ("Absence caused 2 suspensions.", "a cause"),
        ("This causes suspensions.", "a cause"),
        ("2 events due to absence.", "a cause"),
        ("The pupil will be suspended.", "a forecast"),
        ("The risk score is high.", "a forecast"),
        ("Likely to be suspended.", "a forecast"),
        ("The pupil is violent.", "a label"),
        ("He is a very disruptive pupil.", "a label"),
        ("A known bully.", "a label"),
        ("If attendance rose to 95%.", "advice"),
        ("The school should meet the family.", "advice"),
        ("The pupil needs to attend.", "advice"),
        ("Boys of this year group.", "protected"),
        ("Black Caribbean pupils.", "protected"),
        ("A disabled pupil.", "protected"),
        ("Needs are autistic.", "protected"),
        ("On SEN support.", "protected"),
        ("2 fixed-term exclusions.", "not used here"),
    ],
)
def test_each_rule_of_words_can_fail(text: str, rule: str) -> None:
    (told,) = [fault for fault in forbidden(text) if rule in fault]
    assert ": " in told, "what is allowed is told too"


@pytest.mark.parametrize("text", ["3 events with a social worker.", "Looked after.", "On an EHCP."])
def test_a_contact_is_no_reason_but_a_question_may_ask(text: str) -> None:
    assert any("contact" in fault for fault in forbidden(text, reason=True))
    assert not any("contact" in fault for fault in forbidden(text))


@pytest.mark.parametrize(
    "text",
    [
        "The school recorded 3 events.",
        "What is going well?",
        "Suspended for 3 sessions; the most allowed is 90.",
        "Who is willing to help, and what goodwill is there?",
        "Which sense of belonging is there?",
    ],
)
def test_plain_facts_and_open_questions_are_allowed(text: str) -> None:
    assert list(forbidden(text, reason=True)) == list(ill_formed(text)) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Two\nlines.", "one line"),
        (" A space.", "one line"),
        ("A [clause [in] one].", "pairs"),
        ("A clause].", "pairs"),
        ("Absent for {absent_1ht:n.", "braces"),
        ("x" * (LONGEST + 1), str(LONGEST)),
    ],
)
def test_each_rule_of_form_can_fail(text: str, rule: str) -> None:
    assert any(rule in fault for fault in ill_formed(text))


def test_a_sentence_is_measured_with_its_fields_filled_and_every_clause_said() -> None:
    assert specimen("Absent {n:n}[; on {days_a:date}]") == "Absent 88; on 30 September 2025"
    assert list(ill_formed("{a:very long noun that is repeated}" * 5))
    assert not list(ill_formed("{a_very_long_name_of_a_measure_that_is_never_said_aloud_1ht:n}." * 5))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{misspelt:n}", "not known"),
        ("{absent:%}", "no rate"),
        ("{absent:date}", "no number of days"),
        ("{absent:SESSION}", "no form"),
        ("{absent:}", "no form"),
        ("{absent:.2f}", "no form"),
    ],
)
def test_each_rule_of_fields_can_fail(text: str, why: str) -> None:
    ((_, told),) = wrong_fields(text, {"absent", "days_since", "rate"}, {"rate"})
    assert why in told
    assert not list(
        wrong_fields(
            "{absent:session} {rate:%} {days_since:date}", {"absent", "days_since", "rate"}, {"rate"}
        )
    )
