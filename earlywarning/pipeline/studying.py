"""Studies beside the model: what the inputs give away, and what other ways to make the list would change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from earlywarning.audit.checks import refuse_failed
from earlywarning.audit.proxies import proxy_scan
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.splits import Fold, temporal_folds
from earlywarning.errors import WrongUsage
from earlywarning.files import write_whole
from earlywarning.inputs import tried
from earlywarning.labels import LABELS
from earlywarning.labels.declare import of_everyone
from earlywarning.model.lists import Capacity, places_for
from earlywarning.pages.studies import mitigation_lines, mitigation_page, proxy_lines, proxy_page
from earlywarning.pipeline.opening import Result, Step, asked, build_history, checked_extracts, quiet
from earlywarning.policy import policy_of
from earlywarning.shipping import classifier_of
from earlywarning.studies import Study
from earlywarning.trial import capacity_of, mitigation, run_gates

GUESSED = ("ethnicity_major", "sen_provision")
"""What the inputs are asked to guess, where the study audits by it."""


def proxies(
    folder: Path,
    *,
    settings: Settings | None = None,
    study: Study | None = None,
    out: Path | None = None,
    csv: Path | None = None,
    step: Step = quiet,
) -> Result:
    """How well the inputs tell ethnicity and SEN, on everyone on roll on the latest date of the extracts.

    ``out`` is a page, ``csv`` the same as a table of groups; neither holds a pupil.
    """
    study, settings = asked(study, settings)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        latest = build_history(study, checked).calendar.as_of_dates[-1]
        step("building features")
        data = assemble(study, build_history(study, checked, [latest]), labelled=False)
    if not any(name in study.audited for name in GUESSED):
        raise WrongUsage(f"study '{study.name}' audits by none of {', '.join(GUESSED)}: nothing to guess.")
    names = [name for name in GUESSED if name in data.attributes]
    step("guessing groups from inputs")
    pupils = data.X.index.get_level_values("pupil_id")
    material = policy_of(settings).proxies.material
    found = proxy_scan(
        data.X, data.attributes[names], pupils, material=material, seed=settings.model.random_state
    )
    if out is not None:
        page = proxy_page(study, found, material, f"{latest}", checked.synthetic, checked.data_hash)
        write_whole(out, page.encode())
    if csv is not None:
        write_whole(csv, found.frame().to_csv(index=False).encode())
    return {
        "as_of_date": f"{latest}",
        "groups": found.to_json(),
        "synthetic": checked.synthetic,
        "lines": proxy_lines(found, checked.synthetic),
    }


def mitigate(
    folder: Path,
    *,
    settings: Settings | None = None,
    study: Study | None = None,
    added: Sequence[str] = (),
    labels: Sequence[str] = (),
    attributes: Sequence[str] = (),
    out: Path | None = None,
    csv: Path | None = None,
    step: Step = quiet,
) -> Result:
    """What other ways of making the list would gain or lose each group, on the test of the extracts.

    Compared with the list as used: without each family, with each of ``added`` (features that are off), with
    each of ``labels`` to learn from, and with Fairlearn's reductions between the groups of ``attributes``.

    Raises:
        WrongUsage: a feature, label or attribute is not known, or cannot be compared.
        GateRefused: a check failed, or there are too few mature years.
    """
    study, settings = asked(study, settings)
    wider = tried(study, added)
    for name in attributes:
        _refuse_unknown("attribute", name, study.every_audited)
    for name in labels:
        _refuse_incomparable(study, name)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        step("building features and labels")
        history = build_history(wider, checked)
        data = assemble(wider, history)
        cohort = data.rows.reset_index()
        states = {name: LABELS[name].states(history, cohort)["state"].to_numpy() for name in labels}
    folds = tuple(temporal_folds(study, data))
    refuse_failed(run_gates(data, folds, [], settings.gates, checked.extracted_on))
    capacity, seed = capacity_of(study, settings, data.rows), settings.model.random_state
    options = mitigation.options_of(
        study,
        data,
        classifier_of(settings, data.features),
        added=added,
        labels=states,
        attributes=attributes,
        listed=_share_listed(data, folds, capacity),
        seed=seed,
    )
    found = mitigation.compare(
        options,
        folds,
        capacity,
        step,
        attributes=list(map(str, data.attributes)),
        seed=seed,
    )
    declared = policy_of(settings).audit.comparisons
    if out is not None:
        page = mitigation_page(study, found, declared, checked.synthetic, checked.data_hash)
        write_whole(out, page.encode())
    if csv is not None:
        write_whole(csv, found.table.to_csv(index=False).encode())
    lines = mitigation_lines(found, declared, checked.synthetic)
    return found.to_json() | {"synthetic": checked.synthetic, "lines": lines}


def _refuse_incomparable(study: Study, name: str) -> None:
    """Nothing, when a label is asked of the same pupils in the same weeks as the study's own."""
    _refuse_unknown("label", name, list(LABELS))
    if LABELS[name].cohort is not of_everyone or study.label.cohort is not of_everyone or study.only_label:
        same = [each.name for each in LABELS.values() if each.cohort is of_everyone]
        raise WrongUsage(
            f"label '{name}' is asked of other pupils or of other weeks than that of study '{study.name}', "
            f"so the two cannot be compared. These can, in a study of every term: {', '.join(same)}."
        )


def _share_listed(data: Dataset, folds: Sequence[Fold], capacity: Capacity) -> float:
    """The share of those on roll in the test who have a place on a list."""
    tested = data.where(np.any([fold.test for fold in folds], axis=0)).rows
    sizes = tested.groupby(["area", tested.index.get_level_values("as_of_date")]).size()
    areas = sizes.index.get_level_values("area")
    places = [places_for(capacity, str(area), int(size)) for area, size in zip(areas, sizes, strict=True)]
    return min(1.0, sum(places) / len(tested))


def _refuse_unknown(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise WrongUsage(f"{what} '{name}' is not known. Known are: {', '.join(known)}.")
