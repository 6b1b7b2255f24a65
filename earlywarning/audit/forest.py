"""One small drawing: a metric of every group of an attribute, with its interval, beside everyone's value."""

from __future__ import annotations

import math
from html import escape

import pandas as pd

from earlywarning.audit.metrics import Metric
from earlywarning.audit.summary import spoken

ROW, TOP, FOOT, LEFT, RIGHT, WIDTH = 22, 34, 26, 230, 24, 680
INK, GREY = "#0b0c0c", "#505a5f"


def forest(metric: Metric, rows: pd.DataFrame, everyone: float, name: str) -> str:
    """An inline SVG: a filled dot where the value is shown, a hollow dot and dashes where it cannot be told.

    ``rows`` are one metric's rows of ``by_group``; ``name`` starts the ids and is unique on the page. Every
    number is in the table above it, so the drawing carries group names and an axis only.
    """
    # A ratio's axis ends at an even number, so that its four steps are round; intervals may run off it.
    largest = rows["value"].max()
    top = 1.0 if metric.unit == "rate" else max(2.0, 2 * math.ceil(largest / 1.6))
    height = TOP + ROW * len(rows) + FOOT

    def x(value: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * min(max(value, 0.0), top) / top, 1)

    parts = [text(x(top * step / 4), height - 6, spoken(top * step / 4, metric.unit)) for step in range(5)]
    if not math.isnan(everyone):
        parts.append(line(x(everyone), TOP - 4, x(everyone), height - FOOT, "2 3"))
        parts.append(text(x(everyone), TOP - 10, f"everyone {spoken(everyone, metric.unit)}"))
    for i, row in enumerate(rows.to_dict("records")):
        y = TOP + ROW * i + ROW // 2
        parts.append(text(LEFT - 12, y + 4, str(row["group"]), "end", INK))
        if math.isnan(row["value"]):
            parts.append(text(x(0) + 4, y + 4, "undefined", "start"))
            continue
        told = row["verdict"] == "shown"
        parts.append(
            line(x(row["lower"]), y, x(row["upper"]), y, "" if told else "4 3", INK if told else GREY)
        )
        fill = f'fill="{INK}"' if told else f'fill="#ffffff" stroke="{GREY}"'
        parts.append(f'<circle cx="{x(row["value"])}" cy="{y}" r="4" {fill}/>')
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" style="max-width:100%;height:auto" role="img" '
        f'aria-labelledby="{name}-title {name}-desc" font-family="inherit" font-size="12">'
        f'<title id="{name}-title">{escape(metric.title)}, by group</title>'
        f'<desc id="{name}-desc">One line a group: the value and its interval. Hollow: too few to tell. '
        f"The numbers are in the table above.</desc>{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, anchor: str = "middle", fill: str = GREY) -> str:
    """``words`` at a place in the drawing."""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, dashes: str = "", stroke: str = GREY) -> str:
    """A line between two places in the drawing."""
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{stroke}" stroke-width="2"{dash}/>'
