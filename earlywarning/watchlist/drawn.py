"""The list for one date, drawn from everyone on roll, with its bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.model.bundle import Bundle
from earlywarning.model.lists import Capacity, places_for
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
    sizes = rows["area"].value_counts()
    places = {str(name): places_for(capacity, str(name), int(size)) for name, size in sizes.items()}
    ties, area = tie_break(index), rows["area"]
    on = draw(ranked, area, capacity, ties)
    if bundle.rule is None:
        margins = bundle.refit_margins(data.X[assessed])
        again = (pd.Series(column, index[assessed]).reindex(index) for column in margins.T)
        reruns = refitted(again, area, capacity, ties)
    else:
        reruns = reordered(ranked, area, capacity, seed=seed)
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
