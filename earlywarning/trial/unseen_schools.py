"""Leave-schools-out: how well the model ranks pupils at schools of which it has never seen a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold, LeaveSchoolsOut
from earlywarning.errors import GateRefused
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.comparison import compared
from earlywarning.model.ladder import single_seed
from earlywarning.model.ranking import auroc, average_precision
from earlywarning.studies import Study
from earlywarning.trial.run import Step, fitted_on
from earlywarning.trial.tested import MODEL, Trial

GROUPS = 5
UNSEEN = "unseen"


def unseen_schools(
    study: Study,
    data: Dataset,
    folds: Sequence[Fold],
    trial: Trial,
    classifier: RiskClassifier,
    *,
    seed: int,
    step: Step,
) -> dict[str, Any]:
    """AUROC and average precision on the test rows, each ranked by a model that knew none of its school.

    Schools are dealt into up to :data:`GROUPS` groups; ``classifier`` learns, with one seed, from all but one
    group and scores that one. Ranked on the probability, the one scale that several models share. Beside it
    ``with_its_schools``, the main test on the same rows, and the paired ``difference``. With ``why_not`` in
    place of figures where it cannot be done.
    """
    schools = int(data.rows["school_id"].nunique())
    groups = min(GROUPS, schools)
    if groups < 2:
        return {"why_not": "there is one school only, so that none can be left out"}
    once = single_seed(classifier)
    chances = []
    try:
        for number, fold in enumerate(_apart(study, data, folds, groups), start=1):
            step(f"testing on schools left out of the training: {number}")
            test = data.where(fold.test)
            fitted = fitted_on(once, data, fold, data.y)
            chances.append(pd.Series(fitted.probability(test.X, test.rows), index=test.X.index))
    except GateRefused:
        return {"why_not": "without one group of schools there are too few events to learn from"}
    known = trial.data.known
    unseen = pd.concat(chances).reindex(trial.data.X.index).to_numpy()[known]
    both = compared(
        trial.data.y[known],
        {UNSEEN: unseen, MODEL: trial.scores[MODEL].to_numpy()[known]},
        trial.clusters(known),
        seed=seed,
    )
    measures = (auroc, average_precision)
    return {
        "groups": groups,
        "schools": schools,
        "n": int(known.sum()),
        "events": int(trial.data.y[known].sum()),
        **{measure.__name__: both.estimate(UNSEEN, measure).value for measure in measures},
        "intervals": {measure.__name__: both.estimate(UNSEEN, measure).to_json() for measure in measures},
        "with_its_schools": {measure.__name__: both.estimate(MODEL, measure).value for measure in measures},
        "difference": both.difference(UNSEEN, MODEL).to_json(),
    }


def _apart(study: Study, data: Dataset, folds: Sequence[Fold], groups: int) -> list[Fold]:
    """The folds of the trial, each once a group of schools."""
    return LeaveSchoolsOut(
        data.rows,
        test_periods=tuple(fold.test_period for fold in folds),
        burn_in=study.burn_in,
        unseen_only=study.unseen_only,
        n_groups=groups,
    ).folds()
