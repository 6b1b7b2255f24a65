"""A metric of every group of an attribute, with its interval, beside everyone's value: one small drawing."""

from __future__ import annotations

import math

import pandas as pd

from earlywarning.audit.metrics import Metric
from earlywarning.audit.summary import spoken
from earlywarning.drawing import Axis, Dot, dots


def forest(metric: Metric, rows: pd.DataFrame, everyone: float, name: str) -> str:
    """An inline SVG: a filled dot where the value is shown, a hollow dot and dashes where it cannot be told.

    ``rows`` are one metric's rows of ``by_group``; ``name`` starts the ids and is unique on the page. Every
    number is in the table above it, so the drawing carries group names and an axis only.
    """
    # A ratio's axis ends at an even number, so that its four steps are round; intervals may run off it.
    top = 1.0 if metric.unit == "rate" else max(2.0, 2 * math.ceil(rows["value"].max() / 1.6))
    ticks = tuple((top * step / 4, spoken(top * step / 4, metric.unit)) for step in range(5))
    return dots(
        [
            Dot(str(row["group"]), None)
            if math.isnan(row["value"])
            else Dot(str(row["group"]), row["value"], row["lower"], row["upper"], row["verdict"] == "shown")
            for row in rows.to_dict("records")
        ],
        Axis(0.0, top, ticks),
        name=name,
        title=f"{metric.title}, by group",
        says="One line a group: the value and its interval. Hollow: too few to tell. The numbers are in the "
        "table above.",
        left=230,
        mark=None if math.isnan(everyone) else (everyone, f"everyone {spoken(everyone, metric.unit)}"),
    )
