"""Who makes the list: promote, withdraw, roll back, and what was done."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from earlywarning import clock, ledger, promotion
from earlywarning.config import Settings
from earlywarning.dataset.assemble import assemble
from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.model.bundle import Bundle, check_asked, check_contract, check_families
from earlywarning.pipeline.list_rules import limits_of
from earlywarning.pipeline.opening import (
    Result,
    Step,
    asked,
    build_history,
    checked_extracts,
    quiet,
    rules_of,
)
from earlywarning.pipeline.training import Trained
from earlywarning.studies import Study
from earlywarning.trial.retest import Case, as_trained, tested_again


def promote(
    *,
    by: str,
    reason: str,
    data: Path | None = None,
    exception: str | None = None,
    expires: dt.date | None = None,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    known_by: dt.date | None = None,
    step: Step = quiet,
) -> Result:
    """Make the challenger champion, or record why not. With ``data`` it is tested and audited again first.

    ``data`` are the extracts it was trained on, seen as on ``known_by`` if it was trained so.

    Raises:
        WrongUsage: there is no challenger, or one of ``exception`` and ``expires`` is missing.
        GateRefused: something is missing that no exception stands in for; the ledger has what.
    """
    study, settings = asked(study, settings)
    signed = promotion.Signed(by, reason)
    if (exception is None) != (expires is None):
        raise WrongUsage("--exception and --expires go together: why, and until which day.")
    waiver = None if exception is None or expires is None else promotion.Waiver(exception, expires)

    def again(bundle: Bundle) -> tuple[Case, bytes | None]:
        today = clock.now().date()
        with checked_extracts(study, Path(data or ""), settings, known_by=known_by) as checked:
            if checked.data_hash != bundle.data_hash:
                return replace(as_trained(bundle, today), same_data=False), None
            step("building features and labels")
            history = build_history(study, checked)
            frames = assemble(study, history)
            limits = limits_of(study, history, frames.rows, settings.list)
        check_asked(bundle, study.name, study.label.name)
        check_families(bundle, study.family_names)
        check_contract(bundle, frames.features)
        return tested_again(study, settings, bundle, frames, limits, checked.extracted_on, today, step)

    entry = promotion.promote(
        models, study.name, rules_of(study), signed, waiver, None if data is None else again
    )
    return {"entry": asdict(entry), "lines": ledger.told(entry)}


def promote_if_won(trained: Trained, **given: Any) -> list[str]:
    """Lines on the promotion of what was just trained, or on why not; none where a rule won the test.

    ``given`` are what :func:`promote` takes. For lists that nobody acts on: a demo, a benchmark.
    """
    if trained.bundle.rule is not None:
        return []
    try:
        return [*promote(**given)["lines"], ""]
    except GateRefused as refusal:
        return [str(refusal), ""]


def withdraw(
    *,
    by: str,
    reason: str,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
) -> Result:
    """Withdraw the champion: lists are the best rule's until another is promoted."""
    study, _ = asked(study, settings)
    entry = promotion.withdraw(models, study.name, promotion.Signed(by, reason))
    return {"entry": asdict(entry), "lines": ledger.told(entry)}


def rollback(
    *,
    by: str,
    reason: str,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
) -> Result:
    """Make the champion before this one champion again."""
    study, _ = asked(study, settings)
    entry = promotion.rollback(models, study.name, rules_of(study), promotion.Signed(by, reason))
    return {"entry": asdict(entry), "lines": ledger.told(entry)}


def ledger_entries(models: Path = Path("models")) -> Result:
    """Every entry of the ledger, checked, and who is champion.

    Raises:
        GateRefused: the ledger was changed; the message has the entry's number.
    """
    entries = promotion.read_ledger(models)
    now = {entry.study: ledger.succession(entries, entry.study).champion for entry in entries}
    return {
        "entries": [asdict(entry) for entry in entries],
        "champions": {study: None if one is None else one.model.version for study, one in now.items()},
        "lines": ledger.as_read(entries),
    }
