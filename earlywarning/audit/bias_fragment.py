"""The audit of the outcome itself as a fragment of HTML, for people who know schools and not statistics."""

from __future__ import annotations

import math
from importlib.resources import files
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from earlywarning.audit.bias import EVENT, LISTED, LabelBias
from earlywarning.audit.practice import funnel
from earlywarning.audit.words import named

SHOWN = ("recall", "precision")
FEWEST = 10
"""An outcome that fewer had is named and not shown by group."""


def bias_fragment(found: LabelBias, outcomes: dict[str, str]) -> str:
    """HTML text without head, style or script; ``outcomes`` say each label as people call it."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    text = (files("earlywarning") / "audit" / "bias.html.jinja").read_text(encoding="utf-8")
    gaps = found.gaps
    return environment.from_string(text).render(
        gaps=[(what, _gaps(gaps[gaps["what"] == what])) for what in (EVENT, LISTED) if len(gaps)],
        practice=found.practice.round(2).to_dict("records"),
        # Our own drawing: every word in it is escaped.
        funnel=Markup(funnel(found.practice, "practice")),  # noqa: S704
        labels=[
            {"outcome": outcomes.get(str(label), str(label)), "rows": _label_rows(rows)}
            for label, rows in found.labels.groupby("label", sort=False)
            if _events(rows) >= FEWEST
        ],
        few=[
            outcomes.get(str(label), str(label))
            for label, rows in found.labels.groupby("label", sort=False)
            if _events(rows) < FEWEST
        ],
        fewest=FEWEST,
    )


def _events(rows: pd.DataFrame) -> int:
    """How many had the outcome, over the groups of one attribute."""
    one = rows[(rows["metric"] == "recall") & (rows["attribute"] == rows["attribute"].iloc[0])]
    return int(one["positives"].sum())


def _gaps(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "named": named(row["attribute"], row["group"]),
            "n": f"{row['n']:,}",
            "rate": _percent(row["rate"]),
            "rest": _percent(row["rest_rate"]),
            "gap": _points(row["gap"]),
            "within": _within(row),
            "between": _points(row["between"]),
            "reason": row["reason"],
        }
        for row in rows.to_dict("records")
    ]


def _within(row: dict[Any, Any]) -> str:
    if math.isnan(row["within"]):
        return "undefined"
    return f"{_points(row['within'])} ({_points(row['within_lower'])} to {_points(row['within_upper'])})"


def _label_rows(rows: pd.DataFrame) -> list[dict[str, Any]]:
    told = []
    for (attribute, group), each in rows.groupby(["attribute", "group"], sort=False):
        by_metric = {row["metric"]: row for row in each.to_dict("records")}
        one = by_metric["recall"]
        told.append(
            {
                "named": named(str(attribute), str(group)),
                "n": f"{one['n']:,}",
                "rate": _percent(one["base_rate"]),
                "cells": [_with_interval(by_metric[name]) for name in SHOWN],
            }
        )
    return told


def _with_interval(row: dict[Any, Any]) -> str:
    if math.isnan(row["value"]):
        return "undefined"
    return f"{_percent(row['value'])} ({_percent(row['lower'])} to {_percent(row['upper'])})"


def _percent(value: float) -> str:
    """A rate as a percentage.

    >>> _percent(0.1234), _percent(0.034), _percent(float("nan"))
    ('12%', '3.4%', 'undefined')
    """
    if math.isnan(value):
        return "undefined"
    return f"{value:.1%}" if 0 < value < 0.1 else f"{value:.0%}"


def _points(value: float) -> str:
    """A difference of two rates in percentage points.

    >>> _points(-0.0123), _points(-0.0001), _points(float("nan"))
    ('−1.2', '0.0', 'undefined')
    """
    if math.isnan(value):
        return "undefined"
    told = f"{100 * value:+.1f}".replace("-", "−")
    return told if told[1:] != "0.0" else "0.0"
