"""What every rung did on the test rows: measures, comparisons, lists and their audit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from earlywarning.audit import DECLARED, Comparison, FairnessAudit, capacity_curves, fairness_audit
from earlywarning.dataset.assemble import Dataset
from earlywarning.model.boosting import booster_text
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.comparison import Compared, Winner, choose_winner, compared
from earlywarning.model.evaluation import Measures, evaluate
from earlywarning.model.ladder import Ranker
from earlywarning.model.lists import Capacity
from earlywarning.policy import AuditPolicy
from earlywarning.watchlist.rank import Limit, draw, tie_break, within

MODEL = "model"
PAIRS = (("ethnicity", "sen_provision"),)
"""Attributes that are audited together."""
CURVES = ("ethnicity_major", "sen_provision")
"""Attributes whose groups are followed over longer and shorter lists."""
UNDECLARED = AuditPolicy()
"""No policy was given: what the library declares, and its own material gaps."""


@dataclass(frozen=True)
class Trial:
    """What every rung did on the test rows of all folds together.

    ``data`` are the tested rows, everyone on roll; ``scores`` and ``probabilities`` have one column a rung
    (NaN: not assessed); ``met`` says of each whether its ``pupil`` and its ``school`` were met in training;
    ``models`` are the classifiers that were tested, one a fold; ``limits`` what every list was held to.
    """

    data: Dataset
    scores: pd.DataFrame
    probabilities: pd.DataFrame
    rungs: Mapping[str, Ranker]
    met: pd.DataFrame
    models: tuple[RiskClassifier, ...]
    limits: tuple[Limit, ...] = ()

    def measures(self, capacity: Capacity) -> dict[str, Measures]:
        """The measures of each rung, by name."""
        rows = self.data.rows
        return {
            str(name): evaluate(
                rows["state"],
                self.scores[name],
                area=rows["area"],
                as_of_date=rows.index.get_level_values("as_of_date"),
                capacity=capacity,
                probability=self.probabilities.get(str(name)),
                drawn_from=self.drawn_from(str(name)),
            )
            for name in self.scores
        }

    def compared(self, seed: int, names: Sequence[str] | None = None) -> Compared:
        """The rungs (or those called ``names``) on the same resamples of pupils and of schools."""
        known = self.data.known
        scores = {name: self.scores[name].to_numpy()[known] for name in names or self.rungs}
        return compared(self.data.y[known], scores, self.clusters(known), seed=seed)

    def winner(self, shipping_slope: float, seed: int) -> Winner:
        """The model where it beats the best rule beyond chance, else that rule (see :meth:`won`)."""
        return self.won(self.compared(seed, [*self.rules, MODEL]), shipping_slope)

    def won(self, compared: Compared, shipping_slope: float) -> Winner:
        """What ``compared`` says won.

        A model that would ship with a calibration slope of 0 or less never wins, whatever it did in the test.
        """
        return choose_winner(compared, rules=self.rules, slope=min(self.slope, shipping_slope))

    @property
    def lists(self) -> int:
        """How many lists were drawn: one an area and date."""
        rows = self.data.rows
        return len(set(zip(rows["area"], rows.index.get_level_values("as_of_date"), strict=True)))

    @property
    def rules(self) -> list[str]:
        """The names of the rungs that are rules."""
        return [name for name, rung in self.rungs.items() if rung.kind == "rule"]

    def clusters(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """The pupil and the school of each of ``rows``, a boolean mask of shape (n_rows,)."""
        schools = self.data.rows["school_id"].to_numpy()
        return {"pupils": self._pupils[rows], "schools": schools[rows]}

    @property
    def slope(self) -> float:
        """The smallest of the model's calibration slopes over the folds."""
        return min(model.calibrator_.slope for model in self.models)

    @property
    def model_hashes(self) -> tuple[str, ...]:
        """Of the boosters that were tested: what ships is refitted and has its own."""
        return tuple(_hash(model) for model in self.models)

    def listed(self, name: str, capacity: Capacity) -> pd.Series:
        """Who would have been on the lists of one rung, drawn as an issue's list is."""
        rows = self.data.rows
        return draw(self.scores[name], rows["area"], capacity, tie_break(rows.index), self.limits)

    def drawn_from(self, name: str) -> pd.Series:
        """The scores of one rung without those beyond a limit: lists of any length are drawn from them."""
        score = self.scores[name]
        return within(score, tie_break(score.index), self.limits) if self.limits else score

    def audit(
        self, name: str, capacity: Capacity, fewest_positives: int, rules: AuditPolicy = UNDECLARED
    ) -> FairnessAudit:
        """How the lists of one rung would have fallen on groups of pupils, terms pooled.

        ``rules`` are the policy's: what was declared before looking, and how large a gap matters.
        """
        rows, attributes = self.data.rows, self.data.attributes
        y, known = (pd.Series(each, index=self.data.X.index) for each in (self.data.y, self.data.known))
        dates = rows.index.get_level_values("as_of_date")
        audit = fairness_audit(
            y,
            self.listed(name, capacity),
            attributes,
            score=self.probabilities.get(name),
            clusters=self._pupils,
            min_positives=fewest_positives,
            known=known,
            schools=rows["school_id"].to_numpy(),
            ranking=self.drawn_from(name).to_numpy(),
            lists=pd.factorize(pd.MultiIndex.from_arrays([rows["area"], dates]))[0],
            pairs=[pair for pair in PAIRS if set(pair) <= set(attributes)],
            declared=[Comparison(*names) for names in rules.comparisons] or DECLARED,
            material=rules.material,
        )
        followed = [each for each in CURVES if each in attributes]
        if not followed:
            return audit
        drawn = capacity_curves(
            y,
            self.drawn_from(name),
            attributes[followed],
            area=rows["area"],
            as_of_date=dates,
            capacity=capacity,
            tie_break=tie_break(rows.index),
            known=known,
            clusters=self._pupils,
        )
        return replace(audit, curves=drawn)

    @property
    def _pupils(self) -> np.ndarray:
        return self.data.X.index.get_level_values("pupil_id").to_numpy()


def _hash(model: RiskClassifier) -> str:
    texts = "".join(booster_text(booster) for booster in model.boosters_)
    return hashlib.sha256(texts.encode()).hexdigest()
