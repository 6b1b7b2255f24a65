"""What each group gains or loses where a list is made in another way: the same pupils, the same resamples."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from earlywarning.model.arrays import BoolArray, FloatArray, IntArray
from earlywarning.model.comparison import tail_of
from earlywarning.model.evaluation import NORMAL_WIDTH

EVERYONE = "everyone"
RESAMPLES = 500
FEWEST = 10
"""Rows with the event that a group needs, and all others together, before a change in recall is told."""
Key = tuple[str, ...]


def changes_by_group(
    event: BoolArray,
    lists: Mapping[str, BoolArray],
    groups: pd.DataFrame,
    pupils: npt.ArrayLike,
    *,
    again: Sequence[str] = (),
    seed: int = 0,
) -> pd.DataFrame:
    """Each list's recall and selection rate in every group, and how they differ from the first list's.

    One row of ``event``, of each of ``lists``, of ``groups`` (a column an attribute) and of ``pupils`` is a
    pupil on roll on a date: (n_rows,). ``event`` is true where the outcome is known and happened. Those of
    ``lists`` that are named in ``again`` are the first, made with other seeds: they have no rows of their
    own, and widen the interval of each change by as much as seeds alone change.

    Returns:
        One row for each option, attribute, group and metric: recall (of those with the event, listed),
        selection_rate (of all on roll, listed) and recall_gap (the group's recall less that of all others),
        with n (rows the metric is over), positives, value, lower, upper, change (less the first list's),
        change_lower, change_upper and verdict: higher or lower (the interval of the change leaves out 0), no
        sign, cannot tell (too few; never a pass), "" for the first list. The group "everyone" is all rows.
        Intervals (95%) resample pupils. Undefined is NaN.

    >>> event, first = np.array([1, 1, 0, 0] * 20) == 1, np.array([1, 0, 0, 0] * 20) == 1
    >>> sex = pd.DataFrame({"sex": ["F", "M", "F", "M"] * 20})
    >>> table = changes_by_group(event, {"as used": first, "other": event}, sex, np.arange(80))
    >>> table.query("option == 'other' and group == 'M' and metric == 'recall'")[["value", "change"]].values
    array([[1., 1.]])
    """
    code = np.unique(np.asarray(pupils), return_inverse=True)[1]
    masks: dict[Key, BoolArray] = {(EVERYONE, EVERYONE): np.ones(len(event), dtype=bool)}
    for name in groups:
        for group in sorted(groups[name].unique()):
            masks[str(name), str(group)] = groups[name].eq(group).to_numpy()
    columns: dict[Key, BoolArray] = {}
    for key, mask in masks.items():
        columns["pupils", *key], columns["events", *key] = mask, mask & event
        for option, chosen in lists.items():
            columns["listed", option, *key] = mask & chosen
            columns["found", option, *key] = mask & chosen & event
    counts = _Counts(_resampled(columns, code, seed), int(code.max()) + 1, next(iter(lists)), tuple(again))
    asked = [option for option in lists if option not in again]
    return pd.DataFrame([row for option in asked for key in masks for row in counts.rows(option, *key)])


@dataclass(frozen=True)
class _Counts:
    """Sums by column, each as they are and then on resamples of ``pupils``; ``base`` is the first list."""

    of: Mapping[Key, FloatArray]
    pupils: int
    base: str
    again: tuple[str, ...] = ()

    def rows(self, option: str, attribute: str, group: str) -> Iterator[dict[str, Any]]:
        """The metrics of one group on one list, beside those on the first."""
        events, everyone = self.of["events", attribute, group], self.of["events", EVERYONE, EVERYONE]
        n = {"recall": events, "selection_rate": self.of["pupils", attribute, group], "recall_gap": events}
        whole = attribute == EVERYONE
        few = events[0] < FEWEST or (not whole and everyone[0] - events[0] < FEWEST)
        base = self.measures(self.base, attribute, group)
        others = [self.measures(name, attribute, group) for name in self.again]
        for metric, values in self.measures(option, attribute, group).items():
            row: dict[str, Any] = {"option": option, "attribute": attribute, "group": group, "metric": metric}
            row |= {"n": int(n[metric][0]), "positives": int(events[0])}
            row |= dict(zip(("value", "lower", "upper"), self.limits(values), strict=True))
            seeds = [float(one[metric][0] - base[metric][0]) for one in others]
            change = (np.nan,) * 3
            if option != self.base:
                change = _widened(self.limits(values - base[metric]), seeds)
            row |= dict(zip(("change", "change_lower", "change_upper"), change, strict=True))
            told = _verdict(*change[1:], few=few and metric != "selection_rate")
            yield row | {"verdict": "" if option == self.base else told}

    def measures(self, option: str, attribute: str, group: str) -> dict[str, FloatArray]:
        """Each metric of one group on one list; the gap is between two groups, so everyone has none."""
        key = (attribute, group)
        found, events, pupils = (
            self.of["found", option, *key],
            self.of["events", *key],
            self.of["pupils", *key],
        )
        measured = {
            "recall": _share(found, events),
            "selection_rate": _share(self.of["listed", option, *key], pupils),
        }
        if attribute == EVERYONE:
            return measured
        every, all_events = (
            self.of["found", option, EVERYONE, EVERYONE],
            self.of["events", EVERYONE, EVERYONE],
        )
        return measured | {"recall_gap": measured["recall"] - _share(every - found, all_events - events)}

    def limits(self, values: FloatArray) -> tuple[float, float, float]:
        """The value and its interval; none where over 5% of the resamples are undefined."""
        drawn = values[1:][~np.isnan(values[1:])]
        if np.isnan(values[0]) or self.pupils < 2 or len(drawn) < 0.95 * (len(values) - 1):
            return float(values[0]), np.nan, np.nan
        tail = tail_of(self.pupils)
        lower, upper = np.quantile(drawn, [tail, 1 - tail])
        return float(values[0]), float(lower), float(upper)


def _widened(change: tuple[float, float, float], seeds: Sequence[float]) -> tuple[float, float, float]:
    """A change with its interval widened by what other seeds alone change, 19 times in 20 at most."""
    value, lower, upper = change
    drawn = NORMAL_WIDTH / 2 * math.sqrt(sum(one**2 for one in seeds) / len(seeds)) if seeds else 0.0
    return value, value - math.hypot(value - lower, drawn), value + math.hypot(upper - value, drawn)


def _verdict(lower: float, upper: float, *, few: bool) -> str:
    if few or np.isnan(lower):
        return "cannot tell"
    return "higher" if lower > 0 else "lower" if upper < 0 else "no sign"


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))


def _resampled(columns: Mapping[Key, BoolArray], code: IntArray, seed: int) -> dict[Key, FloatArray]:
    """Each column's sum as it is, then on :data:`RESAMPLES` resamples of pupils: (1 + RESAMPLES,) each."""
    rows = [np.flatnonzero(one) for one in columns.values()]
    column = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    at = (column, code[np.concatenate(rows)])
    pupils, random = int(code.max()) + 1, np.random.default_rng(seed)
    sums = csr_array((np.ones(len(column)), at), shape=(len(rows), pupils))  # those of one pupil add up
    drawn = [np.asarray(sums @ np.ones(pupils))]
    for _ in range(RESAMPLES):
        weights = np.bincount(random.integers(pupils, size=pupils), minlength=pupils)
        drawn.append(np.asarray(sums @ weights.astype(np.float64)))
    together = np.column_stack(drawn)
    return {name: together[number] for number, name in enumerate(columns)}
