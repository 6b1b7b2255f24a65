"""Small drawings for a page, as inline SVG: dots with intervals, and curves. No script, nothing fetched.

Ink and grey, filled and hollow, whole and dashed: nothing is told by colour alone, so a grey print says the
same. Every drawing has a title and a description; its numbers belong in a table beside it. The same numbers
make the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

INK, GREY, PALE = "#0b0c0c", "#505a5f", "#d4d6d7"
WIDE, NARROW = 680, 460
"""Widths: with labels at the side, for a desk; with labels above, which can be read on a telephone."""

WIDEST = 6.8
"""The mean width of a letter in a wide typeface: a line of more letters than fit may run off the drawing."""


@dataclass(frozen=True)
class Axis:
    """From ``low`` to ``high``, with a word at some values; ``log`` gives every doubling the same room.

    >>> axis = Axis(0.0, 2.0, ((0.0, "0"), (2.0, "2")))
    >>> axis.share(0.5), axis.share(9.0)
    (0.25, 1.0)
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def share(self, value: float) -> float:
        """How far along the axis a value lies: 0 to 1, what is beyond its ends at the end."""
        inside = min(max(value, self.low), self.high)
        if self.log:
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Dot:
    """A value with its interval; hollow and dashed where not ``sure``, a ``note`` where there is no value."""

    label: str
    value: float | None
    lower: float | None = None
    upper: float | None = None
    sure: bool = True
    note: str = "undefined"


@dataclass(frozen=True)
class Curve:
    """Points (x, y), joined by a line or each with a bar (lower, upper); hollow and dashed if ``second``.

    ``bare`` leaves the line without dots: it is there to compare with. Without a ``label`` it is not named.
    """

    label: str
    points: Sequence[tuple[float, float]]
    bars: Sequence[tuple[float, float]] = ()
    second: bool = False
    bare: bool = False


