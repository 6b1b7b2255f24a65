"""What a feature is: a frozen value with its expression, its meaning and its sentence side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw


@dataclass(frozen=True)
class Feature:
    """One column of the model's input.

    ``value`` is an expression over the family's measures. ``direction`` is +1 or -1 where more of it can
    only be read as more or less need, else 0. ``reason`` is the sentence a professional reads: a template
    over the family's measures and features, so that every pupil's sentence holds that pupil's own facts;
    "" for a feature that has no sentence of its own (its share joins "other context").
    """

    name: str
    value: nw.Expr
    unit: str
    lookback: str
    direction: int
    theme: str
    description: str
    reason: str


@dataclass(frozen=True)
class SeenThrough:
    """Where visibility comes from: ``feed`` in coverage, sent by the ``source`` column of ``located_by``."""

    feed: str
    located_by: str
    source: str


AT_SCHOOL = ("enrolments", "school_id")
AT_HOME = ("residence", "home_la")


@dataclass(frozen=True)
class Family:
    """Features that come from one table.

    A measure is an expression for each row. Events: measures are summed within each look-back and named
    ``<measure>_<lookback>``. Spells: the largest over a pupil's spells begun by the day, named
    ``<measure>``; ``open``, ``start_date``, ``end_date``, ``as_of_date`` and ``start_day``/``as_of_day``
    (day numbers) can be used in them.

    ``seen`` says what makes the family visible. A visible pupil without rows has 0; a pupil who is not
    visible has missing values and the sentence ``not_visible``. Without ``seen`` only a row makes a value.
    ``lookbacks`` of a spell family are those whose visibility it needs.
    """

    name: str
    table: str
    lookbacks: tuple[str, ...]
    measures: Mapping[str, nw.Expr]
    features: tuple[Feature, ...]
    not_visible: str
    seen: SeenThrough | None = None


def rate(part: str, whole: str) -> nw.Expr:
    """``part / whole``, missing where ``whole`` is 0 or missing."""
    return nw.when(nw.col(whole) > 0).then(nw.col(part) / nw.col(whole))


def count(condition: nw.Expr) -> nw.Expr:
    """1 for each row where ``condition`` holds, else 0."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def amount(value: nw.Expr, condition: nw.Expr) -> nw.Expr:
    """``value`` for each row where ``condition`` holds, else 0."""
    return nw.when(condition).then(value).otherwise(nw.lit(0))
