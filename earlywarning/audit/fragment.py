"""The audit as a fragment of HTML: what was declared first, then tables and drawings of each attribute."""

from __future__ import annotations

import math
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from earlywarning.audit.attributes import PAIR
from earlywarning.audit.curve import DRAWN, EVERY_AREA
from earlywarning.audit.forest import forest
from earlywarning.audit.metrics import BY_NAME, METRICS, Metric
from earlywarning.audit.panels import panels
from earlywarning.audit.summary import answer, spoken
from earlywarning.audit.verdict import spoken_gap
from earlywarning.audit.words import attribute_words, group_words

if TYPE_CHECKING:
    from earlywarning.audit.fairness import FairnessAudit

HEADLINE = tuple(metric for metric in METRICS if metric.headline or not metric.judged)
OTHERS = tuple(metric for metric in METRICS if metric not in HEADLINE)
Row = dict[Any, Any]


def fragment(audit: FairnessAudit) -> str:
    """HTML text without head, style or script; every value from the data is escaped."""
    by_group = audit.by_group.groupby("attribute", sort=False)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["capitalize_first"] = lambda words: words[:1].upper() + words[1:]
    text = (files("earlywarning") / "audit" / "fragment.html.jinja").read_text(encoding="utf-8")
    return environment.from_string(text).render(
        answer=answer(audit),
        declared=[_declared(row) for row in audit.declared.to_dict("records")],
        notes=audit.notes,
        level=f"{audit.level:.0%}",
        metrics=[_measured(metric, audit) for metric in METRICS],
        parts=[_part(str(name), rows, audit, f"audit-{i}") for i, (name, rows) in enumerate(by_group)],
    )


def _measured(metric: Metric, audit: FairnessAudit) -> Row:
    gap = spoken_gap(metric, audit.material[metric.name]) if metric.judged else ""
    return {"name": metric.name, "title": metric.title, "meaning": metric.meaning, "gap": gap}


def _declared(row: Row) -> Row:
    """A declared comparison in words."""
    metric = BY_NAME[row["metric"]]
    cell = _cell(row, metric)
    return {
        "group": group_words(row["attribute"], row["group"]),
        "title": metric.title,
        "value": cell["value"],
        "made_of": cell["made_of"],
        "rest": spoken(row["value"] - row["difference"], metric.unit),
        "gap": _gap(row, metric),
        "verdict": row["verdict"],
        "reason": row["reason"],
    }


def _gap(row: Row, metric: Metric) -> str:
    """The gap with its interval: points for a rate, times for a ratio."""
    if math.isnan(row["difference"]):
        return "undefined"
    if metric.unit == "ratio":
        low, high = (spoken(row[name], "ratio") for name in ("ratio_lower", "ratio_upper"))
        return f"{row['ratio']:.2f} times ({low} to {'no limit' if high == 'undefined' else high})"
    gap, low, high = (f"{100 * row[f'difference{end}']:+.1f}" for end in ("", "_lower", "_upper"))
    return f"{gap} points ({low} to {high})".replace("-", "−")


def _part(attribute: str, rows: pd.DataFrame, audit: FairnessAudit, name: str) -> Row:
    """Tables and drawings of one attribute; of a pair one table, with partial pooling beside raw counts."""
    overall = audit.overall.assign(attribute=attribute)
    if PAIR in attribute:
        judged = [metric for metric in HEADLINE if metric.judged]
        tables = [_table(rows, overall, judged, "raw, and with small groups partly pooled", pooled=True)]
        drawings = []
    else:
        tables = [
            _table(rows, overall, HEADLINE, "what the score is worth and whom it finds"),
            _table(rows, overall, OTHERS, "whom it burdens and whom it misses", counts=False),
        ]
        drawings = [*_forests(attribute, rows, audit, name), *_curves(attribute, audit, name)]
    size = rows["group"].nunique()
    return {"attribute": attribute_words(attribute), "size": size, "tables": tables, "drawings": drawings}


