"""Longer and shorter lists: whom they would have listed and found in each group and area."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.audit.clusters import design_effect
from earlywarning.audit.compare import count_groups
from earlywarning.audit.inputs import Column, check_inputs
from earlywarning.audit.metrics import BY_NAME
from earlywarning.model.curves import LENGTHS, lengthened
from earlywarning.model.lists import Capacity, listed

EVERY_AREA = "every area"
DRAWN = ("recall", "selection_rate")


def capacity_curves(
    y_true: Column,
    ranking: pd.Series[float],
    attributes: pd.DataFrame,
    *,
    area: npt.ArrayLike,
    as_of_date: npt.ArrayLike,
    capacity: Capacity,
    tie_break: npt.ArrayLike,
    known: Column | None = None,
    clusters: Column | None = None,
    lengths: Sequence[float] = LENGTHS,
    level: float = 0.95,
) -> pd.DataFrame:
    """Recall and selection rate of every group, on lists of each of ``lengths`` times the capacity.

    Give one row for each pupil on roll on each date. One list an area and date is drawn as it always is, by
    ``ranking``, from everyone on roll; a list that is longer than the roll holds everyone who has a rank.
    The result has a row for each area (and :data:`EVERY_AREA`), attribute, group, length and metric:
    per_list (the mean number listed on a list), n, positives, count, out_of, value, lower, upper. Terms are
    pooled; ``clusters`` says which rows are the same pupil.

    Raises:
        WrongUsage: lengths or indexes differ, or a value is outside what is allowed.
    """
    inputs = check_inputs(y_true, [False] * len(attributes), attributes, None, clusters, known, ())
    areas, dates = np.asarray(area), np.asarray(as_of_date)
    dated = pd.MultiIndex.from_arrays([areas, dates])
    masks = [(EVERY_AREA, np.ones(len(areas), dtype=bool))]
    if len(names := sorted(set(areas.tolist()))) > 1:
        masks += [(str(name), areas == name) for name in names]
    parts = [(name, rows, dated[rows].nunique()) for name, rows in masks]
    tables = []
    for length in lengths:
        chosen = listed(ranking, areas, dates, lengthened(capacity, length), tie_break).to_numpy()
        marks = pd.DataFrame(
            {
                "pupils": 1.0,
                "known": inputs.known,
                "positives": inputs.y,
                "listed": chosen,
                "listed_positives": chosen & inputs.y,
            },
            dtype=float,
        )
        for part, rows, lists in parts:
            per_list = float(chosen[rows].sum()) / lists
            for name in map(str, inputs.attributes):
                groups = inputs.attributes[name][rows]
                codes = None if inputs.clusters is None else inputs.clusters[rows]
                table = _rates(marks[rows], groups, codes, level)
                tables.append(
                    table.assign(area=part, attribute=name, length=float(length), per_list=per_list)
                )
    first = ["area", "attribute", "group", "length", "per_list", "metric"]
    result = pd.concat(tables, ignore_index=True)
    return result[[*first, *result.columns.difference(first, sort=False)]]


def _rates(
    marks: pd.DataFrame, groups: pd.Series[str], clusters: npt.NDArray[np.int64] | None, level: float
) -> pd.DataFrame:
    """The drawn metrics of every group, one row a group and metric."""
    counts = count_groups(marks, groups)
    codes = counts.index.get_indexer(pd.Index(groups)).astype(np.int64)
    tables = []
    for metric in (BY_NAME[name] for name in DRAWN):
        count, out_of = counts[metric.count].to_numpy(), counts[metric.out_of].to_numpy()
        effect = design_effect(
            marks[metric.count].to_numpy(), marks[metric.out_of].to_numpy(), codes, clusters
        )
        lower, upper = metric.interval(count / effect, out_of / effect, level)
        tables.append(
            pd.DataFrame(
                {
                    "group": counts.index,
                    "metric": metric.name,
                    "n": counts[metric.over].to_numpy(dtype=int),
                    "positives": counts["positives"].to_numpy(dtype=int),
                    "count": count,
                    "out_of": out_of,
                    "value": np.divide(count, out_of, out=np.full(len(count), np.nan), where=out_of > 0),
                    "lower": lower,
                    "upper": upper,
                }
            )
        )
    return pd.concat(tables)
