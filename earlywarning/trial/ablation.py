"""What each family and each feature adds: the trial again without it, measured on the same test rows.

A gain is everything less everything without the part: above 0 is what the part adds to all others. Parts
that say the same hide each other: each alone can be left out at no loss, both together cannot. So what the
families that do not earn their place add together is measured too.

Two things make a gain uncertain: which pupils were tested (they are resampled), and which columns the
boosters drew (everything is trained again with other seeds). The interval of a gain holds both.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.base import clone

from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.errors import WrongUsage
from earlywarning.model.arrays import BoolArray, FloatArray
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.comparison import Estimate, RankingMeasure, interval, paired_difference
from earlywarning.model.evaluation import NORMAL_WIDTH, smallest_difference
from earlywarning.model.ladder import model
from earlywarning.model.lists import Capacity
from earlywarning.model.ranking import auroc, average_precision, unscored_last
from earlywarning.studies import Study
from earlywarning.trial.run import Step, run_trial
from earlywarning.trial.tested import MODEL

Verdict: TypeAlias = Literal["earns its place", "cannot tell", "adds nothing"]

LITTLE = 0.01
"""A gain in average precision below this is not worth holding data about families for."""

FEATURE_SEEDS = 2
"""Boosters averaged where single features are left out: there are many, and each costs a training."""

AGAIN = 4
"""How often everything is trained again with other seeds, to see what their draw alone does."""


@dataclass(frozen=True)
class Gain:
    """What a part adds to everything else, each a difference with a 95% interval.

    ``caught`` counts outcomes of pupils on the lists, drawn from everyone on roll. ``alone`` is the average
    precision of a model of nothing else, where it was asked for.
    """

    part: str
    features: int
    average_precision: Estimate
    auroc: Estimate
    caught: Estimate
    alone: Estimate | None = None

    @property
    def verdict(self) -> Verdict:
        """Earns its place: the interval of the gain in average precision lies above 0.

        Adds nothing: it does not, and lies below :data:`LITTLE`. Cannot tell: neither, or no interval.
        """
        if self.average_precision.above_zero:
            return "earns its place"
        upper = self.average_precision.upper
        return "cannot tell" if upper is None or upper >= LITTLE else "adds nothing"

    @property
    def smallest(self) -> float | None:
        """The smallest gain in average precision that these test rows would show 8 times in 10."""
        return smallest_difference(self.average_precision.lower, self.average_precision.upper)

    def to_json(self) -> dict[str, Any]:
        """The gain, its verdict and what could have been shown, ready for JSON."""
        measured = {name: getattr(self, name) for name in ("average_precision", "auroc", "caught", "alone")}
        told = {name: None if value is None else value.to_json() for name, value in measured.items()}
        parts = {"part": self.part, "features": self.features}
        return parts | told | {"verdict": self.verdict, "smallest": self.smallest}


@dataclass(frozen=True)
class Round:
    """Parts left out in turn from models of ``seeds`` boosters.

    ``average_precision`` is that of everything; ``drawn`` by how much that of two models of everything
    differs 19 times in 20 at most, by the draw of their seeds alone.
    """

    seeds: int
    average_precision: Estimate
    drawn: float
    gains: tuple[Gain, ...]

    def to_json(self) -> dict[str, Any]:
        """The round, ready for JSON."""
        return {
            "seeds": self.seeds,
            "everything": self.average_precision.to_json(),
            "drawn": self.drawn,
            "gains": [gain.to_json() for gain in self.gains],
        }


@dataclass(frozen=True)
class Ablation:
    """What was measured on ``tested_on``.

    ``kept``: the families to use, in the study's order: those that earn their place, and those needed all the
    same, to say who can be assessed or for a simple rule. ``together``: what all others add at once, ``None``
    where there are none.
    """

    tested_on: str
    rows: int
    events: int
    kept: tuple[str, ...]
    families: Round
    together: Gain | None
    features: Round | None

    def to_json(self) -> dict[str, Any]:
        """The ablation, ready for JSON."""
        return {
            "tested_on": self.tested_on,
            "n": self.rows,
            "events": self.events,
            "kept": list(self.kept),
            "families": self.families.to_json(),
            "together": self.together and self.together.to_json(),
            "features": self.features and self.features.to_json(),
        }


def caught(event: npt.ArrayLike, on_list: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> FloatArray:
    """How many events are on the list, as a measure: () without weights, else a number a resample."""
    hits = np.asarray(event, dtype=np.float64) * (np.asarray(on_list) == 1)
    return np.asarray(hits.sum() if weights is None else np.asarray(weights) @ hits)


MEASURES: Mapping[str, RankingMeasure] = MappingProxyType(
    {"average_precision": average_precision, "auroc": auroc, "caught": caught}
)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Test rows with a known outcome, their ``score``, and who would have been ``listed`` among everyone."""

    data: Dataset
    score: FloatArray
    listed: BoolArray

    @property
    def pupils(self) -> npt.NDArray[Any]:
        """The pupil of each row: rows of one pupil are resampled together."""
        return np.asarray(self.data.X.index.get_level_values("pupil_id"))

    def by(self, name: str) -> npt.NDArray[Any]:
        """What the measure of that name looks at."""
        return self.listed if name == "caught" else self.score

    def value(self, name: str) -> float:
        """The measure of that name."""
        return float(MEASURES[name](self.data.y, unscored_last(self.by(name)), None))