def _table(
    rows: pd.DataFrame,
    overall: pd.DataFrame,
    metrics: tuple[Metric, ...] | list[Metric],
    says: str,
    *,
    counts: bool = True,
    pooled: bool = False,
) -> Row:
    """One row a group and one for everyone, a cell a metric (and one for its pooled value)."""
    heads = ["On roll", "Had the event"] if counts else []
    for metric in metrics:
        heads += [metric.title, "the same, partly pooled"] if pooled else [metric.title]
    told = []
    for group, each in [*rows.groupby("group", sort=False), ("everyone", overall)]:
        by_metric = {row["metric"]: row for row in each.to_dict("records")}
        selected = by_metric["selection_rate"]
        cells = [_plain(f"{selected[name]:,}") for name in (("n", "positives") if counts else ())]
        for metric in metrics:
            cells.append(_cell(by_metric[metric.name], metric))
            if pooled:
                cells.append(_pooled(by_metric[metric.name], metric))
        words = "everyone" if each is overall else group_words(selected["attribute"], str(group))
        told.append({"group": words, "cells": cells})
    return {"says": says, "heads": heads, "rows": told}


def _cell(row: Row, metric: Metric) -> dict[str, str]:
    # Everyone together is compared with no one: only a group has a verdict.
    note = _note(row, metric) if "verdict" in row else ""
    if math.isnan(row["value"]):
        return {"value": "undefined", "made_of": "", "note": note}
    low, high = spoken(row["lower"], metric.unit), spoken(row["upper"], metric.unit)
    out_of = f"{row['out_of']:,.1f} expected" if metric.needs == "score" else f"{row['out_of']:,.0f}"
    count = f"{row['count']:,.0f}" if metric.unit == "ratio" or not metric.needs else f"{row['count']:,.1f}"
    return {
        "value": f"{spoken(row['value'], metric.unit)} ({low} to {high})",
        "made_of": f"{out_of} pupils" if metric.needs == "ranking" else f"{count} of {out_of}",
        "note": note,
    }


def _note(row: Row, metric: Metric) -> str:
    """The verdict in a table's cell; what else there is to say only where nothing can be told."""
    if row["verdict"] == "not judged":
        return ""
    if row["verdict"] != "cannot tell":
        return f"{row['verdict']} (declared)" if row["declared"] else str(row["verdict"])
    if row["reason"].startswith("too few to have seen"):
        visible = row["smallest_visible"]
        least = "no gap" if math.isnan(visible) else f"a gap from {spoken_gap(metric, visible)}"
        return f"cannot tell ({least} could be seen)"
    return f"cannot tell ({row['reason']})"


def _pooled(row: Row, metric: Metric) -> dict[str, str]:
    if "pooled" not in row or math.isnan(row["pooled"]):
        return _plain("" if "pooled" not in row else "undefined")
    value, low, high = (spoken(row[f"pooled{end}"], metric.unit) for end in ("", "_lower", "_upper"))
    return _plain(f"{value} ({low} to {high})")


def _plain(words: str) -> dict[str, str]:
    return {"value": words, "made_of": "", "note": ""}


def _forests(attribute: str, rows: pd.DataFrame, audit: FairnessAudit, name: str) -> list[Row]:
    everyone = audit.overall.set_index("metric")["value"]
    return [
        {
            "svg": forest(metric, rows[rows["metric"] == metric.name], everyone[metric.name], f"{name}-{j}"),
            "caption": f"{metric.title}, by {attribute_words(attribute)}. {metric.meaning}",
        }
        for j, metric in enumerate(METRICS)
        if metric.headline and rows.loc[rows["metric"] == metric.name, "value"].notna().any()
    ]


def _curves(attribute: str, audit: FairnessAudit, name: str) -> list[Row]:
    """Small panels for every area together, and for each area on its own."""
    if audit.curves.empty:
        return []
    mine = audit.curves[audit.curves["attribute"] == attribute]
    told = []
    for i, (area, rows) in enumerate(mine.groupby("area", sort=False)):
        for j, metric in enumerate(BY_NAME[each] for each in DRAWN):
            if area != EVERY_AREA and metric.name != DRAWN[0]:
                continue
            drawn = rows[rows["metric"] == metric.name]
            sums = drawn.groupby(["length", "per_list"], as_index=False)[["count", "out_of"]].sum()
            if not sums["out_of"].gt(0).all():
                continue  # an area in which nobody had the event: there is nothing to follow
            everyone = sums.assign(value=sums["count"] / sums["out_of"])
            fewest = audit.floors[metric.floor]
            where = "every area together" if area == EVERY_AREA else group_words("borough", str(area))
            told.append(
                {
                    "svg": panels(metric, drawn, everyone, fewest, f"{name}-curve-{i}-{j}"),
                    "caption": f"{metric.title}, as each list grows, by {attribute_words(attribute)}: "
                    f"{where}. Dashed: everyone.",
                }
            )
    return told
