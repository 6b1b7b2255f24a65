"""The audit in a few lines of text: what can be told for each attribute, and the widest gap."""

from __future__ import annotations

import math

import pandas as pd

from earlywarning.audit.metrics import METRICS, Metric


def summary(by_group: pd.DataFrame, overall: pd.DataFrame) -> str:
    """Text with a line for the list and two for each attribute (one a headline metric)."""
    recall = overall.set_index("metric").loc["recall"]
    selected = overall.set_index("metric").loc["selection_rate"]
    first = (
        f"{selected['n']:,} pupils on roll, {selected['count']:,.0f} listed; outcome known for "
        f"{recall['n']:,}, {recall['positives']:,} with the event, {recall['count']:,.0f} of them listed."
    )
    lines = [first]
    for attribute, rows in by_group.groupby("attribute", sort=False):
        lines += [
            f"{attribute}: {_widest(metric, rows[rows['metric'] == metric.name])}"
            for metric in METRICS
            if metric.headline
        ]
    lines.append("The furthest of many groups is far by chance too; too few to tell is not a pass.")
    return "\n".join(lines)


def spoken(value: float, unit: str) -> str:
    """A rate as a percentage, a ratio to two decimals, "undefined" for NaN.

    >>> spoken(0.314, "rate"), spoken(1.2, "ratio"), spoken(float("nan"), "rate")
    ('31%', '1.20', 'undefined')
    """
    if math.isnan(value):
        return "undefined"
    if unit == "ratio":
        return f"{value:.2f}"
    return f"{value:.1%}" if 0 < abs(value) < 0.1 else f"{value:.0%}"


def _widest(metric: Metric, rows: pd.DataFrame) -> str:
    told = rows[(rows["verdict"] == "shown") & rows["difference"].notna()]
    start = f"{metric.name.replace('_', ' ')} can be told for {len(told)} of {len(rows)} groups"
    if told.empty:
        return start + "."
    row = told.iloc[int(told["difference"].abs().argmax())]
    value, low, high = (spoken(row[name], metric.unit) for name in ("value", "lower", "upper"))
    gap, gap_low, gap_high = (
        spoken(row[name], metric.unit) for name in ("difference", "difference_lower", "difference_upper")
    )
    return (
        f"{start}; furthest from the rest is {row['group']!r} at {value} ({low} to {high}), "
        f"a difference of {gap} ({gap_low} to {gap_high})."
    )
