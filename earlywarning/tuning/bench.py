"""Where settings are compared: earlier training years teach, later ones test; the test year is not there.

A :class:`Bench` holds the training rows of the first test and nothing else, so that no code beyond it could
look at a test year if it tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from earlywarning.config import GateSettings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import AcademicYearSplit, Fold, mature_periods
from earlywarning.errors import GateRefused
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.comparison import Estimate, paired_difference
from earlywarning.model.ladder import model
from earlywarning.studies import Study
from earlywarning.trial import MODEL, run_trial

SEEDS = 1
"""Boosters of each trial: many settings are tried, and their order is hardly that of a seed's draw. The
settings found and the defaults are then tested again with as many boosters as the model has."""


@dataclass(frozen=True, eq=False)
class Losses:
    """What one setting of the hyperparameters did on the test rows of all inner folds together.

    ``log_loss`` is their mean, in nats a pupil's term (lower is better); ``by_fold`` that of each inner fold,
    by its period; ``probability`` that of the event, (n_rows,).
    """

    log_loss: float
    by_fold: Mapping[str, float]
    probability: FloatArray = field(repr=False)


@dataclass(frozen=True, eq=False)
class Bench:
    """The training rows of the first test, and the folds inside them."""

    data: Dataset
    folds: tuple[Fold, ...]
    classifier: RiskClassifier

    def tested(self, hyperparameters: Mapping[str, float], seeds: int = SEEDS) -> Losses:
        """The classifier with these ``hyperparameters`` and ``seeds`` boosters, trained and tested."""
        candidate = clone(self.classifier).set_params(n_seeds=seeds, **hyperparameters)
        trial = run_trial(self.data, self.folds, [model(candidate)], lambda _: None)
        probability = trial.probabilities[MODEL].to_numpy(dtype=np.float64)
        assessed, period = ~np.isnan(probability), trial.data.rows["period"].to_numpy()
        return Losses(
            log_loss=float(log_loss(trial.data.y[assessed], probability[assessed])),
            by_fold={
                fold.test_period: float(log_loss(trial.data.y[there], probability[there]))
                for fold in self.folds
                if (there := assessed & (period == fold.test_period)).any()
            },
            probability=probability,
        )

    def gain(self, default: Losses, tuned: Losses, seed: int) -> Estimate:
        """How much log loss ``tuned`` saves over ``default``, on the same resamples of pupils and schools."""
        both = ~np.isnan(default.probability) & ~np.isnan(tuned.probability)
        rows = self._test.where(both)
        clusters = {
            "pupils": rows.X.index.get_level_values("pupil_id").to_numpy(),
            "schools": rows.rows["school_id"].to_numpy(),
        }
        return paired_difference(
            rows.y, default.probability[both], tuned.probability[both], clusters, measure=log_loss, seed=seed
        )

    @property
    def events(self) -> int:
        """Events among the rows that are tested on."""
        return int(self._test.y.sum())

    @property
    def rows(self) -> int:
        """Rows that are tested on: pupils' terms."""
        return len(self._test.y)

    @property
    def periods(self) -> tuple[str, ...]:
        """The training years that are tested on."""
        return tuple(fold.test_period for fold in self.folds)

    @property
    def _test(self) -> Dataset:
        return self.data.where(np.any([fold.test for fold in self.folds], axis=0))


def log_loss(
    event: npt.ArrayLike, probability: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> FloatArray:
    """The mean of ``-log`` of the probability of what came: () without ``weights``, else (b,).

    >>> round(float(log_loss([1, 0], [0.5, 0.5])), 4)
    0.6931
    """
    chance = np.clip(np.asarray(probability, dtype=np.float64), 1e-15, 1 - 1e-15)
    each = -np.log(np.where(np.asarray(event) == 1, chance, 1 - chance))
    if weights is None:
        return np.asarray(each.mean() if len(each) else np.nan)
    given = np.asarray(weights, dtype=np.float64)
    return np.asarray(given @ each / given.sum(axis=-1))


def bench_of(
    study: Study, data: Dataset, folds: Sequence[Fold], classifier: RiskClassifier, floors: GateSettings
) -> Bench:
    """The bench inside the training rows of the first of the study's test ``folds``.

    An inner fold with fewer events than the ``floors`` ask of a test is left out.

    Raises:
        GateRefused: fewer than two training years follow each other in time, or there are too few events.
    """
    first = min(folds, key=lambda fold: int(fold.train.sum()))
    inside = data.where(first.train)
    inner = _inner_folds(study, inside)
    told = [f"{fold.test_period} ({_events(inside, fold)})" for fold in inner]
    enough = tuple(fold for fold in inner if _enough(inside.y, fold, floors))
    if not enough:
        raise GateRefused(
            f"study '{study.name}': tuning has too few events inside the training years: {'; '.join(told)}. "
            f"At least {floors.fewest_train_events} are needed to train and {floors.fewest_test_events} to "
            "test. Add earlier years or schools, or keep the default settings, which need no tuning."
        )
    return Bench(inside, enough, classifier)


def _inner_folds(study: Study, inside: Dataset) -> list[Fold]:
    """One fold for each training year before which another had matured."""
    periods = mature_periods(inside.rows)
    try:
        years = AcademicYearSplit(inside.rows, len(periods), burn_in=0, unseen_only=study.unseen_only)
        return years.folds()
    except GateRefused:
        raise GateRefused(
            f"study '{study.name}': tuning compares settings inside the training years, never on the test "
            "year: one of them to train, and a later one to test, that begins when the labels of the first "
            f"have matured. The training years here are {', '.join(periods)}. Add earlier years to the "
            "extracts, or keep the default settings, which need no tuning."
        ) from None


def _enough(y: IntArray, fold: Fold, floors: GateSettings) -> bool:
    """Whether both classes are there often enough, in training and in the test."""
    both = ((fold.train, floors.fewest_train_events), (fold.test, floors.fewest_test_events))
    return all(np.bincount(y[rows], minlength=2).min() >= fewest for rows, fewest in both)


def _events(inside: Dataset, fold: Fold) -> str:
    return f"{int(inside.y[fold.train].sum())} to train, {int(inside.y[fold.test].sum())} to test"
