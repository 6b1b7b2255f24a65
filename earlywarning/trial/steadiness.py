"""Would the tested lists have held other pupils, had the model learnt from slightly other ones?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.model.boosting import mean_margin
from earlywarning.model.lists import Capacity
from earlywarning.model.stability import Overlap, overlap, refits
from earlywarning.trial.run import Step
from earlywarning.trial.tested import MODEL, Trial
from earlywarning.watchlist.rank import draw, tie_break


def steadiness(
    data: Dataset,
    folds: Sequence[Fold],
    trial: Trial,
    capacity: Capacity,
    *,
    n: int,
    seed: int,
    step: Step,
) -> Overlap:
    """The model's lists in the test against those of ``n`` refits on resampled training pupils.

    One seed a refit: it can only make lists look less steady than those of the averaged seeds are.
    """
    on, again = [], []
    for fold, classifier in zip(folds, trial.models, strict=True):
        step(f"refitting on resampled pupils: lists of {fold.test_period}")
        train, test = data.where(fold.train & data.known), data.where(fold.test)
        score = trial.scores[MODEL].reindex(test.X.index)
        scored, ties = score.notna().to_numpy(), tie_break(test.X.index)
        drawn = partial(
            draw,
            area=test.rows["area"],
            capacity=capacity,
            tie_break=ties,
            limits=[limit.on(test.X.index) for limit in trial.limits],
        )
        matrix = classifier.matrix(test.X[scored])
        pupils = train.X.index.get_level_values("pupil_id")
        on.append(drawn(score).to_numpy())
        lists = []
        for booster in refits(classifier, train.X, train.y, pupils, n=n, seed=seed):
            margin = np.full(len(score), np.nan)
            margin[scored] = mean_margin([booster], matrix)
            lists.append(drawn(pd.Series(margin, score.index)).to_numpy())
        again.append(np.array(lists))
    return overlap(np.concatenate(on), np.concatenate(again, axis=1))
