"""The stories: train, audit, ablate, score, explain. Straight lines from extracts to what comes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from earlywarning import config, identity, ledger, promotion, report, sources, tracking
from earlywarning.ablation import ablate as run_ablation
from earlywarning.ablation_page import ablation_lines, ablation_page
from earlywarning.audit import FairnessAudit
from earlywarning.audit.checks import refuse_failed
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.history import History
from earlywarning.dataset.kept import Kept
from earlywarning.dataset.roll import on_roll
from earlywarning.dataset.splits import Fold, temporal_folds
from earlywarning.engines import open_engine
from earlywarning.errors import GateRefused, InputRefused, WrongUsage
from earlywarning.evidence import evidence
from earlywarning.explain.contributions import by_feature, by_theme
from earlywarning.files import write_whole
from earlywarning.invented import synth
from earlywarning.labels import LABELS
from earlywarning.model.bundle import Bundle, check_asked, check_contract, check_families, load
from earlywarning.model.ladder import ladder
from earlywarning.model.rules import Rule
from earlywarning.retest import Case, as_trained, tested_again
from earlywarning.shipping import classifier_of, record, refitted_classifier, ship
from earlywarning.studies import STUDIES, Study
from earlywarning.summary import summary, summary_lines
from earlywarning.tables.check import check, write_quarantine
from earlywarning.tables.checked import Checked
from earlywarning.training_page import answer, training_page
from earlywarning.trial import Trial, capacity_of, places_of, run_canaries, run_gates, run_trial
from earlywarning.watchlist.compose import compose, reasons_for, usual_of
from earlywarning.watchlist.drawn import Drawn, draw_list
from earlywarning.watchlist.front import front_of
from earlywarning.watchlist.publish import publish

Step = Callable[[str], None]
Result = dict[str, Any]
Value = TypeVar("Value")


def quiet(_: str) -> None:
    """Progress that nobody watches."""


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


@contextmanager
def checked_extracts(
    study: Study,
    folder: Path | sources.InMemory,
    settings: Settings,
    engine: str = "duckdb",
    known_by: dt.date | None = None,
) -> Iterator[Checked]:
    """The study's tables in ``folder`` or in memory, checked, for as long as the engine is open.

    ``known_by`` sees them as if the extract had been taken on that day: what reached the authority later is
    as if it were not there.

    Raises:
        InputRefused: the extracts cannot be used, or ``known_by`` is after they were taken.
    """
    with open_engine(engine) as opened:
        extracts = sources.read(folder, study.tables, scratch=opened.scratch)
        checked = check(extracts, opened, study.tables, threshold=settings.quarantine.threshold)
        if known_by is not None and known_by > checked.extracted_on:
            raise InputRefused(
                f"--known-by {known_by} is after the extract, which was taken on {checked.extracted_on}. "
                "Choose that day or an earlier one."
            )
        yield replace(checked, extracted_on=known_by or checked.extracted_on)


def build_history(
    study: Study, checked: Checked, as_of_dates: Sequence[dt.date] | None = None, keep: Path | None = None
) -> History:
    """The checked tables, seen on every issue the extract can teach from, or on each of ``as_of_dates``.

    ``keep`` is a folder where finished features are kept and found again.

    Raises:
        InputRefused: one of ``as_of_dates`` lies outside the data.
        WrongUsage: what a cluster works out is not kept in a folder of this machine.
    """
    if keep is not None and not checked.engine.on_one_machine:
        raise WrongUsage(
            f"--keep brings finished features to this machine, and engine '{checked.engine.name}' leaves "
            "them where they are. Leave out one of the two."
        )
    asked = tuple(as_of_dates or ())
    if asked and max(asked) > checked.extracted_on:
        raise InputRefused(
            f"as_of_date {max(asked)} is after the extract, which was taken on {checked.extracted_on}. "
            "Choose that day or an earlier one, or take a new extract."
        )
    calendar = study.calendar(checked.frames, checked.engine, checked.extracted_on, as_of_dates)
    if not calendar.issues:
        raise InputRefused(
            f"study '{study.name}': no issue date lies inside the data up to {checked.extracted_on}. Check "
            "that 'terms' has every term of the years in the extracts."
        )
    needed = {lookback for family in study.families for lookback in family.lookbacks}
    for day in asked:
        short = needed - {window.lookback for window in calendar.windows if window.as_of_date == day}
        if short:
            raise InputRefused(
                f"as_of_date {day}: the look-backs {', '.join(sorted(short))} reach back before the first "
                "row of 'terms'. Choose a later day, or add the earlier terms and their extracts."
            )
    history = History(
        checked.frames,
        study.tables,
        calendar,
        checked.engine,
        checked.extracted_on,
        checked.absent,
        Kept(keep) if keep else None,
    )
    if asked and min(asked) < history.coverage.received_since:
        raise InputRefused(
            f"as_of_date {min(asked)} is before anything was received: table 'coverage' begins on "
            f"{history.coverage.received_since}. Choose that day or a later one."
        )
    return history


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
        GateRefused: a check failed, the canary sang, or there are too few mature years.
    """
    study, settings = _asked(study, settings)
    step("checking the extracts")
    with checked_extracts(study, folder, settings, engine, known_by) as checked:
        step("building features and labels")
        data = assemble(study, build_history(study, checked, keep=keep))
    refuse_unrecorded(data)
    folds = tuple(temporal_folds(study, data))
    capacity, seed = capacity_of(study, settings, data.rows), settings.model.random_state
    places = places_of(settings, data.rows)
    rungs = ladder(data.X.columns, rules=study.rules, classifier=classifier_of(settings))
    refuse_failed(run_gates(data, folds, [], settings.gates, checked.extracted_on))
    canaries = run_canaries(data, folds, rungs[-1], settings.gates, seed, step)
    gates = run_gates(data, folds, canaries, settings.gates, checked.extracted_on)
    refuse_failed(gates)
    trial = run_trial(data, folds, rungs, step)
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
    audit = trial.audit(metrics["winner"]["name"], capacity, settings.audit.fewest_positives)
    bundle = ship(study, settings, data, classifier, metrics, audit, checked.data_hash)
    step("recording the run")
    told = summary(metrics, checked)
    page = training_page(study, checked, bundle, audit)
    run = record(study, settings, models, bundle, told, page, audit)
    told |= {
        "answer": str(answer(metrics, study.label, checked.synthetic)),
        "issue": str(run.bundle.absolute()),
        "version": run.version,
        "lines": summary_lines(told, run.bundle),
    }
    return Trained(told, data, folds, trial, audit, bundle, run.bundle)