def ablate(
    study: Study,
    data: Dataset,
    folds: Sequence[Fold],
    classifier: RiskClassifier,
    capacity: Capacity,
    step: Step,
    *,
    seed: int,
    features: bool = False,
) -> Ablation:
    """Each family left out in turn, and each feature where ``features`` are asked for.

    Rows, outcomes and who can be assessed stay as they are: only columns are left out.

    Raises:
        WrongUsage: the study has one family only, so nothing is left without it.
    """
    parts = {family.name: [feature.name for feature in family.inputs] for family in study.families}
    if len(parts) < 2:
        raise WrongUsage(f"study '{study.name}' has one family only: there is nothing to compare it with.")
    bench = _Bench(data, folds, classifier, capacity, seed, step)
    families = bench.round(parts, alone=True)
    looked_at = {name for rule in study.rules for name in rule.looks_at}
    needed = {part for part, names in parts.items() if part in study.essential or looked_at & set(names)}
    kept = tuple(g.part for g in families.gains if g.verdict == "earns its place" or g.part in needed)
    left_out = [name for part, names in parts.items() if part not in kept for name in names]
    fewer = replace(bench, classifier=clone(classifier).set_params(n_seeds=FEATURE_SEEDS))
    tested = bench.everything.data
    return Ablation(
        tested_on=", ".join(fold.test_period for fold in folds),
        rows=len(tested.y),
        events=int(tested.y.sum()),
        kept=kept,
        families=families,
        together=bench.gain("all left out", left_out) if left_out and kept else None,
        features=fewer.round({name: [name] for name in map(str, data.X)}, alone=False) if features else None,
    )


@dataclass(frozen=True)
class _Bench:
    """Where parts are left out: everything is tested first, and each part against it."""

    data: Dataset
    folds: Sequence[Fold]
    classifier: RiskClassifier
    capacity: Capacity
    seed: int
    step: Step

    @cached_property
    def everything(self) -> Ranked:
        """The test with nothing left out."""
        self.step("everything")
        return self.tested(self.data.X.columns)

    @cached_property
    def drawn(self) -> Mapping[str, float]:
        """Of each measure, by how much two models of everything differ 19 times in 20 at most."""
        found = [self.everything]
        for number in range(1, AGAIN + 1):
            self.step(f"everything, other seeds ({number} of {AGAIN})")
            found.append(self.tested(self.data.X.columns, other=number))
        return {
            name: NORMAL_WIDTH / 2 * 2**0.5 * float(np.std([one.value(name) for one in found], ddof=1))
            for name in MEASURES
        }

    def round(self, parts: Mapping[str, Sequence[str]], *, alone: bool) -> Round:
        """Each of ``parts`` (its columns) left out in turn."""
        drawn, gains = self.drawn["average_precision"], []
        for number, (part, columns) in enumerate(parts.items(), start=1):
            gains.append(self.gain(part, columns, f" ({number} of {len(parts)})", alone=alone))
        return Round(self.classifier.n_seeds, self.precision(self.everything), drawn, tuple(gains))

    def gain(self, part: str, columns: Sequence[str], number: str = "", *, alone: bool = False) -> Gain:
        """What ``columns`` add, and how well they do alone."""
        self.step(f"without {part}{number}")
        without = self.tested(name for name in map(str, self.data.X) if name not in columns)
        differences = {name: self.difference(name, without) for name in MEASURES}
        if alone:
            self.step(f"{part} alone{number}")
        only = self.precision(self.tested(columns)) if alone else None
        return Gain(part=part, features=len(columns), **differences, alone=only)

    def tested(self, columns: Iterable[str], other: int = 0) -> Ranked:
        """The model on some columns, trained and tested as always; ``other`` seeds where not 0."""
        kept = list(columns)
        features = tuple(feature for feature in self.data.features if feature.name in kept)
        narrower = replace(self.data, X=self.data.X[kept], features=features)
        classifier = clone(self.classifier).set_params(random_state=self.seed ^ other)
        trial = run_trial(narrower, self.folds, [model(classifier)], lambda _: None)
        known = trial.data.known
        return Ranked(
            data=trial.data.where(known),
            score=trial.scores[MODEL].to_numpy()[known],
            listed=trial.listed(MODEL, self.capacity).to_numpy()[known],
        )

    def difference(self, name: str, without: Ranked) -> Estimate:
        """Everything less ``without``, the interval widened by what the draw of seeds does."""
        whole, measure = self.everything, MEASURES[name]
        estimate = paired_difference(
            whole.data.y, whole.by(name), without.by(name), whole.pupils, measure=measure, seed=self.seed
        )
        value, lower, upper = estimate.value, estimate.lower, estimate.upper
        if value is None or lower is None or upper is None:
            return estimate
        drawn = self.drawn[name]
        return replace(
            estimate,
            lower=value - math.hypot(value - lower, drawn),
            upper=value + math.hypot(upper - value, drawn),
        )

    def precision(self, ranked: Ranked) -> Estimate:
        """Average precision, with its interval from resampling pupils."""
        return interval(average_precision, ranked.data.y, ranked.score, ranked.pupils, seed=self.seed)
