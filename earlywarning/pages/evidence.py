"""What a training run found, put together in one place: plain values for the bundle, the page and --json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from earlywarning.audit.checks import CheckResult
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.comparison import FEW, Compared
from earlywarning.model.evaluation import at_one_threshold
from earlywarning.model.lists import Capacity
from earlywarning.model.ranking import auroc, average_precision
from earlywarning.pages.evidence_words import said
from earlywarning.pages.pictures import curves_of
from earlywarning.studies import Study
from earlywarning.trial import MODEL, Step, Trial
from earlywarning.trial.parts import parts
from earlywarning.trial.steadiness import steadiness
from earlywarning.trial.unseen_schools import unseen_schools


def evidence(
    study: Study,
    settings: Settings,
    data: Dataset,
    folds: Sequence[Fold],
    trial: Trial,
    classifier: RiskClassifier,
    *,
    capacity: Capacity,
    places: Mapping[str, int],
    canaries: Sequence[Mapping[str, Any]],
    gates: Sequence[CheckResult],
    step: Step,
) -> dict[str, Any]:
    """Every figure of a training run, ready for JSON; ``classifier`` is the refitted one that would ship.

    ``capacity`` is how many are talked about on each list; ``places`` the programme places by area, empty
    where nobody gave them.
    """
    seed = settings.model.random_state
    step("comparing the model with every other rung")
    compared = trial.compared(seed)
    winner = trial.won(compared, classifier.calibrator_.slope)
    steady = steadiness(data, folds, trial, capacity, n=settings.model.refits, seed=seed, step=step)
    apart = unseen_schools(study, data, folds, trial, classifier, seed=seed, step=step)
    step("measuring parts of the pupils apart")
    found = {
        "measures": at_one_threshold(trial.measures(capacity), MODEL),
        "curves": {name: curves_of(trial, name, capacity) for name in (MODEL, winner.best_rule)},
        "winner": winner.to_json(),
        **_against_each(compared, trial.rungs),
        "apart": parts(trial, capacity, seed),
        "unseen_schools": apart,
        "stability": steady.to_json(),
        "lists": {
            "number": trial.lists,
            "capacity": capacity,
            "limits": [line for limit in trial.limits for line in limit.said],
            "programme_places": dict(places),
        },
        "at_places": _at_places(trial, places),
        "canary": list(canaries),
        "gates": [gate.to_dict() for gate in gates],
        "sentences": {name: rung.sentence for name, rung in trial.rungs.items()},
        "kinds": {name: rung.kind for name, rung in trial.rungs.items()},
        "tested_on": ", ".join(fold.test_period for fold in folds),
        "tested_hashes": list(trial.model_hashes),
    }
    return found | {"said": said(found)}


def _against_each(compared: Compared, rungs: Iterable[str]) -> dict[str, Any]:
    """Each rung's AUROC and average precision, and the model's average precision less that of each other."""
    measures = (auroc, average_precision)
    return {
        "intervals": {
            name: {measure.__name__: compared.estimate(name, measure).to_json() for measure in measures}
            for name in rungs
        },
        "differences": {name: compared.difference(MODEL, name).to_json() for name in rungs if name != MODEL},
        "resampling": _resampling(compared),
    }


def _resampling(compared: Compared) -> dict[str, Any]:
    """How many pupils and schools the intervals rest on, and what that means where schools are few."""
    one = next(iter(compared.draws.values()))
    schools = one.sizes["schools"]
    if schools < 2:
        note = "There is one school only: intervals are from resampling pupils and say nothing of others."
    elif schools < FEW:
        note = (
            f"There are {schools} schools only: intervals from resampling them were stretched for so few, "
            "and may still be too narrow."
        )
    else:
        note = ""
    return {**one.sizes, "resamples": len(one.drawn["pupils"]), "note": note}


def _at_places(trial: Trial, places: Mapping[str, int]) -> dict[str, Any]:
    """Precision and recall of each rung had only the programme places been listed; empty without places."""
    if not places:
        return {}
    ends = "_at_capacity"
    return {
        rung: {
            name.replace(ends, "_at_places"): value
            for name, value in measures.items()
            if ends in name or name.startswith("listed")
        }
        for rung, measures in trial.measures(places).items()
    }