def score(
    folder: Path,
    *,
    as_of: dt.date,
    out: Path,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    engine: str = "duckdb",
    known_by: dt.date | None = None,
    keep: Path | None = None,
    step: Step = quiet,
) -> Result:
    """Publish the issue for ``as_of`` under ``out``, whole or not at all.

    Raises:
        InputRefused: the extracts cannot be used, or ``as_of`` lies outside them.
        GateRefused: the model was trained on other columns, was changed, has no audit, or is a champion
            whose exception has ended.
    """
    study, settings = _asked(study, settings)
    maker = promotion.chosen(models, study.name, _rules(study))
    bundle = maker.bundle
    check_asked(bundle, study.name, study.label.name)
    check_families(bundle, study.family_names)
    step("checking the extracts")
    with checked_extracts(study, folder, settings, engine, known_by) as checked:
        history = build_history(study, checked, [as_of], keep)
        step("building features")
        roll = on_roll(study, history)
        check_contract(bundle, roll.features)
        refuse_not_available(bundle, roll.not_available)
        step("drawing the list")
        capacity = capacity_of(study, settings, roll.rows)
        drawn = draw_list(bundle, roll, capacity, settings.model.random_state)
        refuse_unseen(study, drawn)
        front = front_of(
            study,
            bundle,
            settings.issue.contact,
            settings.issue.keep_days,
            model_hash=maker.model_hash,
            model_won=maker.model_won,
            standing=maker.standing,
        )
        key = identity.load_or_create_key(keep_out_of=[folder, out, models])
        issue = compose(study, history, checked, bundle, drawn, front, key)
    step("publishing")
    written = publish(issue, out)
    listed = {area.name: sum(p.area == area.code for p in issue.pupils) for area in issue.areas}
    inside = bool(roll.rows["matures_on"].max() <= pd.Timestamp(bundle.trained["labels_to"]))
    lines = [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if checked.synthetic else []),
        f"Issue written to {written}",
        f"{maker.standing} Made by: {bundle.metrics['sentences'][bundle.winner]}",
        *[f"{name}: {number} pupils to talk about" for name, number in listed.items()],
        f"Not assessed: {len(issue.not_assessed)}",
        f"Permanent exclusions in progress: {len(issue.in_progress)}",
        *([_LOOKING_BACK.format(bundle.trained["labels_to"])] if inside else []),
    ]
    return {
        "issue": str(written),
        "winner": bundle.winner,
        "promoted": maker.promoted,
        "standing": maker.standing,
        "counts": issue.counts(),
        "model_hash": maker.model_hash,
        "looking_back": inside,
        "synthetic": checked.synthetic,
        "lines": lines,
    }


