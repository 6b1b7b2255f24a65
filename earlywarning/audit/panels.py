"""The curves over the length of the list: one small panel a group, each with everyone's curve to compare."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

import pandas as pd

from earlywarning.audit.metrics import Metric
from earlywarning.audit.summary import spoken
from earlywarning.audit.words import group_words
from earlywarning.drawing import GREY, INK, PALE, line, steps, text

ACROSS, WIDE, HIGH, LEFT, TOP, GAP = 3, 226, 150, 40, 34, 24
"""Panels beside each other; a panel's width and height; room for words to its left, above and below."""


@dataclass(frozen=True)
class _Field:
    """Where a panel stands, and how values become places in it; both axes begin at 0."""

    x: float
    y: float
    longest: float
    top: float

    def at(self, per_list: float, value: float) -> tuple[float, float]:
        across = self.x + LEFT + (WIDE - LEFT - 16) * per_list / self.longest
        field = HIGH - TOP - GAP
        return round(across, 1), round(self.y + TOP + field * (1 - min(value, self.top) / self.top), 1)


def panels(metric: Metric, rows: pd.DataFrame, everyone: pd.DataFrame, fewest: int, name: str) -> str:
    """An inline SVG of one metric's ``rows`` of capacity curves: a whole line and its band a group.

    ``everyone`` has ``per_list`` and ``value`` of all groups together (dashed). A group with fewer than
    ``fewest`` pupils in the denominator has words and no line. ``name`` starts the ids, unique on the page.
    """
    groups = [(str(group), each.sort_values("length")) for group, each in rows.groupby("group", sort=False)]
    enough = rows[rows["out_of"] >= fewest]
    most = max([float(everyone["value"].max()), *enough["value"].dropna(), 0.01])
    marks = steps(most, most=4)
    field = [
        _Field(WIDE * (number % ACROSS), HIGH * (number // ACROSS), float(rows["per_list"].max()), marks[-1])
        for number in range(len(groups))
    ]
    parts: list[str] = []
    for place, (group, each) in zip(field, groups, strict=True):
        words = group_words(str(each["attribute"].iloc[0]), group)
        parts += _frame(place, metric, marks, words)
        if each["out_of"].min() < fewest:
            parts.append(text(place.x + LEFT + 8, place.y + TOP + 40, "too few to draw", "start"))
            continue
        parts += [_band(place, each), *_line(place, everyone, "4 3", GREY), *_line(place, each, "", INK)]
    height = HIGH * math.ceil(len(groups) / ACROSS)
    title = f"{metric.title}, on longer and shorter lists"
    says = (
        "One panel a group. Across: pupils on each list. The line is the group with its interval as a band; "
        "dashed is everyone together."
    )
    return (
        f'<svg viewBox="0 0 {WIDE * ACROSS} {height}" width="{WIDE * ACROSS}" '
        f'style="max-width:100%;height:auto" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'font-family="inherit" font-size="11"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(says)}</desc>{"".join(parts)}</svg>'
    )


def _frame(place: _Field, metric: Metric, marks: Sequence[float], words: str) -> list[str]:
    """The axes of a panel and its name."""
    parts = [text(place.x + 4, place.y + 16, words if len(words) < 34 else words[:32] + "…", "start", INK)]
    for value in marks:
        (x, y), (end, _) = place.at(0, value), place.at(place.longest, value)
        parts += [
            line(x, y, end, y, stroke=PALE, thick=1),
            text(x - 4, y + 4, spoken(value, metric.unit), "end"),
        ]
    foot = place.y + HIGH - 8
    for share in (0.0, 0.5, 1.0):
        x = place.at(share * place.longest, 0)[0]
        parts.append(text(x, foot, f"{share * place.longest:,.0f}"))
    return parts


def _band(place: _Field, each: pd.DataFrame) -> str:
    """The interval of a curve as a pale field."""
    above = [place.at(*point) for point in zip(each["per_list"], each["upper"], strict=True)]
    below = [place.at(*point) for point in zip(each["per_list"], each["lower"], strict=True)]
    points = " ".join(f"{x},{y}" for x, y in [*above, *reversed(below)])
    return f'<polygon points="{points}" fill="{PALE}" fill-opacity="0.6"/>'


def _line(place: _Field, each: pd.DataFrame, dashes: str, shade: str) -> list[str]:
    points = [place.at(*point) for point in zip(each["per_list"], each["value"], strict=True)]
    return [line(*one, *two, dashes, shade) for one, two in pairwise(points)]
