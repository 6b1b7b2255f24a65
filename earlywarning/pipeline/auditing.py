"""How the lists fall on groups of pupils, and what each family of features adds."""

from __future__ import annotations

from pathlib import Path

from earlywarning import config, report, tracking
from earlywarning.ablation import ablate as run_ablation
from earlywarning.ablation_page import ablation_lines, ablation_page
from earlywarning.audit.checks import refuse_failed
from earlywarning.config import Settings
from earlywarning.dataset.assemble import assemble
from earlywarning.dataset.splits import temporal_folds
from earlywarning.files import write_whole
from earlywarning.inputs import permitted
from earlywarning.model.bundle import check_asked, check_contract, check_families, load
from earlywarning.model.ladder import ladder
from earlywarning.pipeline.opening import (
    Result,
    Step,
    asked,
    build_history,
    checked_extracts,
    named_study,
    quiet,
    refuse_not_available,
    rules_of,
)
from earlywarning.policy import policy_of
from earlywarning.shipping import classifier_of
from earlywarning.studies import Study
from earlywarning.trial import capacity_of, run_gates, run_trial


def audit(
    folder: Path,
    *,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    out: Path | None = None,
    step: Step = quiet,
) -> Result:
    """How the winner's lists fall on groups of pupils, on the test of the extracts in ``folder``."""
    study, settings = asked(study, settings)
    bundle = load(tracking.resolve(models, study.name), rules=rules_of(study), audited=False)
    check_asked(bundle, study.name, study.label.name)
    check_families(bundle, study.family_names)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        step("building features and labels")
        data = assemble(study, build_history(study, checked))
    check_contract(bundle, data.features)
    refuse_not_available(bundle, data.not_available)
    rungs = ladder(data.X.columns, rules=study.rules, peers=(), classifier=classifier_of(settings))
    trial = run_trial(data, temporal_folds(study, data), rungs, step)
    capacity = capacity_of(study, settings, data.rows)
    found = trial.audit(bundle.winner, capacity, settings.audit.fewest_positives)
    if out is not None:
        write_whole(out, report.audit_page(found, checked.synthetic).encode())
    return {
        "audit": found.to_dict(),
        "same_data": checked.data_hash == bundle.data_hash,
        "synthetic": checked.synthetic,
        "winner": bundle.winner,
        "lines": [found.summary()],
    }


def ablate(
    folder: Path,
    *,
    settings: Settings | None = None,
    study: Study | None = None,
    out: Path | None = None,
    features: bool = False,
    step: Step = quiet,
) -> Result:
    """What each family, and each feature where asked, adds on the test year; every family of the study.

    Raises:
        InputRefused: the extracts cannot be used.
        GateRefused: a check failed, or there are too few mature years.
    """
    settings = settings or config.load()
    study = named_study(settings) if study is None else permitted(study, policy_of(settings))
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        step("building features and labels")
        data = assemble(study, build_history(study, checked))
    folds = temporal_folds(study, data)
    refuse_failed(run_gates(data, folds, [], settings.gates, checked.extracted_on))
    capacity, seed = capacity_of(study, settings, data.rows), settings.model.random_state
    classifier = classifier_of(settings)
    found = run_ablation(study, data, folds, classifier, capacity, step, seed=seed, features=features)
    if out is not None:
        page = ablation_page(study, found, checked.synthetic, checked.data_hash)
        write_whole(out, page.encode())
    lines = ablation_lines(found, checked.synthetic)
    told = {"data_hash": checked.data_hash, "synthetic": checked.synthetic, "lines": lines}
    return found.to_json() | told
