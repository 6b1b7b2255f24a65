"""How a list falls on groups of pupils: every metric by group, with counts, an interval and a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from fairlearn.metrics import MetricFrame

from earlywarning.audit.clusters import design_effect
from earlywarning.audit.fragment import fragment
from earlywarning.audit.inputs import AuditInputs, Column, check_inputs
from earlywarning.audit.intervals import gap
from earlywarning.audit.metrics import METRICS, Metric
from earlywarning.audit.summary import summary
from earlywarning.audit.verdict import verdict
from earlywarning.errors import WrongUsage

EVERYONE = "everyone"


@dataclass(frozen=True, eq=False)
class FairnessAudit:
    """What the audit found.

    ``by_group`` has one row for each attribute, group and metric: n (pupils the metric is over), positives
    (of those, with the event), count and out_of (what the value is made of), value, lower, upper,
    difference (the group less all the others), difference_lower, difference_upper, verdict and reason.
    ``overall`` has the same of everyone, up to the interval. Undefined is NaN, with its reason.
    """

    by_group: pd.DataFrame
    overall: pd.DataFrame
    floors: Mapping[str, int]
    level: float

    def to_dict(self) -> dict[str, Any]:
        """The audit as plain values, ready for JSON; undefined numbers are None."""
        return {
            "level": self.level,
            "floors": dict(self.floors),
            "overall": _records(self.overall),
            "by_group": _records(self.by_group),
        }

    def summary(self) -> str:
        """A few lines for a screen: for each attribute, what can be told and the widest gap."""
        return summary(self.by_group, self.overall)

    def to_html(self) -> str:
        """A fragment of HTML (no head, no script) with a table and drawings for each attribute."""
        return fragment(self.by_group, self.overall, self.level)


def fairness_audit(
    y_true: Column,
    listed: Column,
    sensitive_features: pd.DataFrame,
    score: Column | None = None,
    clusters: Column | None = None,
    min_positives: int = 10,
    *,
    known: Column | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    min_pupils: int = 30,
    level: float = 0.95,
) -> FairnessAudit:
    """The audit of one list, or of several pooled, by each attribute and pair of attributes.

    Give one row for each pupil **on roll**, listed or not: ``y_true`` says who had the event, ``known``
    whose outcome is known (by default: where ``y_true`` is not missing), ``listed`` who was on the list,
    ``score`` the calibrated probability of the event (NaN for a pupil who was not assessed),
    ``sensitive_features`` one column an attribute, where a missing value becomes the group "not recorded".
    Selection rates are over everyone on roll, observed over expected over scored pupils whose outcome is
    known, all else over everyone whose outcome is known: a pupil who had the event and could not be
    assessed was missed. ``clusters`` says which rows are the same pupil, where terms are pooled:
    counts are then divided by a design effect before intervals are made. Nothing is said of a group, nor
    when all the others together, have fewer than ``min_positives`` (pupils with the event; for precision,
    listed pupils) or ``min_pupils`` (selection and false positive rates).

    Values come from Fairlearn's ``MetricFrame``; intervals are Jeffreys' for rates and exact Poisson for
    observed over expected; the interval of a difference combines the two (Newcombe).

    Raises:
        WrongUsage: lengths or indexes differ, or a value is outside what is allowed.

    >>> listed = [True, True, False, False, False, False]
    >>> had_event = [True, False, True, False, False, None]
    >>> frame = pd.DataFrame({"sex": ["F", "F", "F", "M", "M", None]})
    >>> audit = fairness_audit(had_event, listed, frame)
    >>> recall = audit.by_group.query("metric == 'recall'").set_index("group")
    >>> recall["value"].to_dict()
    {'F': 0.5, 'M': nan, 'not recorded': nan}
    >>> recall.loc["M", "reason"]
    'no pupil in this group had the event'
    """
    if len(sensitive_features) == 0 or len(sensitive_features.columns) == 0:
        raise WrongUsage("An audit needs at least one pupil and one attribute: sensitive_features is empty.")
    inputs = check_inputs(y_true, listed, sensitive_features, score, clusters, known, pairs)
    floors = {"positives": min_positives, "pupils": min_pupils}
    everyone = pd.Series(EVERYONE, index=inputs.attributes.index)
    tables = [
        _audit_groups(inputs, inputs.attributes[name], floors, level) for name in inputs.attributes.columns
    ]
    return FairnessAudit(
        by_group=pd.concat(tables, ignore_index=True),
        overall=_audit_groups(inputs, everyone.rename(EVERYONE), floors, level).loc[:, :"upper"],
        floors=floors,
        level=level,
    )


def count_groups(marks: pd.DataFrame, groups: pd.Series[Any]) -> pd.DataFrame:
    """Sums of ``marks`` (n_rows, n_counts) by group, sorted by group: shape (n_groups, n_counts).

    Raises:
        ArithmeticError: the groups do not add up to the cohort, which is a fault of this library.
    """
    counts = marks.groupby(groups).sum()
    wrong = [str(name) for name in counts if not math.isclose(counts[name].sum(), marks[name].sum())]
    if wrong:
        raise ArithmeticError(f"groups of {groups.name!r} do not add up to the cohort in: {', '.join(wrong)}")
    return counts


def _audit_groups(
    inputs: AuditInputs, groups: pd.Series[Any], floors: Mapping[str, int], level: float
) -> pd.DataFrame:
    marks = inputs.marks()
    counts = count_groups(marks, groups)
    values = _point_values(inputs, groups).reindex(counts.index)
    codes = counts.index.get_indexer(pd.Index(groups)).astype(np.int64)
    tables = []
    for metric in METRICS:
        effect = design_effect(
            marks[metric.count].to_numpy(), marks[metric.out_of].to_numpy(), codes, inputs.clusters
        )
        value = values.get(metric.name, counts[metric.count] / counts[metric.out_of])
        table = _compare(metric, counts, value, effect, level)
        said = _verdicts(metric, counts, effect, floors[metric.floor], inputs.score is not None)
        tables.append(pd.concat([table, said], axis=1))
    result = pd.concat(tables).rename_axis("group").reset_index()
    result.insert(0, "attribute", str(groups.name))
    return result


def _point_values(inputs: AuditInputs, groups: pd.Series[Any]) -> pd.DataFrame:
    """Fairlearn's value of every metric it defines, shape (n_groups, n_metrics).

    Pupils alike in group, outcome and list are given to Fairlearn as one row with a weight: the values are
    the same, and a large cohort takes no longer than a small one.
    """
    alike = pd.DataFrame(
        {"group": groups, "known": inputs.known, "y": inputs.y, "listed": inputs.listed}, index=groups.index
    )
    rows = alike.value_counts(sort=False).rename("weight").reset_index()
    parts = []
    for over, chosen in (("pupils", rows), ("known", rows[rows["known"]])):
        metrics = {m.name: m.function for m in METRICS if m.over == over and m.function is not None}
        if chosen.empty:
            continue
        frame = MetricFrame(
            metrics=metrics,
            y_true=chosen["y"].astype(int),
            y_pred=chosen["listed"].astype(int),
            sensitive_features=chosen["group"],
            sample_params={name: {"sample_weight": chosen["weight"].astype(float)} for name in metrics},
        )
        parts.append(frame.by_group)
    values: pd.DataFrame = pd.concat(parts, axis=1)
    return values


def _compare(
    metric: Metric, counts: pd.DataFrame, value: pd.Series[Any], effect: float, level: float
) -> pd.DataFrame:
    """One metric of every group beside the rest of the cohort: value, interval, difference."""
    count, out_of = counts[metric.count].to_numpy(), counts[metric.out_of].to_numpy()
    rest_count, rest_out_of = count.sum() - count, out_of.sum() - out_of
    # Fairlearn reports 0 where a rate has no denominator (recall with no positives): that is undefined.
    shown = np.where(out_of > 0, value.to_numpy(), np.nan)
    alone = len(counts) == 1
    rest = np.divide(
        rest_count, rest_out_of, out=np.full(len(counts), np.nan), where=(rest_out_of > 1e-9) & (not alone)
    )
    limits = metric.interval(count / effect, out_of / effect, level)
    rest_limits = metric.interval(rest_count / effect, rest_out_of / effect, level)
    lower, upper = gap(shown, limits, rest, rest_limits)
    return pd.DataFrame(
        {
            "metric": metric.name,
            "n": counts[metric.over].astype(int),
            "positives": counts["scored_positives" if metric.over == "scored" else "positives"].astype(int),
            "count": count,
            "out_of": out_of,
            "value": shown,
            "lower": limits[0],
            "upper": limits[1],
            "difference": shown - rest,
            "difference_lower": lower,
            "difference_upper": upper,
        },
        index=counts.index,
    )


def _verdicts(metric: Metric, counts: pd.DataFrame, effect: float, floor: int, scored: bool) -> pd.DataFrame:
    sizes: npt.NDArray[np.float64] = counts[metric.enough].to_numpy()
    rest = (sizes.sum() - sizes) / effect
    said = [
        verdict(
            metric,
            out_of=float(out_of),
            size=float(size) / effect,
            rest_size=None if len(counts) == 1 else float(others),
            floor=floor,
            scored=scored,
        )
        for out_of, size, others in zip(counts[metric.out_of], sizes, rest, strict=True)
    ]
    return pd.DataFrame(said, columns=["verdict", "reason"], index=counts.index)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
