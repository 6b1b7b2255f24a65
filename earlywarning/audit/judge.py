"""The verdict on every row, and the declared comparisons by themselves: also those that could not be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.audit.compare import p_of
from earlywarning.audit.comparisons import Comparison, holm
from earlywarning.audit.metrics import Metric
from earlywarning.audit.verdict import Verdict, verdict

KEYS = ["attribute", "group", "metric"]
AFTER = 13
"""Where verdict and reason stand: after difference and its limits."""


def judged(
    by_group: pd.DataFrame,
    metrics: Mapping[str, Metric],
    declared: Sequence[Comparison],
    material: Mapping[str, float],
    *,
    schools: int,
    level: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """``by_group`` with a verdict in every row, and the rows of ``declared``, in their order.

    ``metrics`` has every metric of the rows by its name.

    A declared comparison whose group or attribute is not there has a row of its own, "cannot tell". Holm's
    adjustment is over all that were declared, whether or not they could be made.
    """
    keys = [(each.attribute, each.group, each.metric) for each in declared]
    by_group = by_group.assign(implied_difference=_implied(by_group))
    rows = {(row["attribute"], row["group"], row["metric"]): row for row in by_group.to_dict("records")}
    sums = by_group.groupby(["attribute", "metric"], as_index=False)[["count", "out_of"]].sum()
    totals = {(at, metric): (count, out_of) for at, metric, count, out_of in sums.itertuples(index=False)}
    p_values = _p_values(keys, metrics, rows, totals, schools=schools, level=level)
    adjusted = dict(zip(keys, holm(p_values), strict=True))
    said = [_verdict(metrics[key[2]], row, adjusted.get(key), material, level) for key, row in rows.items()]
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
    metrics: Mapping[str, Metric],
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
        found.append(p_of(metrics[key[2]], row, count - row["count"], out_of - row["out_of"], schools, level))
    return found


def _verdict(
    metric: Metric,
    row: Mapping[Any, Any],
    p_adjusted: float | None,
    material: Mapping[str, float],
    level: float,
) -> tuple[Verdict, str]:
    if row["reason"]:
        return "cannot tell", row["reason"]
    if not metric.judged:
        return "not judged", "it is what the scores promise, not what happened"
    implied = row["implied_difference"]
    said, why = verdict(
        metric,
        gap=row["ratio"] if metric.unit == "ratio" else row["difference"],
        seen=row["difference_lower"] > implied or row["difference_upper"] < implied,
        visible=row["smallest_visible"],
        material=material[metric.name],
        p_adjusted=p_adjusted,
        implied=implied,
        alpha=1 - level,
    )
    if not implied:
        return said, why
    where = f"{100 * implied:+.1f} points".replace("-", "−")
    return said, f"{why}; counted from {where}, where scores worth the same in every group would leave it"


def _implied(by_group: pd.DataFrame) -> npt.NDArray[np.float64]:
    """The difference that must be there: of recall where there is a score, what the scores promise; else 0.

    Groups with different rates of the event differ in recall on any list that is drawn by a right score.
    """
    keys = by_group[["attribute", "group"]]
    promised = by_group[by_group["metric"] == "recall_implied"]
    known = dict(
        zip(zip(promised["attribute"], promised["group"], strict=True), promised["difference"], strict=True)
    )
    found = np.array([known.get(key, np.nan) for key in keys.itertuples(index=False, name=None)], dtype=float)
    return np.where(by_group["metric"] == "recall", np.nan_to_num(found), 0.0)
