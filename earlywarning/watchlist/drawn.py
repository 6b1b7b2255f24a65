"""The list for one date, drawn from everyone on roll, with its bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.model.bundle import Bundle
from earlywarning.model.lists import Capacity
from earlywarning.watchlist.bands import banded, kept
from earlywarning.watchlist.rank import draw, refitted, reordered, tie_break


@dataclass(frozen=True)
class Drawn:
    """One date's scores with the list drawn from them, aligned with ``data``.

    ``frame`` has the columns ``assessed``, ``probability``, ``margin``, ``listed`` and ``band`` ("" off the
    list); ``capacity`` is places by area.
    """

    data: Dataset
    frame: pd.DataFrame
    capacity: Mapping[str, int]


def draw_list(bundle: Bundle, data: Dataset, capacity: Capacity, seed: int) -> Drawn:
    """The list that the bundle's winner makes for the one date of ``data``.

    Bands come from the bundle's refits, or for a rule from ``seed``ed orders of its ties. Pupils with a
    permanent exclusion in progress are not scored.
    """
    rows, index = data.rows, data.X.index
    scored = rows.assign(why_not=rows["why_not"].mask(rows["in_progress"].astype(bool), "in progress"))
    ranked = pd.Series(bundle.ranker.score(data.X, scored), index=index)
    chance = bundle.ranker.probability(data.X, scored)
    assessed = ranked.notna()
    places = whole_places(capacity, rows["area"])
    ties, area = tie_break(index), rows["area"]
    on = draw(ranked, area, places, ties)
    if bundle.rule is None:
        margins = bundle.refit_margins(data.X[assessed])
        again = (pd.Series(column, index[assessed]).reindex(index) for column in margins.T)
        reruns = refitted(again, area, places, ties)
    else:
        reruns = reordered(ranked, area, places, seed=seed)
    frame = pd.DataFrame(
        {
            "assessed": assessed,
            "probability": np.nan if chance is None else chance,
            "margin": ranked,
            "listed": on,
            "band": banded(on, kept(reruns)),
        }
    )
    return Drawn(data, frame, places)


def whole_places(capacity: Capacity, area: pd.Series) -> dict[str, int]:
    """Places by area as whole numbers; a share of those on roll is rounded down.

    >>> whole_places(0.5, pd.Series(["a", "a", "a", "b"]))
    {'a': 1, 'b': 0}
    """
    sizes = {str(name): int(size) for name, size in area.value_counts().items()}
    if isinstance(capacity, Mapping):
        return {name: capacity[name] for name in sizes}
    return {
        name: int(capacity * size) if isinstance(capacity, float) else capacity
        for name, size in sizes.items()
    }
