"""The trial: every rung of the ladder fitted on training rows and scored on the same test rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.model.arrays import IntArray
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.ladder import Fitted, Ranker
from earlywarning.model.learners import FittedLearner
from earlywarning.trial.tested import Trial
from earlywarning.watchlist.rank import Limit

Step = Callable[[str], None]


def fitted_on(rung: Ranker, data: Dataset, fold: Fold, y: IntArray) -> Fitted:
    """``rung`` fitted on the training rows of ``fold`` with the labels ``y`` of all rows.

    The one place where anything is trained for a test: the trial gives it the labels, the canary permuted
    ones.
    """
    train = data.where(fold.train)
    return rung.fit(train.X, train.rows, y[fold.train])


def run_trial(
    data: Dataset, folds: Sequence[Fold], rungs: Sequence[Ranker], step: Step, limits: Sequence[Limit] = ()
) -> Trial:
    """Every rung trained on the training rows of each fold and scored on its test rows.

    Its lists are held to the ``limits``, which are aligned with ``data``.
    """
    scores, probabilities, tested, met = [], [], [], []
    models: list[RiskClassifier] = []
    for fold in folds:
        test = data.where(fold.test)
        score, chance = {}, {}
        for rung in rungs:
            step(f"testing on {fold.test_period}: {rung.name}")
            fitted = fitted_on(rung, data, fold, data.y)
            score[rung.name] = fitted.score(test.X, test.rows)
            probability = fitted.probability(test.X, test.rows)
            if probability is not None:
                chance[rung.name] = probability
            if isinstance(fitted, FittedLearner) and rung.kind == "model":
                models.append(fitted.estimator)
        scores.append(pd.DataFrame(score, index=test.X.index))
        probabilities.append(pd.DataFrame(chance, index=test.X.index))
        tested.append(fold.test)
        met.append(_met(data, fold))
    together = data.where(np.any(tested, axis=0))
    order = together.X.index
    return Trial(
        data=together,
        scores=pooled(scores, probabilities).reindex(order),
        probabilities=pd.concat(probabilities).reindex(order),
        rungs={rung.name: rung for rung in rungs},
        met=pd.concat(met).reindex(order),
        models=tuple(models),
        limits=tuple(limit.on(order) for limit in limits),
    )


def _met(data: Dataset, fold: Fold) -> pd.DataFrame:
    """Whether the pupil and the school of each test row are among the training rows."""
    pupils, schools = data.rows.index.get_level_values("pupil_id"), data.rows["school_id"]
    return pd.DataFrame(
        {
            "pupil": pupils[fold.test].isin(pupils[fold.train]),
            "school": schools[fold.test].isin(schools[fold.train]).to_numpy(),
        },
        index=data.rows.index[fold.test],
    )


def pooled(scores: Sequence[pd.DataFrame], probabilities: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Scores of all folds on one scale: margins of two models cannot be compared, probabilities can."""
    if len(scores) == 1:
        return scores[0]
    together, chances = pd.concat(scores), pd.concat(probabilities)
    together[chances.columns] = chances
    return together
