"""A metric of every group of an attribute, with its interval, beside everyone's value: one small drawing."""

from __future__ import annotations

import math

import pandas as pd

from earlywarning.audit.metrics import Metric
from earlywarning.audit.summary import spoken
from earlywarning.audit.words import group_words
from earlywarning.drawing import Axis, Dot, dots, steps


def forest(metric: Metric, rows: pd.DataFrame, everyone: float, name: str) -> str:
    """An inline SVG: a filled dot where something can be told, a hollow dot and dashes where it cannot.

    ``rows`` are one metric's rows of ``by_group``; ``name`` starts the ids and is unique on the page. Every
    number is in the table above it, so the drawing carries group names and an axis only.
    """
    # Intervals may run off the axis, so that one group of few does not press all others together.
    told = [float(value) for value in rows["value"].dropna()]
    most = max([*told, 1e-3 if math.isnan(everyone) else everyone])
    ends = steps(max(2.0, 1.25 * most) if metric.unit == "ratio" else min(1.0, max(0.02, 1.5 * most)), most=4)
    return dots(
        [
            Dot(group_words(str(row["attribute"]), str(row["group"])), None)
            if math.isnan(row["value"])
            else Dot(
                group_words(str(row["attribute"]), str(row["group"])),
                row["value"],
                row["lower"],
                row["upper"],
                row["verdict"] != "cannot tell",
            )
            for row in rows.to_dict("records")
        ],
        Axis(0.0, ends[-1], tuple((each, spoken(each, metric.unit)) for each in ends)),
        name=name,
        title=f"{metric.title}, by group",
        says="One line a group: the value and its interval. Hollow: too few to tell. The numbers are in the "
        "table above.",
        left=270,
        mark=None if math.isnan(everyone) else (everyone, f"everyone {spoken(everyone, metric.unit)}"),
    )