_LOOKING_BACK = (
    "Looking back: the model has since learnt from outcomes up to {}, so how this list turned out says "
    "nothing about how good it is."
)


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
    study, settings = _asked(study, settings)
    bundle = load(tracking.resolve(models, study.name), rules=_rules(study), audited=False)
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
    study = study or named_study(settings)
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


def explain(
    folder: Path,
    *,
    as_of: dt.date,
    pupil: str,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    step: Step = quiet,
) -> Result:
    """What is held about one pupil on ``as_of``, and what raises and lowers the estimate, by theme.

    Raises:
        WrongUsage: no such pupil is in the cohort on that day.
    """
    study, settings = _asked(study, settings)
    maker = promotion.chosen(models, study.name, _rules(study))
    bundle = maker.bundle
    check_asked(bundle, study.name, study.label.name)
    check_families(bundle, study.family_names)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        roll = on_roll(study, build_history(study, checked, [as_of]))
        check_contract(bundle, roll.features)
        refuse_not_available(bundle, roll.not_available)
        one = roll.rows.index[roll.rows.index.get_level_values("pupil_id") == pupil]
        if one.empty:
            raise WrongUsage(
                f"no pupil with that pseudonym is in the cohort of study '{study.name}' on {as_of}."
            )
        chosen, usual = roll.of(one), usual_of(study, roll)
    told: Result = {
        "facts": _plain(chosen.facts.iloc[0]),
        "features": _plain(chosen.X.iloc[0]),
        "why_not": str(chosen.rows["why_not"].iloc[0]),
        "promoted": maker.promoted,
        "standing": maker.standing,
        "synthetic": checked.synthetic,
    }
    if np.isnan(bundle.ranker.score(chosen.X, chosen.rows)[0]):
        return told | {"lines": ["Not assessed. " + told["why_not"]]}
    (reason,) = reasons_for(study, bundle, chosen, usual)
    if bundle.rule is None:
        told["themes"] = _plain(by_theme(by_feature(bundle.classifier, chosen.X), chosen.features).iloc[0])
    told["raises"] = [f"{r.theme}: {r.sentence} {r.usual}".strip() for r in reason.raises]
    told["lowers"] = [f"{r.theme}: {r.sentence} {r.usual}".strip() for r in reason.lowers]
    told["not_visible"] = list(reason.not_visible)
    lines = [
        *[f"raises  {line}" for line in told["raises"]],
        *[f"lowers  {line}" for line in told["lowers"]],
        *[f"unseen  {line}" for line in told["not_visible"]],
    ]
    return told | {"lines": lines}


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
    study, settings = _asked(study, settings)
    signed = promotion.Signed(by, reason)
    if (exception is None) != (expires is None):
        raise WrongUsage("--exception and --expires go together: why, and until which day.")
    waiver = None if exception is None or expires is None else promotion.Waiver(exception, expires)

    def again(bundle: Bundle) -> tuple[Case, bytes | None]:
        today = ledger.now().date()
        with checked_extracts(study, Path(data or ""), settings, known_by=known_by) as checked:
            if checked.data_hash != bundle.data_hash:
                return replace(as_trained(bundle, today), same_data=False), None
            step("building features and labels")
            frames = assemble(study, build_history(study, checked))
        check_asked(bundle, study.name, study.label.name)
        check_families(bundle, study.family_names)
        check_contract(bundle, frames.features)
        return tested_again(study, settings, bundle, frames, checked.extracted_on, today, step)

    entry = promotion.promote(
        models, study.name, _rules(study), signed, waiver, None if data is None else again
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
    study, _ = _asked(study, settings)
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
    study, _ = _asked(study, settings)
    entry = promotion.rollback(models, study.name, _rules(study), promotion.Signed(by, reason))
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


def check_extracts(
    folder: Path, *, settings: Settings | None = None, quarantine: Path | None = None, step: Step = quiet
) -> Result:
    """An account of every row in ``folder``: read, used, set aside and why."""
    study, settings = _asked(None, settings)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        if quarantine is not None:
            write_quarantine(checked, quarantine)
        told = checked.to_dict()
    lines = [f"{'table':<14}{'read':>12}{'used':>12}{'set aside':>12}"]
    for name, counts in told["tables"].items():
        lines.append(f"{name:<14}{counts['read']:>12,}{counts['used']:>12,}{counts['quarantined']:>12,}")
        lines += [f"    {fault['rule']} ({fault['column']}): {fault['rows']:,}" for fault in counts["faults"]]
    return told | {"lines": lines}


def demo(out: Path, *, pupils: int, years: int, seed: int, step: Step = quiet) -> Result:
    """Everything on an invented authority: its extracts, a model, and the latest scheduled issue.

    Model and list are made as on the day of that issue, so that the model has not seen how it turned out.
    """
    study, settings = _asked(None, None)
    data = out / f"data-{pupils}-pupils-{years}-years-seed-{seed}"
    if not data.exists():
        synth(data, pupils=pupils, years=years, seed=seed, step=step)
    with checked_extracts(study, data, settings) as checked:
        latest = build_history(study, checked).calendar.as_of_dates[-1]
    models = out / "models"
    trained = train(data, settings=settings, models=models, known_by=latest, step=step)
    promoted = promote_if_won(
        trained,
        by="demo",
        reason="The data are invented: this shows the way and says nothing about real pupils.",
        data=data,
        settings=settings,
        models=models,
        known_by=latest,
        step=step,
    )
    issue = score(
        data, as_of=latest, out=out / "issues", settings=settings, models=models, known_by=latest, step=step
    )
    lines = [*trained.summary["lines"], "", *promoted, *issue["lines"]]
    return trained.summary | {"issue": issue["issue"], "counts": issue["counts"], "lines": lines}


def refuse_not_available(bundle: Bundle, not_available: Mapping[str, Sequence[str]]) -> None:
    """Nothing, when the extract gives every feature that the model learnt from.

    Raises:
        GateRefused: naming what was not received and the features that the model had in training.
    """
    had_none = {name for names in bundle.trained.get("not_available", {}).values() for name in names}
    lost = {what: sorted(set(names) - had_none) for what, names in not_available.items()}
    told = [f"'{what}' ({', '.join(names)})" for what, names in lost.items() if names]
    if told:
        raise GateRefused(
            f"The model of the study '{bundle.study}' learnt from what these extracts do not hold: "
            f"{'; '.join(told)}. Add it to the extracts, or train again without it."
        )


def refuse_unrecorded(data: Dataset) -> None:
    """Nothing; an audit by something recorded for nobody would be none.

    Raises:
        GateRefused: an attribute to audit by is "not recorded" for every pupil.
    """
    empty = [name for name in data.attributes if set(data.attributes[name]) <= {"not recorded", "NOBT"}]
    if empty:
        raise GateRefused(
            f"The audit cannot be made: {', '.join(map(str, empty))} is recorded for nobody. Check that the "
            "column is in the extract under its own name."
        )


def refuse_unseen(study: Study, drawn: Drawn) -> None:
    """Nothing; a list of an area in which nobody could be assessed is none.

    Raises:
        InputRefused: naming the areas and how many pupils are on roll there.
    """
    assessed = drawn.frame["assessed"].groupby(drawn.roll.rows["area"]).agg(["any", "size"])
    unseen = assessed[~assessed["any"]]
    if len(unseen):
        told = [f"{study.area_names.get(str(a), a)} ({n} on roll)" for a, n in unseen["size"].items()]
        raise InputRefused(
            f"nobody could be assessed in {', '.join(told)}. Check table 'coverage': which schools sent "
            "which feed for the weeks before the list."
        )


def named_study(settings: Settings) -> Study:
    """The study that ``settings`` name, with every family it has, asking for the label they name.

    Raises:
        WrongUsage: no study or label of that name ships.
    """
    named = _named("study", settings.study, STUDIES)
    return named.asking(_named("label", settings.label, LABELS)) if settings.label else named


def _asked(study: Study | None, settings: Settings | None) -> tuple[Study, Settings]:
    """The study and the settings of a run: those given, or the ones that ship.

    The study that the settings name has the families and the label they name; one given as a value has its
    own.
    """
    chosen = settings or config.load()
    if study is not None:
        return study, chosen
    named = named_study(chosen)
    return named.narrowed(chosen.features.families), chosen


def _rules(study: Study) -> dict[str, Rule]:
    return {rule.name: rule for rule in study.rules}


def _named(what: str, name: str, known: Mapping[str, Value]) -> Value:
    """The value called ``name``.

    Raises:
        WrongUsage: there is none; the message names those there are.
    """
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise WrongUsage(f"{what} '{name}' is not known.{hint} Known are: {', '.join(known)}.")
    return known[name]


def _plain(row: pd.Series) -> dict[str, float | None]:
    """A row of numbers, ready for JSON: undefined is null."""
    return {str(name): None if pd.isna(value) else float(value) for name, value in row.items()}
