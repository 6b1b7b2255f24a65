"""Train on earlier years, test on a later one, audit, and register a challenger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from earlywarning import tracking
from earlywarning.audit import FairnessAudit
from earlywarning.audit.checks import refuse_failed
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.splits import Fold, temporal_folds
from earlywarning.errors import GateRefused
from earlywarning.inputs import recorded, refuse_unsigned
from earlywarning.model.bundle import Bundle
from earlywarning.model.ladder import ladder, single_seed
from earlywarning.pages.evidence import evidence
from earlywarning.pages.summary import summary, summary_lines
from earlywarning.pages.training import answer, training_page
from earlywarning.pipeline.list_rules import limits_of
from earlywarning.pipeline.opening import Result, Step, asked, build_history, checked_extracts, quiet
from earlywarning.policy import policy_of
from earlywarning.shipping import classifier_of, record, refitted_classifier, ship
from earlywarning.studies import Study
from earlywarning.trial import Trial, capacity_of, places_of, run_canaries, run_gates, run_trial


@dataclass(frozen=True)
class Trained:
    """What a training run left: ``summary`` for machines, and the parts for a notebook."""

    summary: Result
    data: Dataset
    folds: tuple[Fold, ...]
    trial: Trial
    audit: FairnessAudit
    bundle: Bundle
    folder: Path


def train(
    folder: Path,
    *,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    engine: str = "duckdb",
    known_by: dt.date | None = None,
    keep: Path | None = None,
    step: Step = quiet,
) -> Trained:
    """Train on earlier years, test on a later one, audit, and register the bundle as challenger.

    Raises:
        InputRefused: the extracts cannot be used.
        GateRefused: the policy file does not answer for an input, a check failed, the canary sang, there are
            too few mature years, or no feature varies.
    """
    study, settings = asked(study, settings)
    policy = policy_of(settings)
    refuse_unsigned(study, policy)
    step("checking the extracts")
    with checked_extracts(study, folder, settings, engine, known_by) as checked:
        step("building features and labels")
        history = build_history(study, checked, keep=keep)
        data = assemble(study, history)
        limits = limits_of(study, history, data.rows, settings.list)
    refuse_unrecorded(study, data)
    folds = tuple(temporal_folds(study, data))
    refuse_constant(data, folds)
    capacity, seed = capacity_of(study, settings, data.rows), settings.model.random_state
    places = places_of(settings, data.rows)
    recipe = classifier_of(settings, data.features)
    rungs = ladder(data.X.columns, rules=study.rules, classifier=recipe)
    refuse_failed(run_gates(data, folds, [], settings.gates, checked.extracted_on))
    canaries = run_canaries(data, folds, single_seed(recipe), settings.gates, seed, step)
    gates = run_gates(data, folds, canaries, settings.gates, checked.extracted_on)
    refuse_failed(gates)
    trial = run_trial(data, folds, rungs, step, limits)
    step("refitting on every mature year")
    classifier = refitted_classifier(study, settings, data)
    metrics = evidence(
        study,
        settings,
        data,
        folds,
        trial,
        classifier,
        capacity=capacity,
        places=places,
        canaries=canaries,
        gates=gates,
        step=step,
    )
    audit = trial.audit(metrics["winner"]["name"], capacity, settings.audit.fewest_positives, policy.audit)
    bundle = ship(
        study, settings, data, classifier, metrics, audit, checked.data_hash, recorded(study, policy)
    )
    step("recording the run")
    told = summary(metrics, checked)
    looks = tracking.looks(
        models, study.name, metrics["tested_on"], checked.data_hash, synthetic=checked.synthetic
    )
    page = training_page(study, checked, bundle, audit, looks)
    run = record(study, settings, models, bundle, told, page, audit)
    told |= {
        "answer": str(answer(metrics, study.label, checked.synthetic)),
        "issue": str(run.bundle.absolute()),
        "version": run.version,
        "looks": asdict(looks),
        "lines": summary_lines(told, run.bundle, looks),
    }
    return Trained(told, data, folds, trial, audit, bundle, run.bundle)


def refuse_constant(data: Dataset, folds: Sequence[Fold]) -> None:
    """Nothing, when a feature tells one pupil from another in the training rows of each fold.

    Raises:
        GateRefused: every feature is the same for everybody: there is nothing to learn from.
    """
    for fold in folds:
        varying = data.X[fold.train].nunique(dropna=False) > 1
        if not varying.any():
            raise GateRefused(
                f"Nothing can be learnt for {fold.test_period}: each of {len(varying)} features is the same "
                "for everybody in the training years. Check in table 'coverage' that their feeds were "
                "received, and that features.families names families the extracts hold."
            )


def refuse_unrecorded(study: Study, data: Dataset) -> None:
    """Nothing; an audit by something recorded for nobody would be none.

    Raises:
        GateRefused: an attribute to audit by is "not recorded" for every pupil.
    """
    empty = [name for name in study.audited if set(data.attributes[name]) <= {"not recorded", "NOBT"}]
    if empty:
        raise GateRefused(
            f"The audit cannot be made: {', '.join(map(str, empty))} is recorded for nobody. Check that the "
            "column is in the extract under its own name."
        )
