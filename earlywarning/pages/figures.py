"""Figures in the words of the training page: no count of one to four pupils is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from earlywarning.trial import MODEL

Metrics: TypeAlias = Mapping[str, Any]

SMALL = 5
"""A number of pupils below this, unless it is 0, is not shown: somebody could know who they are."""


def count(value: float | None) -> str:
    """A number of pupils in words that name nobody; expected numbers are rounded.

    >>> count(1234), count(3.2), count(0), count(None)
    ('1,234', 'fewer than 5', '0', 'undefined')
    """
    if value is None:
        return "undefined"
    return f"fewer than {SMALL}" if few(value) else f"{value:,.0f}"


def number(value: float | None) -> str:
    """A measure in three decimals, or the word for what is undefined.

    >>> number(0.12345), number(None)
    ('0.123', 'undefined')
    """
    return "undefined" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """A share in per cent: whole from 10%, with a decimal below.

    >>> percent(0.314), percent(0.0123), percent(None)
    ('31%', '1.2%', 'undefined')
    """
    if value is None:
        return "undefined"
    return f"{value:.1%}" if 0 < abs(value) < 0.0995 else f"{value:.0%}"


def between(estimate: Mapping[str, Any] | None) -> str:
    """The 95% interval of an estimate in words.

    >>> between({"lower": 0.1, "upper": 0.25}), between(None)
    ('0.100 to 0.250', 'no interval')
    """
    if not estimate or estimate["lower"] is None:
        return "no interval"
    return f"{estimate['lower']:.3f} to {estimate['upper']:.3f}"


def rung(metrics: Metrics, name: str) -> str:
    """What a rung of the ladder is called on the page."""
    if name == MODEL:
        return "the model"
    best = " (best rule)" if name == metrics["winner"]["best_rule"] else ""
    return f"{metrics['sentences'][name]}{best}"


def few(pupils: float) -> bool:
    """Whether a number of pupils is too small to show.

    >>> few(0), few(3.2), few(5)
    (False, True, False)
    """
    return 0 < round(pupils) < SMALL


def shown(pupils: float, words: str) -> str:
    """``words``, unless they are made of a number of pupils that is too small to show."""
    return "not shown" if few(pupils) else words
