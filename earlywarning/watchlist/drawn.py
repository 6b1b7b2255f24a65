"""The list for one date, drawn from everyone on roll, with its bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from earlywarning.dataset.roll import Roll
from earlywarning.model.bundle import Bundle
from earlywarning.model.lists import Capacity, places_for
from earlywarning.model.scoring import REFIT, answer_columns, answering
from earlywarning.watchlist.bands import banded, kept
from earlywarning.watchlist.rank import Limit, draw, refitted, reordered, tie_break


@dataclass(frozen=True)
class Drawn:
    """One date's scores with the list drawn from them, aligned with ``roll``.

    ``frame`` has the columns ``assessed``, ``probability``, ``margin``, ``listed`` and ``band`` ("" off the
    list); ``capacity`` is places by area.
    """

    roll: Roll
    frame: pd.DataFrame
    capacity: Mapping[str, int]


def draw_list(
    bundle: Bundle, roll: Roll, capacity: Capacity, seed: int, limits: Sequence[Limit] = ()
) -> Drawn:
    """The list that the bundle's winner makes for the one date of ``roll``.

    Scores are worked out where the features are. Bands come from the bundle's refits, or for a rule from
    ``seed``ed orders of its ties, both held to the same ``limits``. Pupils set apart are not scored.
    """
    told = roll.answers(partial(answering, bundle.portable()), answer_columns(bundle))
    ranked, area, ties = told["margin"], roll.rows["area"], tie_break(told.index)
    sizes = area.value_counts()
    places = {str(name): places_for(capacity, str(name), int(size)) for name, size in sizes.items()}
    on = draw(ranked, area, capacity, ties, limits)
    if bundle.rule is None:
        again = (told[name] for name in told if str(name).startswith(REFIT))
        reruns = refitted(again, area, capacity, ties, limits)
    else:
        reruns = reordered(ranked, area, capacity, limits, seed=seed)
    frame = told[["probability", "margin"]].assign(
        assessed=ranked.notna(), listed=on, band=banded(on, kept(reruns))
    )
    return Drawn(roll, frame, places)
