"""Would the list have been the same with slightly other pupils to learn from? Refits on resampled pupils."""

from __future__ import annotations

from collections.abc import Iterator

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.model import boosting
from earlywarning.model.classifier import RiskClassifier


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
