"""One day of the benchmark through the core's own pipeline, and what came of it."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.oulad.convert import convert
from benchmarks.oulad.presentations import started
from benchmarks.oulad.study import TESTED, oulad_study
from earlywarning import pipeline
from earlywarning.config import ModelSettings, Settings
from earlywarning.model.comparison import interval
from earlywarning.model.ranking import auroc
from earlywarning.trial import MODEL, Trial

MEASURES = ("auroc", "average_precision", "brier", "precision_at_capacity", "recall_at_capacity")
BESIDE = (
    "winner",
    "best_rule",
    "difference",
    "canary_auroc",
    "calibration_in_the_large",
    "calibration_slope",
)

SETTINGS = Settings(policy=str(Path(__file__).with_name("policy.toml")), model=ModelSettings(monotone=True))
"""The package's defaults but for the declared directions, which helped inside training (README.md)."""

LISTED = "2014J"
"""The lists written are those of the last presentation: three have ended when it begins."""


def tested(folder: Path, day: int, models: Path, step: pipeline.Step) -> dict[str, Any]:
    """What the model, tested on finished presentations only, reached on ``day``: the two tests pooled.

    ``folder`` holds the converted tables. The gates, the canary and the audit run as for any study; the
    report and the bundle are kept under ``models``.
    """
    trained = pipeline.train(folder, study=oulad_study(day), settings=SETTINGS, models=models, step=step)
    summary, trial, seed = trained.summary, trained.trial, SETTINGS.model.random_state
    event, chance = trial.data.y, trial.probabilities[MODEL].to_numpy()
    learners = trial.data.X.index.get_level_values("pupil_id").to_numpy()
    estimates = {
        **summary["intervals"],
        "brier": interval(brier, event, chance, learners, seed=seed).to_json(),
    }
    return {
        **{name: summary[name] for name in MEASURES},
        "n_test": summary["n"],
        "events": summary["events"],
        "intervals": {name: [told["lower"], told["upper"]] for name, told in estimates.items()},
        **{name: summary[name] for name in BESIDE},
        "tests": _by_presentation(trial),
    }


def listed(source: Path, day: int, models: Path, out: Path, step: pipeline.Step) -> str:
    """The folder of the list for the last presentation, made on the day from what was known by then.

    The model is tested on the presentation before, refitted on the three that had ended, and promoted in this
    folder where it won.
    """
    as_of_date = started(LISTED) + dt.timedelta(days=day)
    study = oulad_study(day, tested=TESTED[:1])
    with tempfile.TemporaryDirectory(prefix="earlywarning-") as folder:
        convert(source, Path(folder), extracted_on=as_of_date)
        trained = pipeline.train(Path(folder), study=study, settings=SETTINGS, models=models, step=step)
        pipeline.promote_if_won(
            trained,
            by="benchmark",
            reason="nobody acts on this list",
            data=Path(folder),
            settings=SETTINGS,
            study=study,
            models=models,
            step=step,
        )
        told = pipeline.score(
            Path(folder),
            study=study,
            settings=SETTINGS,
            as_of=as_of_date,
            out=out,
            models=models,
            step=step,
        )
        return str(told["issue"])


def brier(
    event: npt.ArrayLike, chance: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> npt.NDArray[np.float64]:
    """The mean squared difference of chance and outcome: shape (b,) for ``weights`` (b, n), or ().

    >>> float(brier([1, 0], [0.8, 0.4])).__round__(2)
    0.1
    """
    squares = (np.asarray(chance, dtype=np.float64) - np.asarray(event, dtype=np.float64)) ** 2
    drawn = np.ones_like(squares) if weights is None else np.asarray(weights, dtype=np.float64)
    return np.asarray((drawn @ squares) / drawn.sum(axis=-1))


def _by_presentation(trial: Trial) -> dict[str, Any]:
    rows, chance = trial.data.rows, trial.probabilities[MODEL]
    tests = {}
    for period, members in rows.groupby("period").indices.items():
        event = trial.data.y[members]
        tests[str(period)] = {
            "n_test": len(event),
            "events": int(event.sum()),
            "auroc": float(auroc(event, chance.to_numpy()[members])),
        }
    return tests
