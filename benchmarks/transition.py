"""What rules and sets of families do on the move to Year 7: ``python -m benchmarks.transition DATA``.

Known outcomes of the test cohorts: both lists, June's, September's (average precision / AUROC). Sets of
families are compared with attendance, behaviour and suspensions on the same pupils, resampled.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from earlywarning import config, pipeline
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.splits import Fold, temporal_folds
from earlywarning.model import RiskClassifier
from earlywarning.model.arrays import FloatArray
from earlywarning.model.comparison import paired_difference
from earlywarning.model.ranking import auroc, average_precision, unscored_last
from earlywarning.studies import STUDIES

STUDY = STUDIES["transition"]
BASE = ("attendance", "behaviour", "suspensions")
PARTS = ("X", "facts", "rows", "attributes")
ADDED = (
    *[("ks2",), ("transition",), ("ks2", "transition")],
    *[("context",), ("moves",), ("services",), ("placements",)],
)


def chances(data: Dataset, folds: Sequence[Fold], families: Iterable[str]) -> FloatArray:
    """The probability of every tested row, from a model of two boosters on some families: (n_tested,)."""
    chosen = [family for family in STUDY.families if family.name in set(families)]
    columns = [feature.name for family in chosen for feature in family.inputs]
    parts = []
    for fold in folds:
        train, test = data.where(fold.train), data.where(fold.test & data.known)
        model = RiskClassifier(n_seeds=2, random_state=20260901)
        model.fit(train.X[columns], train.y, groups=train.rows["period"].to_numpy())
        parts.append(model.predict_proba(test.X[columns])[:, 1])
    return np.concatenate(parts)


def told(name: str, data: Dataset, score: FloatArray, more: str = "") -> None:
    """A line: average precision / AUROC of both lists, of June's, of September's."""
    month = pd.DatetimeIndex(data.rows.index.get_level_values("as_of_date")).month
    parts = [np.full(len(month), fill_value=True), month == 6, month == 9]
    said = [f"{average_precision(data.y[p], score[p]):.3f}/{auroc(data.y[p], score[p]):.3f}" for p in parts]
    sys.stdout.write(f"{name:<36}{'   '.join(said)}   {more}\n")
    sys.stdout.flush()


def main() -> None:
    """Print a line for each rule and each set of families."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    with pipeline.checked_extracts(STUDY, parser.parse_args().data, config.Settings()) as checked:
        data = assemble(STUDY, pipeline.build_history(STUDY, checked))
    folds = temporal_folds(STUDY, data)
    tested = [data.where(fold.test & data.known) for fold in folds]
    every = data.where(np.any([fold.test for fold in folds], axis=0) & data.known)
    rows = pd.concat([test.rows for test in tested])  # as the scores come: a test cohort after the other
    every = replace(every, **{part: getattr(every, part).loc[rows.index] for part in PARTS})
    for rule in STUDY.rules:
        scores = [
            rule.fit(data.X[fold.train], data.rows[fold.train], data.y[fold.train]).score(test.X, test.rows)
            for fold, test in zip(folds, tested, strict=True)
        ]
        told(rule.name, every, unscored_last(np.concatenate(scores)))
    base, pupils = chances(data, folds, BASE), every.X.index.get_level_values("pupil_id")
    told(", ".join(BASE), every, base)
    for added in ADDED:
        score = chances(data, folds, (*BASE, *added))
        gain = paired_difference(every.y, score, base, pupils)
        told(f"  and {' and '.join(added)}", every, score, gain_of(gain.value, gain.lower, gain.upper))


def gain_of(value: float | None, lower: float | None, upper: float | None) -> str:
    """A gain with its interval, or that there are too few events."""
    if value is None or lower is None or upper is None:
        return "too few events"
    return f"{value:+.3f} ({lower:+.3f} to {upper:+.3f})"


if __name__ == "__main__":
    main()
