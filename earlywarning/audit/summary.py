"""The audit in a few lines of text: what can be told for each attribute, and the widest gap."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from earlywarning.audit.metrics import METRICS, Metric
from earlywarning.audit.verdict import SEEN
from earlywarning.audit.words import group_words

if TYPE_CHECKING:
    from earlywarning.audit.fairness import FairnessAudit


def summary(audit: FairnessAudit) -> str:
    """Text: a line for the list, the declared comparisons, and two lines for each attribute."""
    overall = audit.overall.set_index("metric")
    recall, selected = overall.loc["recall"], overall.loc["selection_rate"]
    first = (
        f"{selected['n']:,} pupils on roll, {selected['count']:,.0f} listed; outcome known for "
        f"{recall['n']:,}, {recall['positives']:,} with the event, {recall['count']:,.0f} of them listed."
    )
    lines = [first, _declared(audit)]
    lines += [
        f"{row['verdict']}: {_title(row)}: {row['reason']}."
        for row in audit.declared.to_dict("records")
        if row["verdict"] in SEEN
    ]
    for attribute, rows in audit.by_group.groupby("attribute", sort=False):
        lines += [
            f"{attribute}: {_widest(metric, rows[rows['metric'] == metric.name])}"
            for metric in METRICS
            if metric.headline
        ]
    lines += audit.notes
    lines.append("The furthest of many groups is far by chance too; too few to tell is not a pass.")
    return "\n".join(lines)


def answer(audit: FairnessAudit) -> str:
    """The first sentences of the page: what the declared comparisons came to, in words for anyone."""
    counts, many = audit.verdicts["counts"], len(audit.declared)
    if not many:
        return "No comparison was declared before looking: nothing below is more than exploratory."
    seen = [_title(row) for row in audit.declared.to_dict("records") if row["verdict"] == "concern"]
    asked = f"{many} comparisons declared beforehand"
    if seen:
        first = f"There is a concern about {len(seen)} of {asked}: {'; '.join(seen)}."
    elif counts["watch"]:
        first = f"There is no concern among {asked}, and {counts['watch']} to watch."
    elif counts["cannot tell"] == many:
        return f"Nothing can be told of any of the {asked}. That is not a pass."
    else:
        first = f"There is no concern and nothing to watch among {asked}."
    blind = counts["cannot tell"]
    told = f" Of {blind} of them nothing can be told, which is not a pass." if blind else ""
    return first + told


def _declared(audit: FairnessAudit) -> str:
    """How many of the declared comparisons have which verdict."""
    counts = audit.verdicts["counts"]
    told = ", ".join(f"{number} {name}" for name, number in counts.items())
    return f"{len(audit.declared)} comparisons declared before looking: {told}."


def _title(row: Mapping[Any, Any]) -> str:
    return f"{group_words(row['attribute'], row['group'])}, {row['metric'].replace('_', ' ')}"


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
    told = rows[rows["verdict"].ne("cannot tell") & rows["difference"].notna()]
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
