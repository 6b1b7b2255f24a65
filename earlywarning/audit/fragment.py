"""The audit as a fragment of HTML: for each attribute a table, then a drawing of each headline metric."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from jinja2 import Environment

from earlywarning.audit.forest import forest
from earlywarning.audit.metrics import METRICS
from earlywarning.audit.summary import spoken

TEMPLATE = """\
<section class="audit" aria-labelledby="audit-heading">
<h2 id="audit-heading">How the list falls on groups of pupils</h2>
<p>Each cell shows the value, its {{ level }} interval, and the counts it is made of. Where a group, or all
others together, are too few, it says “cannot tell”: that is not a pass. Groups with different rates of the
event differ in some of these measures even when the score is worth the same in each.
<strong>For the team only: it holds small numbers.</strong></p>
<dl>
{%- for metric in metrics %}
<dt>{{ metric.title }} ({{ metric.name | replace("_", " ") }})</dt><dd>{{ metric.meaning }}</dd>
{%- endfor %}
</dl>
{%- for part in parts %}
<section>
<h3>{{ part.attribute }}</h3>
<div class="audit-wide" tabindex="0" role="group" aria-label="{{ part.attribute }}, table">
<table>
<caption>The list by {{ part.attribute }}: {{ part.rows | length - 1 }} groups</caption>
<thead><tr><th scope="col">Group</th><th scope="col">On roll</th><th scope="col">Had the event</th>
{%- for metric in metrics %}<th scope="col">{{ metric.title }}</th>{% endfor %}</tr></thead>
<tbody>
{%- for row in part.rows %}
<tr><th scope="row">{{ row.group }}</th><td>{{ row.n }}</td><td>{{ row.positives }}</td>
{%- for cell in row.cells %}<td>{{ cell.value }}{% if cell.made_of %}<br/><small>{{ cell.made_of }}</small>
{%- endif %}{% if cell.note %}<br/><small><em>{{ cell.note }}</em></small>{% endif %}</td>{% endfor %}</tr>
{%- endfor %}
</tbody>
</table>
</div>
{%- for drawing in part.drawings %}
<figure>{{ drawing.svg | safe }}<figcaption>{{ drawing.caption }}</figcaption></figure>
{%- endfor %}
</section>
{%- endfor %}
</section>
"""


def fragment(by_group: pd.DataFrame, overall: pd.DataFrame, level: float) -> str:
    """HTML text without head, style or script; every value from the data is escaped."""
    everyone = overall.set_index("metric")["value"]
    parts = []
    for i, (attribute, rows) in enumerate(by_group.groupby("attribute", sort=False)):
        drawings = [
            {
                "svg": forest(
                    metric, rows[rows["metric"] == metric.name], everyone[metric.name], f"audit-{i}-{j}"
                ),
                "caption": f"{metric.title}, by {attribute}. {metric.meaning}",
            }
            for j, metric in enumerate(METRICS)
            if metric.headline and rows.loc[rows["metric"] == metric.name, "value"].notna().any()
        ]
        table = [_table_row(group) for _, group in rows.groupby("group", sort=False)]
        parts.append({"attribute": attribute, "rows": [*table, _table_row(overall)], "drawings": drawings})
    template = Environment(autoescape=True).from_string(TEMPLATE)
    return template.render(parts=parts, metrics=METRICS, level=f"{level:.0%}")


def _table_row(rows: pd.DataFrame) -> dict[str, Any]:
    by_metric = {row["metric"]: row for row in rows.to_dict("records")}
    selected = by_metric["selection_rate"]
    return {
        "group": selected["group"],
        "n": f"{selected['n']:,}",
        "positives": f"{selected['positives']:,}",
        "cells": [_cell(by_metric[metric.name], metric.unit) for metric in METRICS],
    }


def _cell(row: dict[Any, Any], unit: str) -> dict[str, str]:
    # Everyone together is compared with no one: only a group has a verdict.
    told = row.get("verdict", "shown") == "shown"
    note = "" if told else f"cannot tell ({row['reason']})"
    if math.isnan(row["value"]):
        return {"value": "undefined", "made_of": "", "note": note}
    low, high = spoken(row["lower"], unit), spoken(row["upper"], unit)
    out_of = f"{row['out_of']:,.0f}" if unit == "rate" else f"{row['out_of']:,.1f} expected"
    return {
        "value": f"{spoken(row['value'], unit)} ({low} to {high})",
        "made_of": f"{row['count']:,.0f} of {out_of}",
        "note": note,
    }
