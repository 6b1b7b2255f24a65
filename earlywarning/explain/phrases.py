"""Sentences a person would say: a template, filled with one pupil's facts."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from string import Formatter

Fact = float | int | str | dt.date | None

AS_OF = "as_of_date"
"""The fact that a date is counted back from."""

DATE = "date"
"""The form of a number of days that is said as the day it leads back to."""

NONE = "none"
"""The form of a plain number that is said as "none" where it is 0."""

PLAIN = ("n", NONE)
"""The forms in which a number is said without a noun."""

_CLAUSES = re.compile(r"[\[\]]")


def fill(template: str, facts: Mapping[str, Fact]) -> str | None:
    """The template's sentence with these facts in it, or ``None`` when a fact it needs is missing.

    Fields are written ``{fact:n}`` (a number, date or word as people write it), ``{fact:%}`` (a rate as a
    percentage), ``{fact:none}`` (a number, "none" for 0), ``{days_fact:date}`` (the day so many days before
    ``as_of_date``, one of the facts) or ``{fact:noun}`` (a count of things; ``{fact:day off|days off}``
    where the plural is more than an ``s``). What stands in square brackets is left out when a fact in it is
    missing. A part "of" 0 is a part of nothing, and so is missing too. A template that names an unknown
    fact is a ``KeyError``: a misspelt template must not fall silent.

    >>> fill("{negative_1t:negative event} this term", {"negative_1t": 3.0})
    '3 negative events this term'
    >>> facts = {"late": 0.0, "days_since": 49.0, "before": float("nan"), "as_of_date": dt.date(2025, 12, 31)}
    >>> fill("{late:time|times late} this term[; {before:n} before][; last on {days_since:date}].", facts)
    'No times late this term; last on 12 November 2025.'
    >>> fill("Absent for {rate:%} of sessions", {"rate": 0.0713})
    'Absent for 7% of sessions'
    >>> fill("Absent for {rate:%} of sessions", {"rate": float("nan")}) is None
    True
    """
    for name in fields(template):
        _ = facts[name]
    parts = [_filled(part, facts) for part in _CLAUSES.split(template)]
    if any(part is None for part in parts[::2]):
        return None
    sentence = "".join(part or "" for part in parts)
    return sentence[:1].upper() + sentence[1:]


def fields(template: str) -> tuple[str, ...]:
    """The facts a template asks for, in the order in which it says them.

    >>> fields("Absent for {absent_1ht:n} of {possible_1ht:session}")
    ('absent_1ht', 'possible_1ht')
    """
    return tuple(name for name, _ in forms(template))


@lru_cache(maxsize=1024)
def forms(template: str) -> tuple[tuple[str, str], ...]:
    """Each fact a template asks for with the form in which it says it.

    >>> forms("Absent for {absent_1ht:n} of {possible_1ht:session}")
    (('absent_1ht', 'n'), ('possible_1ht', 'session'))
    """
    return tuple((name, form or "") for _, name, form, _ in Formatter().parse(template) if name is not None)


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
    if form == NONE and value == 0:
        return "none"
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return number if form in PLAIN else _count(number, form)


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


def _filled(part: str, facts: Mapping[str, Fact]) -> str | None:
    said = ""
    for text, name, form, _ in Formatter().parse(part):
        said += text
        if name is None:
            continue
        value = facts[name]
        if missing(value) or (said.endswith((" of ", " of the ")) and value == 0):
            return None
        said += say(_day(value, facts[AS_OF]), "n") if form == DATE else say(value, form or "n")
    return said


def _day(days: Fact, as_of_date: Fact) -> dt.date:
    if not isinstance(days, (int, float)) or not isinstance(as_of_date, dt.date):
        raise TypeError("a date is said of a number of days before a day")
    return as_of_date - dt.timedelta(days=int(days))
