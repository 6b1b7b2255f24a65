"""What is drawn of a score: what longer and shorter lists would have found, and where it was too high."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from earlywarning.model.evaluation import known_chances
from earlywarning.model.lists import Capacity, found

Point: TypeAlias = dict[str, float]

LENGTHS = (0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 10)
"""Lengths of list that are drawn, as parts of the capacity."""

BINS, FEWEST = 10, 10
"""Most bins of a calibration curve, and the fewest events each of them expects."""


def curves(
    state: npt.ArrayLike,
    score: npt.ArrayLike,
    *,
    area: npt.ArrayLike,
    as_of_date: npt.ArrayLike,
    capacity: Capacity,
    probability: npt.ArrayLike | None = None,
) -> dict[str, list[Point]]:
    """The gain curve of a score and the calibration curve of its probability; arrays as for ``evaluate``.

    A point of ``gain`` has the ``length`` of every list as a part of its capacity, how many would then have
    been ``listed`` on all lists together, and of these the ``events`` and the ``unknown`` (expected numbers
    over every order of ties, hence not always whole). Past the end of the roll a list grows no longer.
    """
    gain: list[Point] = []
    for length in LENGTHS:
        at = found(state, score, area, as_of_date, lengthened(capacity, length))
        point = {"listed": at["listed"], "events": at["hits"], "unknown": at["unknown"]}
        if not gain or point["listed"] > gain[-1]["listed"] or length == 1:
            gain.append({"length": float(length)} | point)
    return {"gain": gain, "calibration": calibration_curve(state, probability)}


def calibration_curve(state: npt.ArrayLike, probability: npt.ArrayLike | None) -> list[Point]:
    """Rows with a known outcome in bins from low to high probability: n, events and events expected.

    Every bin expects as many events as the next one, at least 10: tenths of the rows would put most events
    into one bin when they are rare. Rows of one probability stay together. ``lower`` and ``upper`` are the
    smallest and largest probability in the bin, rounded: they are those of single pupils.

    >>> state, chance = ["event", "no_event", "no_event", "no_event"] * 20, [0.5, 0.25, 0.125, 0.125] * 20
    >>> [(point["n"], point["events"], point["expected"]) for point in calibration_curve(state, chance)]
    [(60, 0, 10.0), (20, 20, 10.0)]
    """
    event, chance = known_chances(state, probability)
    expected = float(chance.sum())
    if not expected > 0:
        return []
    values, run, rows = np.unique(chance, return_inverse=True, return_counts=True)
    weight = values * rows
    middle = (np.cumsum(weight) - weight / 2) / expected
    bins = max(1, min(BINS, int(expected / FEWEST)))
    bin_of = np.minimum((middle * bins).astype(np.int64), bins - 1)[run]
    points = []
    for number in np.unique(bin_of):
        inside = bin_of == number
        points.append(
            {
                "lower": round(float(chance[inside].min()), 3),
                "upper": round(float(chance[inside].max()), 3),
                "n": int(inside.sum()),
                "events": int(event[inside].sum()),
                "expected": float(chance[inside].sum()),
            }
        )
    return points


def lengthened(capacity: Capacity, length: float) -> Capacity:
    """``length`` times the capacity: at least one place on each list, at most everyone.

    >>> lengthened({"207": 60, "213": 1}, 0.25), lengthened(0.2, 10)
    ({'207': 15, '213': 1}, 1.0)
    """
    if isinstance(capacity, Mapping):
        return {area: max(1, round(places * length)) for area, places in capacity.items()}
    if isinstance(capacity, float):
        return min(1.0, capacity * length)
    return max(1, round(capacity * length))
