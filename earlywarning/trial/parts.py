"""Results for parts of the pupils: met in training or not, suspended before or never, each with events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from earlywarning.model.arrays import BoolArray, FloatArray, IntArray
from earlywarning.model.comparison import Statistic, compared, resampled
from earlywarning.model.lists import Capacity, chance_listed
from earlywarning.model.ranking import auroc, average_precision, unscored_last
from earlywarning.trial.tested import MODEL, Trial

EVERYONE = "everyone"
NEVER = "pupils never suspended before"


def parts(trial: Trial, capacity: Capacity, seed: int) -> dict[str, dict[str, Any]]:
    """What the model did in each part of the tested rows, beside the rule that did best in that very part.

    ``n`` counts pupils' terms on roll, ``events`` and ``unknown`` outcomes. Average precision and AUROC rank
    the part by itself. Precision and recall are of the lists drawn from everyone: ``listed`` of them were of
    this part. ``…_none`` and ``…_all`` are the values had none or all of the unknown had the event. What
    cannot be told is ``None``.
    """
    on_list = {
        name: chance_listed(trial.drawn_from(name), *_where(trial), capacity)
        for name in (*trial.rules, MODEL)
    }
    masks = dict(_parts(trial))
    distinct = {rows.tobytes(): rows for rows in masks.values()}  # often every school was met
    told = {mask: _part(trial, on_list, rows, seed) for mask, rows in distinct.items()}
    return {what: told[rows.tobytes()] for what, rows in masks.items()}


def _parts(trial: Trial) -> Iterator[tuple[str, BoolArray]]:
    """Each part's name and its rows, a mask of shape (n_rows,)."""
    rows = trial.data.rows
    yield EVERYONE, np.ones(len(rows), dtype=bool)
    for what in ("pupil", "school"):
        met = trial.met[what].to_numpy(dtype=bool)
        yield f"{what}s met in training", met
        yield f"{what}s not met in training", ~met
    if "suspended_before" in rows:
        before = rows["suspended_before"].to_numpy(dtype=bool)
        yield NEVER, ~before
        yield "pupils suspended before", before


def _part(trial: Trial, on_list: Mapping[str, FloatArray], rows: BoolArray, seed: int) -> dict[str, Any]:
    known = rows & trial.data.known
    event, clusters = trial.data.y[known], trial.clusters(known)
    precision = {
        rule: float(average_precision(event, unscored_last(trial.scores[rule].to_numpy()[known])))
        for rule in trial.rules
    }
    best = max(trial.rules, key=lambda rule: np.nan_to_num(precision[rule], nan=-1.0))
    scores = {name: trial.scores[name].to_numpy()[known] for name in (MODEL, best)}
    both = compared(event, scores, clusters, seed=seed)
    listed = on_list[MODEL][known]
    shares = resampled(_shares(event, listed), event, clusters, seed=seed)
    intervals = {measure.__name__: both.estimate(MODEL, measure) for measure in (auroc, average_precision)}
    intervals |= {name: draws.estimate() for name, draws in shares.items()}
    return {
        "n": int(rows.sum()),
        "events": int(event.sum()),
        "unknown": int(rows.sum() - known.sum()),
        **{name: estimate.value for name, estimate in intervals.items()},
        **_bounds(trial, on_list[MODEL], rows),
        "intervals": {name: estimate.to_json() for name, estimate in intervals.items()},
        "best_rule": {
            "name": best if event.any() else None,
            "average_precision": both.estimate(best).value,
            "recall_at_capacity": _defined(_shares(event, on_list[best][known])["recall_at_capacity"](None)),
        },
        "difference": both.difference(MODEL, best).to_json(),
    }


def _shares(event: IntArray, listed: FloatArray) -> dict[str, Statistic]:
    """Precision and recall of lists that stay as they are, whoever is resampled."""

    def share(part: FloatArray, whole: FloatArray) -> Statistic:
        def of(weights: IntArray | None) -> FloatArray:
            over, under = (part.sum(), whole.sum()) if weights is None else (weights @ part, weights @ whole)
            below = np.asarray(under, dtype=np.float64)
            return np.asarray(np.divide(over, below, out=np.full(below.shape, np.nan), where=below > 0))

        return of

    happened = event.astype(np.float64)
    return {
        "precision_at_capacity": share(listed * happened, listed),
        "recall_at_capacity": share(listed * happened, happened),
    }


def _bounds(trial: Trial, listed: FloatArray, rows: BoolArray) -> dict[str, float | None]:
    """What was listed of a part, and its measures had none or all of the unknown had the event."""
    known, happened = trial.data.known, trial.data.y == 1
    event, unknown = rows & known & happened, rows & ~known
    score = unscored_last(trial.scores[MODEL])
    on, hits, open_ = (float(listed[which].sum()) for which in (rows, event, unknown))
    return {
        "listed": on,
        "listed_events": hits,
        "listed_unknown": open_,
        "average_precision_none": _defined(average_precision(event[rows], score[rows])),
        "average_precision_all": _defined(average_precision((event | unknown)[rows], score[rows])),
        "precision_at_capacity_none": _share(hits, on),
        "precision_at_capacity_all": _share(hits + open_, on),
        "recall_at_capacity_none": _share(hits, event.sum()),
        "recall_at_capacity_all": _share(hits + open_, event.sum() + unknown.sum()),
    }


def _where(trial: Trial) -> tuple[Any, Any]:
    rows = trial.data.rows
    return rows["area"], rows.index.get_level_values("as_of_date")


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _defined(value: FloatArray) -> float | None:
    return None if np.isnan(value) else float(value)