def dots(
    rows: Sequence[Dot],
    axis: Axis,
    *,
    name: str,
    title: str,
    says: str,
    left: int = 0,
    mark: tuple[float, str] | None = None,
) -> str:
    """One line a row: its dot and interval. Labels stand in ``left`` units beside it, or above it without.

    ``name`` starts the ids and is unique on the page; ``says`` describes the drawing; ``mark`` is a value
    to compare with, and its word.
    """
    pitch, width = (22, WIDE) if left else (42, NARROW)
    top, foot, start = 34 if mark and mark[1] else 12, 26, left or 20  # room for "-0.05"
    height = top + pitch * len(rows) + foot

    def x(value: float) -> float:
        return round(start + (width - start - 24) * axis.share(value), 1)

    parts = [line(x(value), top, x(value), height - foot, stroke=PALE, thick=1) for value, _ in axis.ticks]
    parts += [text(x(value), height - 6, word) for value, word in axis.ticks]
    if mark:
        parts.append(line(x(mark[0]), top - 4, x(mark[0]), height - foot, "2 3"))
        parts.append(text(x(mark[0]), top - 10, mark[1]))
    for number, row in enumerate(rows):
        y = top + pitch * number + (pitch // 2 if left else 30)
        parts.append(
            text(left - 12, y + 4, row.label, "end", INK)
            if left
            else text(0, y - 11, row.label, "start", INK, within=width)
        )
        if row.value is None:
            beside = x(mark[0]) if mark and not mark[1] else x(axis.low)
            parts.append(text(beside + 8, y + 4, row.note, "start"))
            continue
        if row.lower is not None and row.upper is not None:
            dashes, shade = ("", INK) if row.sure else ("4 3", GREY)
            parts.append(line(x(row.lower), y, x(row.upper), y, dashes, shade))
        parts.append(_circle(x(row.value), y, row.sure))
    return _frame(parts, width, height, name, title, says)


def curves(
    drawn: Sequence[Curve],
    across: Axis,
    up: Axis,
    *,
    name: str,
    title: str,
    says: str,
    words: tuple[str, str],
    mark: tuple[float, str] | None = None,
) -> str:
    """Curves in one field, their labels above it; ``words`` say what goes across and what goes up."""
    left, right, width, field = 44, NARROW - 24, NARROW, 260
    top = 20 * sum(bool(curve.label) for curve in drawn) + 34 + (16 if mark else 0)
    foot = top + field

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return round(left + (right - left) * across.share(point[0]), 1), round(
            foot - field * up.share(point[1]), 1
        )

    parts = [text(0, top - (26 if mark else 10), words[1], "start")]
    for value, word in up.ticks:
        y = at((across.low, value))[1]
        parts += [line(left, y, right, y, stroke=PALE, thick=1), text(left - 6, y + 4, word, "end")]
    parts += [text(at((value, up.low))[0], foot + 18, word) for value, word in across.ticks]
    parts.append(text((left + right) / 2, foot + 38, words[0]))
    if mark:
        x = at((mark[0], up.low))[0]
        parts += [
            line(x, top - 4, x, foot, "2 3"),
            text(x, top - 10, mark[1], "start" if x < width / 2 else "end"),
        ]
    for number, curve in enumerate(curve for curve in drawn if curve.label):
        y = 14 + 20 * number
        sample = [(19.0, y - 4.0)] if curve.bars else [(6.0, y - 4.0), (32.0, y - 4.0)]
        parts += [*_drawn(curve, sample), text(44, y, curve.label, "start", INK)]
    for curve in drawn:
        parts += _drawn(curve, [at(point) for point in curve.points])
        for (across_at, _), (lower, upper) in zip(curve.points, curve.bars, strict=False):
            (x, low), (_, high) = at((across_at, lower)), at((across_at, upper))
            parts.append(line(x, low, x, high, stroke=INK))
    return _frame(parts, width, foot + 46, name, title, says)


def points(
    drawn: Sequence[tuple[float, float, str]],
    across: Axis,
    up: Axis,
    *,
    name: str,
    title: str,
    says: str,
    words: tuple[str, str],
) -> str:
    """Points (across, up, what stands beside it) in one field; the first is filled, the others hollow."""
    left, right, top, field = 54, NARROW - 24, 30, 300
    foot = top + field
    parts = [text(0, 14, words[1], "start"), text((left + right) / 2, foot + 38, words[0])]
    for value, word in up.ticks:
        y = round(foot - field * up.share(value), 1)
        parts += [line(left, y, right, y, stroke=PALE, thick=1), text(left - 6, y + 4, word, "end")]
    for value, word in across.ticks:
        parts.append(text(round(left + (right - left) * across.share(value), 1), foot + 18, word))
    for number, (x_at, y_at, label) in enumerate(drawn):
        x = round(left + (right - left) * across.share(x_at), 1)
        y = round(foot - field * up.share(y_at), 1)
        parts += [_circle(x, y, number == 0), text(x + 7, y - 6, label, "start", INK)]
    return _frame(parts, NARROW, foot + 46, name, title, says)


def spark(values: Sequence[float | None], top: float) -> str:
    """A small line from left to right for the eye alone, 0 at the foot; a gap where there is no value.

    The numbers stand in words beside it. No style and no script, for pages whose policy allows neither.

    >>> spark([0.1, None, 0.2], 0.2).count("<circle")
    2
    """
    wide, high, edge = 120, 32, 4
    step = (wide - 2 * edge) / max(len(values) - 1, 1)
    at = [
        None if value is None else (edge + step * n, high - edge - (high - 2 * edge) * min(value / top, 1.0))
        for n, value in enumerate(values)
    ]
    places = [None if place is None else (round(place[0], 1), round(place[1], 1)) for place in at]
    parts = [line(edge, high - edge, wide - edge, high - edge, stroke=PALE, thick=1)]
    parts += [line(*one, *two, stroke=INK) for one, two in pairwise(places) if one and two]
    parts += [f'<circle cx="{place[0]}" cy="{place[1]}" r="3" fill="{INK}"/>' for place in places if place]
    return (
        f'<svg class="spark" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )


def steps(top: float, most: int = 5, low: float = 0.0) -> tuple[float, ...]:
    """Round numbers from ``low`` (0 or less) to ``top`` or just beyond: steps of 1, 2 or 5, about ``most``.

    >>> steps(0.34), steps(7, low=-3)
    ((0.0, 0.1, 0.2, 0.3, 0.4), (-4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0))
    """
    power = 10.0 ** math.floor(math.log10((top - low) / most))
    step = next(each * power for each in (1, 2, 5, 10) if (top - low) / (each * power) <= most + 1e-9)
    first, last = math.floor(low / step + 1e-9), math.ceil(top / step - 1e-9)
    return tuple(round(step * number, 12) for number in range(first, last + 1))


def text(x: float, y: float, words: str, anchor: str = "middle", fill: str = GREY, within: int = 0) -> str:
    """``words`` at a place in the drawing, with a white edge that keeps lines behind them apart.

    Words too many for a width to hold ``within`` are drawn closer, whatever the letters of the reader.
    """
    fit = (
        f' textLength="{within}" lengthAdjust="spacingAndGlyphs"' if 0 < within < WIDEST * len(words) else ""
    )
    edge = 'stroke="#ffffff" stroke-width="4" paint-order="stroke"'
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}" {edge}{fit}>{escape(words)}</text>'


def line(
    x1: float, y1: float, x2: float, y2: float, dashes: str = "", stroke: str = GREY, thick: int = 2
) -> str:
    """A line between two places in the drawing."""
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}" stroke-width="{thick}"{dash}/>'


def _drawn(curve: Curve, places: Sequence[tuple[float, float]]) -> list[str]:
    shade, dashes = (GREY, "5 4") if curve.second else (INK, "")
    joined = [] if curve.bars else [line(*a, *b, dashes, shade) for a, b in pairwise(places)]
    return joined + ([] if curve.bare else [_circle(x, y, not curve.second) for x, y in places])


def _circle(x: float, y: float, filled: bool) -> str:
    fill = f'fill="{INK}"' if filled else f'fill="#ffffff" stroke="{GREY}" stroke-width="1.5"'
    return f'<circle cx="{x}" cy="{y}" r="4" {fill}/>'


def _frame(parts: Sequence[str], width: int, height: float, name: str, title: str, says: str) -> str:
    size = 12 if width == WIDE else 13
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" style="max-width:100%;height:auto" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="inherit" font-size="{size}">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(says)}</desc>{"".join(parts)}</svg>'
    )
