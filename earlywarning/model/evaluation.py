"""What a score was worth on the rows it was tested on, always with the number of events it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.model.arrays import FloatArray
from earlywarning.model.calibration import logistic_line
from earlywarning.model.lists import KNOWN, Capacity, found, listed
from earlywarning.model.ranking import auroc, average_precision, unscored_last

Measures: TypeAlias = dict[str, float | int | None]

NORMAL_WIDTH, FOUND = 2 * 1.959964, 1.959964 + 0.841621
"""Standard errors in a 95% interval, and those a difference must be from 0 to be found 8 times in 10."""


def evaluate(
    state: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    area: npt.ArrayLike,
    as_of_date: npt.ArrayLike,
    capacity: Capacity,
    probability: npt.ArrayLike | None = None,
    drawn_from: npt.ArrayLike | None = None,
) -> Measures:
    """Every measure of one score, by name; ``None`` where it is undefined, never 0 or 1 in its stead.

    All arrays have one row per pupil on roll and ``as_of_date``, shape (n,): the ``state`` of the label,
    the ``score`` (NaN: not assessed) and, where there is one, the ``probability``. Lists are drawn from
    everyone, by the score, or by ``drawn_from``: the score where those beyond a limit on the list have
    none. ``n`` counts everyone, ``assessed`` those with a score, ``unknown`` those whose outcome is not
    known (censored or competing), ``events`` the known events.

    Ranking measures are taken over known outcomes, those not assessed ranking last. ``…_none`` and
    ``…_all`` are the values had none or all of the unknown had the event; ``…_worst`` and ``…_best`` those
    of the unluckiest and luckiest order of ties at the end of a list. See :func:`calibration` and
    :func:`net_benefit` for what only a probability has.

    >>> measures = evaluate(["event", "no_event", "censored"], [3.0, 1.0, 2.0],
    ...                     area=["213"] * 3, as_of_date=["2024-09-26"] * 3, capacity=2)
    >>> measures["precision_at_capacity"], measures["precision_at_capacity_none"], measures["brier"]
    (1.0, 0.5, None)
    """
    states, values = np.asarray(state), unscored_last(score)
    event, known = states == "event", np.isin(states, KNOWN)
    lists = pd.DataFrame({"area": np.asarray(area), "as_of_date": np.asarray(as_of_date)})
    counts: Measures = {
        "n": len(states),
        "lists": len(lists.drop_duplicates()),
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
    places = score if drawn_from is None else drawn_from
    at_capacity = _at_capacity(found(states, places, area, as_of_date, capacity), counts)
    measures = counts | ranking | at_capacity | calibration(states, probability)
    if probability is None:
        return measures | net_benefit(measures, None)
    ranked = pd.Series(np.asarray(places, dtype=np.float64))
    on_list = listed(ranked, lists["area"], lists["as_of_date"], capacity, tie_break=ranked.index)
    return measures | net_benefit(measures, _threshold(probability, lists[on_list]))


def calibration(state: npt.ArrayLike, probability: npt.ArrayLike | None) -> Measures:
    """Brier score and skill, observed over expected events, and the slope of the outcome on the log-odds.

    Over the rows with a known outcome and a probability. The Brier skill is 1 - Brier / reference, where the
    reference gives each of these rows their own share of events, r: its Brier score is r(1 - r) (Brier 1950;
    Murphy 1988). No forecast could have known r beforehand, so the skill is on the low side; it is 0 for a
    score that says no more than the base rate, 1 for a perfect one. Calibration in the large and the slope
    are 1 when the probabilities are right; the slope is under 1 when they are too extreme (Van Calster et al.
    2019, BMC Medicine 17, 230). It is ``None`` where no slope fits: one class, one probability, or outcomes
    that the probability separates.

    >>> measures = calibration(["event", "no_event", "no_event", "event"], [0.5, 0.2, 0.3, 0.2])
    >>> round(measures["brier"], 3), round(measures["brier_skill"], 3)
    (0.255, -0.02)
    """
    event, chance = known_chances(state, probability)
    if not len(event):
        names = ("brier", "brier_skill", "calibration_in_the_large", "calibration_slope")
        return dict.fromkeys(names)
    brier, share = float(((chance - event) ** 2).mean()), float(event.mean())
    of_reference = _share(brier, share * (1 - share))
    return {
        "brier": brier,
        "brier_skill": None if of_reference is None else 1 - of_reference,
        "calibration_in_the_large": _share(event.sum(), chance.sum()),
        "calibration_slope": _slope(event, chance),
    }


def net_benefit(measures: Measures, threshold: float | None) -> Measures:
    """What the lists of ``measures`` were worth at a ``threshold`` probability, with bounds for the unknown.

    Net benefit a pupil = hits / n - misses / n × t / (1 - t), where hits and misses are the pupils listed
    who had the event and who had not, n all pupils with a known outcome, and t the threshold (Vickers and
    Elkin 2006, Medical Decision Making 26, 565). Listing nobody is worth 0. Times n it is so many events
    found with nobody listed in vain. *Realised*: counted from what happened, not expected.

    A panel that lists down to a probability t says by that what a hit is worth to it: (1 - t) / t pupils
    listed in vain. :func:`evaluate` takes for t the lowest probability on each list, averaged over the
    pupils listed. A rule has no probability: see :func:`at_one_threshold`.

    >>> lists = {"n": 100, "unknown": 0, "listed": 20, "listed_events": 8.0, "listed_unknown": 0.0}
    >>> net_benefit(lists, 0.2)["net_benefit_at_capacity"]  # 8 hits less 12 misses at a quarter of a hit
    0.05
    """
    names = [f"net_benefit_at_capacity{end}" for end in ("", "_none", "_all")]
    if threshold is None or not 0 <= threshold < 1:
        return dict.fromkeys(["threshold_at_capacity", *names])
    n, out, on, hits, gone = (
        measures[name] or 0 for name in ("n", "unknown", "listed", "listed_events", "listed_unknown")
    )
    price = threshold / (1 - threshold)
    values = [
        _share(hits - (on - gone - hits) * price, n - out),
        _share(hits - (on - hits) * price, n),
        _share(hits + gone - (on - gone - hits) * price, n),
    ]
    return {"threshold_at_capacity": threshold} | dict(zip(names, values, strict=True))


def at_one_threshold(measures: Mapping[str, Measures], name: str) -> dict[str, Measures]:
    """The measures of every score, their net benefits all taken at the threshold of the score ``name``.

    Only so can a rule, which has no probability, be compared with the model: at the same price of a pupil
    listed in vain.
    """
    threshold = measures[name]["threshold_at_capacity"]
    return {each: values | net_benefit(values, threshold) for each, values in measures.items()}


def smallest_difference(lower: float | None, upper: float | None) -> float | None:
    """The smallest true difference that a test with this 95% interval would have shown 8 times in 10.

    2.8 standard errors: 1.96 for a two-sided test at 5%, and 0.84 for a power of 80% (Bloom 1995, Minimum
    Detectable Effects, Evaluation Review 19, 547). The standard error is the width of the interval over 3.92.

    >>> round(smallest_difference(-0.01, 0.03), 4), smallest_difference(None, None)
    (0.0286, None)
    """
    return None if lower is None or upper is None else FOUND * (upper - lower) / NORMAL_WIDTH


def known_chances(state: npt.ArrayLike, probability: npt.ArrayLike | None) -> tuple[FloatArray, FloatArray]:
    """Outcome (0 or 1) and probability of the rows that have both."""
    states = np.asarray(state)
    chance = np.asarray(np.nan if probability is None else probability, dtype=np.float64)
    chance = np.broadcast_to(chance, states.shape)
    rows = np.isin(states, KNOWN) & ~np.isnan(chance)
    return (states == "event")[rows].astype(np.float64), chance[rows]


def _threshold(probability: npt.ArrayLike, lists: pd.DataFrame) -> float | None:
    """The lowest probability on each list, averaged over the pupils listed: ``lists`` has a row for each."""
    chance = pd.Series(np.asarray(probability, dtype=np.float64)).loc[lists.index]
    lowest = chance.groupby([lists["area"], lists["as_of_date"]]).transform("min").dropna()
    return float(lowest.mean()) if len(lowest) else None


def _at_capacity(on_lists: Mapping[str, float], counts: Measures) -> Measures:
    """What the lists held, with bounds for unknown outcomes and for the order of ties."""
    at, n = on_lists, counts["n"] or 0
    events, unknown = counts["events"] or 0, counts["unknown"] or 0
    precision = {
        "": _share(at["hits"], at["listed"] - at["unknown"]),
        "_none": _share(at["hits"], at["listed"]),
        "_all": _share(at["hits"] + at["unknown"], at["listed"]),
        "_worst": _share(at["worst_hits"], at["listed"] - at["worst_unknown"]),
        "_best": _share(at["best_hits"], at["listed"] - at["best_unknown"]),
    }
    recall = {
        "": _share(at["hits"], events),
        "_none": _share(at["hits"], events),
        "_all": _share(at["hits"] + at["unknown"], events + unknown),
        "_worst": _share(at["worst_hits"], events),
        "_best": _share(at["best_hits"], events),
    }
    usual = _share(events, n - unknown)
    base = dict.fromkeys(precision, usual) | {"_none": _share(events, n), "_all": _share(events + unknown, n)}
    measures: Measures = {
        "listed": round(at["listed"]),
        "listed_events": at["hits"],
        "listed_unknown": at["unknown"],
    }
    measures |= {f"precision_at_capacity{end}": value for end, value in precision.items()}
    measures |= {f"recall_at_capacity{end}": value for end, value in recall.items()}
    measures |= {f"lift_at_capacity{end}": _ratio(value, base[end]) for end, value in precision.items()}
    return measures | {f"number_needed_to_review{end}": _ratio(1, value) for end, value in precision.items()}


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


def _ratio(part: float | None, whole: float | None) -> float | None:
    """``part / whole``; ``None`` where either is undefined or the whole is 0."""
    return None if part is None or whole is None else _share(part, whole)


def _defined(value: FloatArray) -> float | None:
    return None if np.isnan(value) else float(value)
