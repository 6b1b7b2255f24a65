"""Templates become sentences, and never say what is not known."""

import datetime as dt

import pytest

from earlywarning.explain.phrases import fields, fill, missing, say


@pytest.mark.parametrize(
    ("template", "value", "sentence"),
    [
        ("{n:suspension} this term.", 0.0, "No suspensions this term."),
        ("{n:suspension} this term.", 1.0, "1 suspension this term."),
        ("{n:suspension} this term.", 1234.0, "1,234 suspensions this term."),
        ("{n:day of absence|days of absence}.", 2.0, "2 days of absence."),
        ("Score: {n:n}.", 97.0, "Score: 97."),
        ("Score: {n:n}.", 2.5, "Score: 2.5."),
        ("Rate {n:%}.", 0.0, "Rate 0%."),
        ("Rate {n:%}.", 0.004, "Rate under 1%."),
        ("Rate {n:%}.", 0.997, "Rate over 99%."),
        ("Rate {n:%}.", 1.0, "Rate 100%."),
        ("Since {n:n}.", dt.date(2025, 3, 4), "Since 4 March 2025."),
        ("At {n:n}.", "{n} {0.__class__}", "At {n} {0.__class__}."),
    ],
)
def test_fills(template: str, value: object, sentence: str) -> None:
    assert fill(template, {"n": value}) == sentence


@pytest.mark.parametrize("absent", [None, float("nan")])
def test_says_nothing_when_a_fact_is_missing(absent: float | None) -> None:
    assert fill("{a:n} of {b:session}.", {"a": 3.0, "b": absent}) is None


def test_a_clause_in_brackets_is_left_out_when_it_is_not_known() -> None:
    template = "{now:event}[; {before:none} before][; the last on {days_since:date}]."
    known = {"now": 3.0, "before": 0.0, "days_since": 1.0, "as_of_date": dt.date(2025, 3, 1)}
    assert fill(template, known) == "3 events; none before; the last on 28 February 2025."
    assert fill(template, known | {"days_since": float("nan")}) == "3 events; none before."
    assert fill(template, known | {"before": None}) == "3 events; the last on 28 February 2025."
    assert fill(template, known | {"now": None}) is None
    with pytest.raises(KeyError):
        fill(template, {"now": 3.0, "before": float("nan"), "as_of_date": dt.date(2025, 3, 1)})


def test_a_part_of_nothing_is_not_said() -> None:
    assert fill("Absent for {a:n} of {b:session}.", {"a": 0.0, "b": 0.0}) is None
    template = "{a:event}[; {c:none} of the {a:n} this half term]."
    assert fill(template, {"a": 0.0, "c": 0.0}) == "No events."
    assert fill(template, {"a": 2.0, "c": 0.0}) == "2 events; none of the 2 this half term."


def test_a_fact_that_does_not_exist_is_an_error_not_a_silence() -> None:
    with pytest.raises(KeyError):
        fill("{misspelt:n}", {"spelt": 1.0})


def test_zero_is_a_fact_and_a_missing_value_cannot_be_said() -> None:
    assert not missing(0.0)
    with pytest.raises(ValueError, match="missing"):
        say(None)


def test_fields_are_the_facts_a_template_asks_for() -> None:
    assert fields("No {facts} but {these:%}.") == ("facts", "these")
