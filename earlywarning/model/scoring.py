"""What a bundle says of pupils on roll: one function, whatever rows it is given and wherever they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from earlywarning.dataset.history import PUPIL_DATE
from earlywarning.model.bundle import Bundle

REFIT = "refit_"


def answer_columns(bundle: Bundle) -> pa.Schema:
    """The columns of :func:`answers`: the pupil and date, ``margin``, ``probability`` and one a refit."""
    numbers = ["margin", "probability", *_refits(bundle)]
    return pa.schema(
        [("pupil_id", pa.string()), ("as_of_date", pa.date32()), *[(name, pa.float64()) for name in numbers]]
    )


def answers(bundle: Bundle, wide: pd.DataFrame) -> pd.DataFrame:
    """How the bundle ranks each pupil (``margin``), its ``probability``, and the margins of its refits.

    ``wide`` has a row a pupil: the features, ``why_not``, ``apart``, and what a rule looks at
    (``school_id``, ``group``). NaN where a pupil is not assessed, as whoever is set apart. Each row
    is answered by itself, so it does not matter which rows come together.
    """
    names = [feature.name for feature in bundle.contract]
    X = wide[names].astype(float)
    rows = wide.assign(why_not=wide["why_not"].mask(wide["apart"] != "", wide["apart"]))
    told = wide[list(PUPIL_DATE)].assign(margin=bundle.ranker.score(X, rows))
    chance = bundle.ranker.probability(X, rows)
    told["probability"] = np.nan if chance is None else chance
    assessed = told["margin"].notna().to_numpy()
    refits = np.full((len(wide), len(_refits(bundle))), np.nan)
    if refits.size:
        refits[assessed] = bundle.refit_margins(X[assessed])
    return told.join(pd.DataFrame(refits, columns=_refits(bundle), index=told.index))


def answering(make: Callable[[], Bundle]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """:func:`answers` of the bundle that ``make`` gives, made once for all rows that follow."""
    bundle = make()
    return lambda wide: answers(bundle, wide)


def _refits(bundle: Bundle) -> list[str]:
    """The names of the refits' columns; a rule has none."""
    return [f"{REFIT}{number:03d}" for number in range(len(bundle.refits))] if bundle.rule is None else []
