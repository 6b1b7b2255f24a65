"""The one way a list is drawn, and what lists of that length would have found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.errors import WrongUsage
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.ranking import unscored_last

Capacity: TypeAlias = int | float | Mapping[str, int]
KNOWN = ("event", "no_event")


def listed(
    score: pd.Series[float],
    area: npt.ArrayLike,
    as_of_date: npt.ArrayLike,
    capacity: Capacity,
    tie_break: npt.ArrayLike,
) -> pd.Series[bool]:
    """Who is on the list: a boolean Series with ``score``'s index.

    One list is drawn per ``area`` and ``as_of_date``, of the highest scores, from everyone passed in (that
    is, everyone on roll). ``capacity`` is the places on each list: a number, a number by area, or a share
    of those on roll (above 0, at most 1.0; rounded down). Equal scores go by ``tie_break``, lowest first:
    pass something that belongs to the pupil and means nothing, such as a keyed hash of the pseudonym. A
    missing score is never listed, so a list may be shorter than its capacity.

    >>> score = pd.Series([0.9, 0.4, 0.4, None])
    >>> listed(score, ["213"] * 4, ["2024-09-26"] * 4, 2, tie_break=["b", "d", "a", "c"]).tolist()
    [True, False, True, False]
    """
    lists, places = _lists(area, as_of_date, capacity)
    key = np.unique(np.asarray(tie_break), return_inverse=True)[1]
    order = np.lexsort((key, -unscored_last(score), lists))
    position = np.empty_like(order)
    position[order] = pd.Series(lists[order]).groupby(lists[order]).cumcount()
    return pd.Series((position < places[lists]) & score.notna().to_numpy(), index=score.index, name="listed")


def chance_listed(
    score: npt.ArrayLike, area: npt.ArrayLike, as_of_date: npt.ArrayLike, capacity: Capacity
) -> FloatArray:
    """The share of the orders of ties in which each row is listed: shape (n,); 0 where it has no score.

    >>> chance_listed([0.9, 0.4, 0.4, np.nan], ["213"] * 4, ["2024-09-26"] * 4, 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    lists, places = _lists(area, as_of_date, capacity)
    values = unscored_last(score)
    scored = values > -np.inf
    runs = pd.DataFrame({"list": lists, "rank": -values})[scored].groupby(["list", "rank"])
    rows = runs.size()
    of, size = rows.index.get_level_values("list"), rows.to_numpy(np.int64)
    start = rows.groupby(level="list").cumsum().to_numpy(np.int64) - size
    chance = np.zeros(len(values))
    chance[scored] = (np.clip(places[of] - start, 0, size) / size)[runs.ngroup()]
    return chance


def found(
    state: npt.ArrayLike,
    score: npt.ArrayLike,
    area: npt.ArrayLike,
    as_of_date: npt.ArrayLike,
    capacity: Capacity,
) -> dict[str, float]:
    """How many would have been listed, with the event, and with no known outcome, over all lists together.

    Ties at the end of a list are not broken but averaged: ``hits`` and ``unknown`` are expected numbers
    over every order of the ties, ``worst_*`` and ``best_*`` the unluckiest and luckiest order. Any state
    but event and no_event counts as unknown.
    """
    lists, places = _lists(area, as_of_date, capacity)
    states, values = np.asarray(state), unscored_last(score)
    row = {"list": lists, "rank": -values, "event": states == "event", "unknown": ~np.isin(states, KNOWN)}
    scored = pd.DataFrame(row | {"rows": 1})[values > -np.inf]
    runs = scored.groupby(["list", "rank"]).sum()  # runs of ties, best first within each list
    rows, event, unknown = (runs[name].to_numpy(np.int64) for name in ("rows", "event", "unknown"))
    start = runs["rows"].groupby(level="list").cumsum().to_numpy(np.int64) - rows
    slots = np.clip(places[runs.index.get_level_values("list")] - start, 0, rows)
    neither, share = rows - event - unknown, slots / rows
    best = np.minimum(slots, event)
    counts = {
        "listed": slots,
        "hits": share * event,
        "unknown": share * unknown,
        "worst_hits": np.clip(slots - neither - unknown, 0, event),
        "worst_unknown": np.clip(slots - neither, 0, unknown),
        "best_hits": best,
        "best_unknown": np.minimum(slots - best, unknown),
    }
    return {name: float(count.sum()) for name, count in counts.items()}


def _lists(area: npt.ArrayLike, as_of_date: npt.ArrayLike, capacity: Capacity) -> tuple[IntArray, IntArray]:
    """The number of the list each row competes for, shape (n,), and the places on each list, (n_lists,)."""
    rows = pd.DataFrame({"area": np.asarray(area), "as_of_date": np.asarray(as_of_date)})
    on_roll = rows.groupby(["area", "as_of_date"], dropna=False)
    sizes = on_roll.size()
    areas = sizes.index.get_level_values("area")
    places = [places_for(capacity, str(of), int(size)) for of, size in zip(areas, sizes, strict=True)]
    return np.asarray(on_roll.ngroup(), dtype=np.int64), np.array(places, dtype=np.int64)


def places_for(capacity: Capacity, area: str, on_roll: int) -> int:
    """The places on one list of ``area``, whose roll holds ``on_roll`` pupils; a share is rounded down.

    Raises:
        WrongUsage: the capacity is no length of a list, or none is given for the area.

    >>> places_for(0.29, "213", 100), places_for({"213": 60}, "213", 40)
    (29, 60)
    """
    if isinstance(capacity, Mapping):
        if area not in capacity:
            raise WrongUsage(
                f"No capacity is given for area {area!r}; there is one for {', '.join(sorted(capacity))}."
                " Add the area to the capacities, or give one number for every area."
            )
        capacity = capacity[area]
    if isinstance(capacity, (int, np.integer)) and not isinstance(capacity, bool) and capacity >= 1:
        return int(capacity)
    if isinstance(capacity, float) and 0 < capacity <= 1:
        return math.floor(capacity * on_roll + 1e-9)  # 0.29 × 100 is 28.999999999999996
    raise WrongUsage(
        f"A capacity of {capacity!r} is not a list length: give a whole number of places from 1, or a share"
        " of those on roll above 0 and at most 1.0."
    )
