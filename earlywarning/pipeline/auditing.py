"""How the lists fall on groups of pupils, and what each family of features adds."""

from __future__ import annotations

from pathlib import Path

from earlywarning import config, tracking
from earlywarning.audit.bias import label_bias
from earlywarning.audit.bias_fragment import bias_fragment
from earlywarning.audit.checks import refuse_failed
from earlywarning.audit.public import public_audit
from earlywarning.config import Settings
from earlywarning.dataset.assemble import assemble
from earlywarning.dataset.splits import temporal_folds
from earlywarning.files import write_whole
from earlywarning.inputs import permitted
from earlywarning.labels import LABELS
from earlywarning.labels.beside import states_beside
from earlywarning.labels.declare import Label
from earlywarning.labels.suspension_in_year_7 import SUSPENSION_IN_YEAR_7
from earlywarning.model.bundle import check_asked, check_contract, check_families, load
from earlywarning.model.ladder import ladder
from earlywarning.model.lists import Capacity
from earlywarning.model.sealed import json_bytes
from earlywarning.pages import report
from earlywarning.pages.ablation import ablation_lines, ablation_page
from earlywarning.pipeline.list_rules import limits_of
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
from earlywarning.policy import Disclosure, policy_of
from earlywarning.shipping import classifier_of
from earlywarning.studies import Study
from earlywarning.trial import Trial, capacity_of, run_gates, run_trial
from earlywarning.trial.ablation import ablate as run_ablation


def audit(
    folder: Path,
    *,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    out: Path | None = None,
    public: Path | None = None,
    step: Step = quiet,
) -> Result:
    """How the winner's lists fall on groups of pupils, on the test of the extracts in ``folder``.

    A page, a table and JSON go to the run in MLflow; the page to ``out`` too. ``public`` is a CSV that may
    leave the team: small counts are hidden as the policy says.
    """
    study, settings = asked(study, settings)
    bundle = load(tracking.resolve(models, study.name), rules=rules_of(study), audited=False)
    check_asked(bundle, study.name, study.label.name)
    check_families(bundle, study.family_names)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        step("building features and labels")
        history = build_history(study, checked)
        data = assemble(study, history)
        limits = limits_of(study, history, data.rows, settings.list)
        states = states_beside(history, data.rows.reset_index(), _labels(study))
    check_contract(bundle, data.features)
    refuse_not_available(bundle, data.not_available)
    classifier = classifier_of(settings, data.features)
    rungs = ladder(data.X.columns, rules=study.rules, peers=(), classifier=classifier)
    trial = run_trial(data, temporal_folds(study, data), rungs, step, limits)
    capacity = capacity_of(study, settings, data.rows)
    step("auditing the lists and the outcome")
    found = trial.audit(bundle.winner, capacity, settings.audit.fewest_positives, policy_of(settings).audit)
    rows = trial.data.rows
    bias = label_bias(
        states.loc[rows.index],
        trial.listed(bundle.winner, capacity).to_numpy(),
        trial.data.attributes,
        trial.data.attributes.get("school", rows["school_id"]),
        rows.index.get_level_values("pupil_id").to_numpy(),
    )
    told = found.to_dict() | {"bias": bias.to_dict()}
    outcomes = {label.name: label.outcome for label in _labels(study)}
    page = report.audit_page(found, bias_fragment(bias, outcomes), checked.synthetic).encode()
    reports = tracking.resolve(models, study.name).parent / tracking.REPORTS
    reports.mkdir(mode=0o700, exist_ok=True)
    write_whole(reports / "audit.html", page)
    write_whole(reports / "audit.csv", found.by_group.to_csv(index=False).encode())
    write_whole(reports / "audit.json", json_bytes(told))
    if out is not None:
        write_whole(out, page)
    if public is not None:
        write_whole(public, _public(trial, bundle.winner, capacity, policy_of(settings).disclosure))
    return {
        "audit": told,
        "reports": str(reports),
        "same_data": checked.data_hash == bundle.data_hash,
        "synthetic": checked.synthetic,
        "winner": bundle.winner,
        "lines": [
            *(["INVENTED DATA: nothing here is evidence about real pupils."] if checked.synthetic else []),
            found.summary(),
            f"Page, table and JSON: {reports}",
            *[f"Written: {path}" for path in (out, public) if path is not None],
        ],
    }


def _public(trial: Trial, name: str, capacity: Capacity, rules: Disclosure) -> bytes:
    data, listed = trial.data, trial.listed(name, capacity).to_numpy()
    table = public_audit(
        data.y == 1,
        data.known,
        listed,
        data.attributes,
        fewest=rules.fewest,
        rounded_to=rules.rounded_to,
    )
    return table.to_csv(index=False).encode()


def _labels(study: Study) -> list[Label]:
    """The study's own label first, then the others that can be asked of the same pupils and dates."""
    if study.only_label or study.label.name not in LABELS:
        return [study.label]
    others = [label for label in LABELS.values() if label not in (study.label, SUSPENSION_IN_YEAR_7)]
    return [study.label, *others]


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
    classifier = classifier_of(settings, data.features)
    found = run_ablation(study, data, folds, classifier, capacity, step, seed=seed, features=features)
    if out is not None:
        page = ablation_page(study, found, checked.synthetic, checked.data_hash)
        write_whole(out, page.encode())
    lines = ablation_lines(found, checked.synthetic)
    told = {"data_hash": checked.data_hash, "synthetic": checked.synthetic, "lines": lines}
    return found.to_json() | told
