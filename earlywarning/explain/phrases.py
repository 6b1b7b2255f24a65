"""Sentences a person would say: a template, filled with one pupil's facts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from string import Formatter

Fact = float | int | str | dt.date | None


def fill(template: str, facts: Mapping[str, Fact]) -> str | None:
    """The template's sentence with these facts in it, or ``None`` when a fact it needs is missing.

    Fields are written ``{fact:n}`` (a number, date or word as people write it), ``{fact:%}`` (a rate as a
    percentage) or ``{fact:noun}`` (a count of things; ``{fact:day of absence|days of absence}`` where
    the plural is more than an ``s``). A template that names an unknown fact is a ``KeyError``: a
    misspelt template must not fall silent.

    >>> fill("{negative_1t:negative event} this term", {"negative_1t": 3.0})
    '3 negative events this term'
    >>> fill("{negative_1t:negative event} this term", {"negative_1t": 0.0})
    'No negative events this term'
    >>> fill("Absent for {rate:%} of sessions", {"rate": 0.0713})
    'Absent for 7% of sessions'
    >>> fill("Absent for {rate:%} of sessions", {"rate": float("nan")}) is None
    True
    """
    names = fields(template)
    if any(missing(facts[name]) for name in names):
        return None
    sentence = _PHRASES.vformat(template, (), {name: facts[name] for name in names})
    return sentence[:1].upper() + sentence[1:]


def fields(template: str) -> tuple[str, ...]:
    """The facts a template asks for, in the order in which it says them.

    >>> fields("Absent for {absent_1ht:n} of {possible_1ht:session}")
    ('absent_1ht', 'possible_1ht')
    """
    return tuple(name for _, name, _, _ in Formatter().parse(template) if name)


def say(value: Fact, form: str = "n") -> str:
    """One value as a person would write it; ``form`` is what follows the colon in a template.

    >>> say(1234.0), say(2.5), say(dt.date(2025, 10, 7)), say(0.07, "%"), say(1, "suspension")
    ('1,234', '2.5', '7 October 2025', '7%', '1 suspension')
    """
    if value is None:
        raise ValueError("a missing value cannot be said")
    if isinstance(value, str):
        return value
    if isinstance(value, dt.date):
        return f"{value.day} {value:%B %Y}"
    if form == "%":
        return _percent(float(value))
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return number if form in ("", "n") else _count(number, form)


def missing(value: Fact) -> bool:
    """Whether there is nothing to say: ``None``, NaN and NaT are missing; 0 is a fact.

    >>> missing(None), missing(float("nan")), missing(0.0)
    (True, True, False)
    """
    return value is None or (isinstance(value, float) and math.isnan(value)) or value != value


def _percent(rate: float) -> str:
    # 0% and 100% are said only of what is exactly none and exactly all.
    if 0 < rate < 0.005:
        return "under 1%"
    if 0.995 <= rate < 1:
        return "over 99%"
    return f"{rate * 100:.0f}%"


def _count(number: str, noun: str) -> str:
    singular, _, plural = noun.partition("|")
    if number == "1":
        return f"1 {singular}"
    return f"{'no' if number == '0' else number} {plural or singular + 's'}"


class _Phrases(Formatter):
    """The standard formatter, except that what follows a colon is ``n``, ``%`` or a noun."""

    def format_field(self, value: Fact, format_spec: str) -> str:
        return say(value, format_spec)


_PHRASES = _Phrases()
