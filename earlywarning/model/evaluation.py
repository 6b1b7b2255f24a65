"""What a score was worth on the rows it was tested on, always with the number of events it rests on."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from earlywarning.model.arrays import FloatArray
from earlywarning.model.calibration import logistic_line
from earlywarning.model.lists import KNOWN, Capacity, found
from earlywarning.model.ranking import auroc, average_precision, unscored_last

Measures: TypeAlias = dict[str, float | int | None]


def evaluate(
    state: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    area: npt.ArrayLike,
    as_of_date: npt.ArrayLike,
    capacity: Capacity,
    probability: npt.ArrayLike | None = None,
) -> Measures:
    """Every measure of one score, by name; ``None`` where it is undefined, never 0 or 1 in its stead.

    All arrays have one row per pupil on roll and ``as_of_date``, shape (n,): the ``state`` of the label,
    the ``score`` (NaN: not assessed) and, where there is one, the ``probability``. Lists are drawn from
    everyone. ``n`` counts everyone, ``assessed`` those with a score, ``unknown`` those whose outcome is not
    known (censored or competing), ``events`` the known events.

    Ranking measures are taken over known outcomes, those not assessed ranking last. ``…_none`` and
    ``…_all`` are the values had none or all of the unknown had the event; ``…_worst`` and ``…_best`` those
    of the unluckiest and luckiest order of ties at the end of a list.

    >>> measures = evaluate(["event", "no_event", "censored"], [3.0, 1.0, 2.0],
    ...                     area=["213"] * 3, as_of_date=["2024-09-26"] * 3, capacity=2)
    >>> measures["precision_at_capacity"], measures["precision_at_capacity_none"], measures["brier"]
    (1.0, 0.5, None)
    """
    states, values = np.asarray(state), unscored_last(score)
    event, known = states == "event", np.isin(states, KNOWN)
    counts: Measures = {
        "n": len(states),
        "assessed": int((values > -np.inf).sum()),
        "unknown": int((~known).sum()),
        "events": int(event.sum()),
        "events_assessed": int((event & (values > -np.inf)).sum()),
    }
    ranking: Measures = {
        "auroc": _defined(auroc(event[known], values[known])),
        "average_precision": _defined(average_precision(event[known], values[known])),
        "average_precision_none": _defined(average_precision(event, values)),
        "average_precision_all": _defined(average_precision(event | ~known, values)),
    }
    on_lists = found(states, score, area, as_of_date, capacity)
    at_capacity = _at_capacity(on_lists, int(event.sum()), int((~known).sum()))
    return counts | ranking | at_capacity | calibration(states, probability)


def calibration(state: npt.ArrayLike, probability: npt.ArrayLike | None) -> Measures:
    """Brier score, observed over expected events, and the slope of the outcome on the log-odds.

    Over the rows with a known outcome and a probability. Calibration in the large and the slope are 1 when
    the probabilities are right; the slope is under 1 when they are too extreme (Van Calster et al. 2019,
    BMC Medicine 17, 230). It is ``None`` where no slope fits: one class, one probability, or outcomes that
    the probability separates.

    >>> calibration(["event", "no_event", "no_event", "event"], [0.5, 0.2, 0.3, 0.2])["brier"].__round__(3)
    0.255
    """
    states = np.asarray(state)
    chance = np.asarray(np.nan if probability is None else probability, dtype=np.float64)
    chance = np.broadcast_to(chance, states.shape)
    rows = np.isin(states, KNOWN) & ~np.isnan(chance)
    event, chance = (states == "event")[rows].astype(np.float64), chance[rows]
    if not len(event):
        return {"brier": None, "calibration_in_the_large": None, "calibration_slope": None}
    return {
        "brier": float(((chance - event) ** 2).mean()),
        "calibration_in_the_large": _share(event.sum(), chance.sum()),
        "calibration_slope": _slope(event, chance),
    }


def _at_capacity(on_lists: dict[str, float], events: int, unknown: int) -> Measures:
    """Precision and recall of the lists, with bounds for unknown outcomes and for the order of ties."""
    at = on_lists
    return {
        "listed": round(at["listed"]),
        "listed_events": at["hits"],
        "listed_unknown": at["unknown"],
        "precision_at_capacity": _share(at["hits"], at["listed"] - at["unknown"]),
        "precision_at_capacity_none": _share(at["hits"], at["listed"]),
        "precision_at_capacity_all": _share(at["hits"] + at["unknown"], at["listed"]),
        "precision_at_capacity_worst": _share(at["worst_hits"], at["listed"] - at["worst_unknown"]),
        "precision_at_capacity_best": _share(at["best_hits"], at["listed"] - at["best_unknown"]),
        "recall_at_capacity": _share(at["hits"], events),
        "recall_at_capacity_none": _share(at["hits"], events),
        "recall_at_capacity_all": _share(at["hits"] + at["unknown"], events + unknown),
        "recall_at_capacity_worst": _share(at["worst_hits"], events),
        "recall_at_capacity_best": _share(at["best_hits"], events),
    }


def _slope(event: FloatArray, chance: FloatArray) -> float | None:
    inside = np.clip(chance, 1e-12, 1 - 1e-12)
    odds = np.log(inside / (1 - inside))
    with_event, without = odds[event == 1], odds[event == 0]
    if not len(with_event) or not len(without):
        return None
    if with_event.min() >= without.max() or with_event.max() <= without.min():
        return None  # separated, or one value only: the likelihood has no maximum
    return logistic_line(odds, event)[1]


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole > 0 else None


def _defined(value: FloatArray) -> float | None:
    return None if np.isnan(value) else float(value)
