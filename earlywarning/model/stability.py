"""Would the list have been the same with slightly other pupils to learn from? Refits on resampled pupils."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.model import boosting
from earlywarning.model.arrays import BoolArray
from earlywarning.model.classifier import RiskClassifier

FIRM = 0.9
"""A pupil is firmly on the list who is on it in at least this share of the refits."""


@dataclass(frozen=True)
class Overlap:
    """How much a list stays the same when the model is made again.

    ``listed`` pupils' terms; ``jaccard`` the mean over the refits of pupils on both lists over pupils on
    either; ``stays`` the mean share of the list that is on the refit's too, ``least_stays`` the smallest;
    ``firm`` are listed in at least :data:`FIRM` of the refits, ``borderline`` on the list in fewer, ``near``
    not on it and on most refits'. Shares are ``None`` where nobody is listed, or without a refit.
    """

    listed: int
    refits: int
    jaccard: float | None
    stays: float | None
    least_stays: float | None
    firm: int
    borderline: int
    near: int

    def to_json(self) -> dict[str, Any]:
        """The overlap, ready for JSON."""
        return asdict(self)


def overlap(listed: npt.ArrayLike, reruns: Iterable[npt.ArrayLike]) -> Overlap:
    """``listed``, a boolean array (n,), against the same of each refit.

    >>> overlap([True, True, False], [[True, True, False], [True, False, True]]).stays
    0.75
    """
    on = np.asarray(listed, dtype=bool)
    lists = [np.asarray(one, dtype=bool) for one in reruns]
    again: BoolArray = np.array(lists, dtype=bool).reshape(len(lists), len(on))
    number, runs = int(on.sum()), len(again)
    if not runs or not number:
        return Overlap(number, runs, None, None, None, 0, number, 0)
    both, kept = (again & on).sum(axis=1), again.mean(axis=0)
    return Overlap(
        listed=number,
        refits=runs,
        jaccard=float((both / (again | on).sum(axis=1)).mean()),
        stays=float((both / number).mean()),
        least_stays=float((both / number).min()),
        firm=int((on & (kept >= FIRM)).sum()),
        borderline=int((on & (kept < FIRM)).sum()),
        near=int((~on & (kept > 0.5)).sum()),
    )


def refits(
    classifier: RiskClassifier,
    X: pd.DataFrame,
    y: npt.ArrayLike,
    pupils: npt.ArrayLike,
    *,
    n: int = 20,
    seed: int = 0,
) -> Iterator[lgb.Booster]:
    """``n`` boosters of the fitted ``classifier``'s recipe, each on as many pupils drawn with replacement.

    ``X``, ``y`` and ``pupils`` are the rows the classifier was fitted on; all rows of a pupil come together.
    One seed a refit is enough: it can only make a list look less stable than that of the averaged seeds.
    """
    matrix, event = classifier.matrix(X), (np.asarray(y) == classifier.classes_[1]).astype(np.int64)
    names, recipe = classifier.names, classifier.recipe_
    everyone = boosting.binned(matrix, event, names, recipe)
    rows_of = list(pd.Series(np.arange(len(matrix))).groupby(np.asarray(pupils)).indices.values())
    random = np.random.default_rng(seed)
    for turn in range(n):
        drawn = np.concatenate([rows_of[i] for i in random.integers(len(rows_of), size=len(rows_of))])
        sample = boosting.binned(matrix[drawn], event[drawn], names, recipe, like=everyone)
        yield boosting.grown(sample, recipe, [seed + turn])[0]
