"""The verdict on every row, and the declared comparisons by themselves: also those that could not be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.audit.compare import p_of
from earlywarning.audit.comparisons import Comparison, holm
from earlywarning.audit.metrics import BY_NAME
from earlywarning.audit.verdict import Verdict, spoken_gap, verdict

KEYS = ["attribute", "group", "metric"]
AFTER = 13
"""Where verdict and reason stand: after difference and its limits."""


def judged(
    by_group: pd.DataFrame,
    declared: Sequence[Comparison],
    material: Mapping[str, float],
    *,
    schools: int,
    level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``by_group`` with a verdict in every row, and the rows of ``declared``, in their order.

    A declared comparison whose group or attribute is not there has a row of its own, "cannot tell". Holm's
    adjustment is over all that were declared, whether or not they could be made.
    """
    keys = [(each.attribute, each.group, each.metric) for each in declared]
    rows = {(row["attribute"], row["group"], row["metric"]): row for row in by_group.to_dict("records")}
    sums = by_group.groupby(["attribute", "metric"], as_index=False)[["count", "out_of"]].sum()
    totals = {(at, metric): (count, out_of) for at, metric, count, out_of in sums.itertuples(index=False)}
    adjusted = dict(zip(keys, holm(_p_values(keys, rows, totals, schools=schools, level=level)), strict=True))
    said = [
        _verdict(row, adjusted.get(key), material, _implied(rows, key), level) for key, row in rows.items()
    ]
    result = by_group.drop(columns="reason")
    result.insert(AFTER, "verdict", [each for each, _ in said])
    result.insert(AFTER + 1, "reason", [why for _, why in said])
    result["declared"] = [key in adjusted for key in rows]
    told = result.set_index(KEYS).reindex(pd.MultiIndex.from_tuples(keys, names=KEYS)).reset_index()
    absent = told["verdict"].isna()
    told.loc[absent, "verdict"] = "cannot tell"
    there = told["attribute"].isin(by_group["attribute"])
    told.loc[absent & there, "reason"] = "no pupil was in this group"
    told.loc[absent & ~there, "reason"] = "this attribute was not given"
    return result, told.assign(declared=True, p_adjusted=[adjusted[key] for key in keys])


def _p_values(
    keys: Sequence[tuple[str, str, str]],
    rows: Mapping[tuple[str, str, str], Mapping[Any, Any]],
    totals: Mapping[tuple[str, str], tuple[float, float]],
    *,
    schools: int,
    level: float,
) -> list[float]:
    """The p-value of each declared comparison; 1 for one that cannot be made."""
    found = []
    for key in keys:
        row = rows.get(key)
        if row is None or row["reason"] or np.isnan(row["difference"]):
            found.append(1.0)
            continue
        count, out_of = totals[key[0], key[2]]
        found.append(p_of(row, count - row["count"], out_of - row["out_of"], schools, level))
    return found


def _verdict(
    row: Mapping[Any, Any],
    p_adjusted: float | None,
    material: Mapping[str, float],
    implied: str,
    level: float,
) -> tuple[Verdict, str]:
    metric = BY_NAME[row["metric"]]
    if row["reason"]:
        return "cannot tell", row["reason"]
    if not metric.judged:
        return "not judged", "it is what the scores promise, not what happened"
    said, why = verdict(
        metric,
        gap=row["ratio"] if metric.unit == "ratio" else row["difference"],
        seen=row["difference_lower"] > 0 or row["difference_upper"] < 0,
        visible=row["smallest_visible"],
        material=material[metric.name],
        p_adjusted=p_adjusted,
        alpha=1 - level,
    )
    return said, why + (implied if said in ("watch", "concern") else "")


def _implied(rows: Mapping[tuple[str, str, str], Mapping[Any, Any]], key: tuple[str, str, str]) -> str:
    """For recall, the gap that scores worth the same in every group would leave at this capacity."""
    beside = rows.get((key[0], key[1], "recall_implied"))
    if key[2] != "recall" or beside is None or np.isnan(beside["difference"]):
        return ""
    way = "higher" if beside["difference"] > 0 else "lower"
    size = spoken_gap(BY_NAME["recall"], beside["difference"])
    return f"; scores worth the same in every group would leave it {size} {way}"
