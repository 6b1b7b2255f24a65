"""Every metric of every group of one attribute, beside the rest of the cohort, with its intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtr, stdtrit

from earlywarning.audit.attributes import PAIR
from earlywarning.audit.clusters import design_effect, dispersion
from earlywarning.audit.intervals import Interval, gap, p_value, ratio
from earlywarning.audit.metrics import Metric
from earlywarning.audit.pooling import partly_pooled
from earlywarning.audit.resampling import cells, counted, drawn_counts, of_metric
from earlywarning.audit.verdict import smallest_visible, unable


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


@dataclass(frozen=True, eq=False)
class Tally:
    """What is compared: ``marks`` (n_rows, n_counts), a 0/1 column a count, and the ``metrics`` made of them.

    ``given`` says what of what metrics need is there ("score", "ranking"); ``clusters`` and ``schools`` are
    integer codes (n_rows,) of which rows are the same pupil, and in which school. ``official`` gives the
    values by group of the metrics that a library defines; every other value is a count over a count.
    """

    marks: pd.DataFrame
    metrics: tuple[Metric, ...]
    clusters: npt.NDArray[np.int64] | None = None
    schools: npt.NDArray[np.int64] | None = None
    given: frozenset[str] = frozenset()
    official: Callable[[pd.Series[Any]], pd.DataFrame] | None = None

    @property
    def n_schools(self) -> int:
        """How many schools there are; 0 where they were not given."""
        return 0 if self.schools is None else int(self.schools.max()) + 1


def compare_groups(
    tally: Tally,
    groups: pd.Series[Any],
    *,
    floors: Mapping[str, int],
    level: float,
    resamples: int,
) -> pd.DataFrame:
    """One row a metric and group of an attribute; ``reason`` says why nothing can be said of it, or "".

    ``groups`` has the group of each row, shape (n_rows,).
    """
    marks = tally.marks
    counts = count_groups(marks, groups)
    official = pd.DataFrame() if tally.official is None else tally.official(groups)
    values = official.reindex(counts.index)
    codes = counts.index.get_indexer(pd.Index(groups)).astype(np.int64)
    drawn = None
    if tally.schools is not None and tally.n_schools > 1 and len(counts) > 1:
        names = counted(tally.metrics)
        drawn = drawn_counts(cells(marks[names], codes, tally.schools), names, resamples)
    margins = _margins(str(groups.name), counts.index)
    tables = []
    for metric in tally.metrics:
        count, out_of = marks[metric.count].to_numpy(), marks[metric.out_of].to_numpy()
        effect = design_effect(count, out_of, codes, tally.clusters)
        value = values.get(metric.name, counts[metric.count] / counts[metric.out_of])
        by_schools = None if drawn is None else of_metric(metric, drawn, tally.n_schools, level)
        spread = dispersion(count, out_of, codes) if metric.unit == "rate" else 1.0
        table = _beside_the_rest(metric, counts, value, effect * spread, level, by_schools)
        sizes = _sizes(marks[metric.enough].to_numpy(), codes, tally.clusters, effect)
        table["reason"] = _reasons(metric, counts, sizes, floors[metric.floor], tally.given)
        table["pooled"], table["pooled_lower"], table["pooled_upper"] = partly_pooled(
            metric,
            (table["count"] / table["design_effect"]).to_numpy(),
            (table["out_of"] / table["design_effect"]).to_numpy(),
            margins,
            level,
        )
        tables.append(table)
    result = pd.concat(tables).rename_axis("group").reset_index()
    result.insert(0, "attribute", str(groups.name))
    return result


def p_of(
    metric: Metric,
    row: Mapping[str, Any],
    rest_count: float,
    rest_out_of: float,
    schools: int,
    level: float,
) -> float:
    """The two-sided p-value of one row's difference beyond what is implied: the larger of two.

    By pupils the interval is inverted; by schools, where theirs is the wider, its half towards zero is taken
    for that of a t distribution.
    """
    effect = row["design_effect"]
    value, rest = row["count"] / row["out_of"], rest_count / rest_out_of
    implied = row["implied_difference"]
    beyond = row["difference"] - implied

    def at(each: float) -> tuple[float, float]:
        own = metric.interval(row["count"] / effect, row["out_of"] / effect, each)
        others = metric.interval(rest_count / effect, rest_out_of / effect, each)
        lower, upper = gap(np.asarray(value), own, np.asarray(rest), others)
        return float(lower) - implied, float(upper) - implied

    p = p_value(at)
    if row["interval_by"] == "schools":
        near = row["difference_lower"] if beyond > 0 else row["difference_upper"]
        reach = max(abs(row["difference"] - near), 1e-12)
        t = abs(beyond) / reach * stdtrit(schools - 1, (1 + level) / 2)
        p = max(p, 2 * float(stdtr(schools - 1, -t)))
    return p


def _beside_the_rest(
    metric: Metric,
    counts: pd.DataFrame,
    value: pd.Series[Any],
    effect: float,
    level: float,
    by_schools: Mapping[str, Interval] | None,
) -> pd.DataFrame:
    """One metric of every group beside the rest: value, difference and ratio, with intervals."""
    count, out_of = counts[metric.count].to_numpy(), counts[metric.out_of].to_numpy()
    rest_count, rest_out_of = count.sum() - count, out_of.sum() - out_of
    # Fairlearn reports 0 where a rate has no denominator (recall with no positives): that is undefined.
    shown = np.where(out_of > 0, value.to_numpy(), np.nan)
    alone = len(counts) == 1
    rest = np.divide(
        rest_count, rest_out_of, out=np.full(len(counts), np.nan), where=(rest_out_of > 1e-9) & (not alone)
    )
    own = metric.interval(count / effect, out_of / effect, level)
    others = metric.interval(rest_count / effect, rest_out_of / effect, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(rest > 0, shown / rest, np.nan)
        of_value, of_gap, of_ratio = own, gap(shown, own, rest, others), ratio(shown, own, rest, others)
    schools_decide = np.zeros(len(counts), dtype=bool)
    if by_schools is not None:
        of_value = _chosen(of_value, by_schools["value"], _wider(by_schools["value"], of_value))
        schools_decide = _wider(by_schools["difference"], of_gap)
        of_gap = _chosen(of_gap, by_schools["difference"], schools_decide)
        of_ratio = _chosen(of_ratio, by_schools["ratio"], schools_decide)
    decides = of_gap if metric.unit == "rate" else of_ratio
    return pd.DataFrame(
        {
            "metric": metric.name,
            "n": counts[metric.over].astype(int),
            "positives": counts[metric.positives].astype(int),
            "count": count,
            "out_of": out_of,
            "value": shown,
            "lower": of_value[0],
            "upper": of_value[1],
            "difference": shown - rest,
            "difference_lower": of_gap[0],
            "difference_upper": of_gap[1],
            "ratio": times,
            "ratio_lower": of_ratio[0],
            "ratio_upper": of_ratio[1],
            "smallest_visible": smallest_visible(metric, *decides, level),
            "interval_by": np.where(schools_decide, "schools", "pupils"),
            "design_effect": effect,
        },
        index=counts.index,
    )


def _wider(one: Interval, other: Interval) -> npt.NDArray[np.bool_]:
    """Where ``one`` is the wider of two intervals; an undefined one is not."""
    return np.asarray(one[1] - one[0] > other[1] - other[0])


def _chosen(one: Interval, other: Interval, where: npt.NDArray[np.bool_]) -> Interval:
    return np.where(where, other[0], one[0]), np.where(where, other[1], one[1])


def _sizes(
    mark: npt.NDArray[np.float64],
    codes: npt.NDArray[np.int64],
    clusters: npt.NDArray[np.int64] | None,
    effect: float,
) -> npt.NDArray[np.float64]:
    """How many pupils each group's ``mark`` rests on: rows over the design effect, never more than pupils.

    One pupil's rows say nothing of how pupils differ, so their design effect cannot be worked out from them.
    """
    groups = int(codes.max()) + 1
    rows = np.bincount(codes, mark, minlength=groups) / effect
    if clusters is None:
        return rows
    there = mark > 0
    pupils = np.unique(clusters[there] * groups + codes[there]) % groups
    return np.minimum(rows, np.bincount(pupils, minlength=groups))


def _reasons(
    metric: Metric,
    counts: pd.DataFrame,
    sizes: npt.NDArray[np.float64],
    floor: int,
    given: frozenset[str],
) -> list[str]:
    rest = sizes.sum() - sizes
    everyone = float(counts[metric.count].sum()), float(counts[metric.out_of].sum())
    return [
        unable(
            metric,
            out_of=float(out_of),
            size=float(size),
            rest_size=None if len(counts) == 1 else float(others),
            floor=floor,
            given=given,
            everyone=everyone,
        )
        for out_of, size, others in zip(counts[metric.out_of], sizes, rest, strict=True)
    ]


def _margins(attribute: str, groups: pd.Index) -> pd.DataFrame:
    """The two groups that each group of a pair is made of; no column where the attribute is no pair."""
    parts = len(attribute.split(PAIR))
    if parts == 1:
        return pd.DataFrame(index=groups)
    return pd.DataFrame([str(group).split(PAIR)[:parts] for group in groups], index=groups).astype(str)
