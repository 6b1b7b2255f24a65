"""The stories: train, audit, score, explain. Straight lines from extracts to what comes out."""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from earlywarning import config, identity, sources, tracking
from earlywarning import report as page
from earlywarning.audit import FairnessAudit
from earlywarning.audit.checks import refuse_failed
from earlywarning.audit.intervals import jeffreys
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.history import History
from earlywarning.dataset.splits import Fold, temporal_folds, trainable
from earlywarning.engines import open_engine
from earlywarning.errors import InputRefused, WrongUsage
from earlywarning.explain.contributions import by_feature, by_theme
from earlywarning.files import write_whole
from earlywarning.model import RiskClassifier
from earlywarning.model.bundle import Bundle, check_contract, contract, load
from earlywarning.model.ladder import ladder
from earlywarning.model.lists import Capacity
from earlywarning.model.stability import refits
from earlywarning.studies import STUDIES, Study
from earlywarning.synthetic import generate
from earlywarning.tables.check import check, write_quarantine
from earlywarning.tables.checked import Checked
from earlywarning.trial import MODEL, Trial, run_canaries, run_gates, run_trial, tie_break
from earlywarning.watchlist import Evidence, Measure, Provenance, banded, draw, kept, refitted, reordered
from earlywarning.watchlist import Trial as Tested
from earlywarning.watchlist.compose import Drawn, Front, compose, reasons_for
from earlywarning.watchlist.publish import publish

Step = Callable[[str], None]
Result = dict[str, Any]


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
def checked_extracts(study: Study, folder: Path, settings: Settings, engine: str = "duckdb") -> Iterator[Checked]:
    """The study's tables in ``folder``, checked, for as long as the engine is open."""
    with open_engine(engine) as opened:
        extracts = sources.read(folder, study.tables, scratch=opened.scratch)
        yield check(extracts, opened, study.tables, threshold=settings.quarantine.threshold)


def build_history(study: Study, checked: Checked, as_of: dt.date | None = None) -> History:
    """The checked tables, seen on every issue the extract can teach from, or on ``as_of``.

    Raises:
        InputRefused: ``as_of`` lies outside the data.
    """
    if as_of is not None and as_of > checked.extracted_on:
        raise InputRefused(
            f"--as-of {as_of} is after the extract, which was taken on {checked.extracted_on}. "
            "Choose that day or an earlier one, or take a new extract."
        )
    calendar = study.calendar(checked.frames, checked.engine, checked.extracted_on, as_of)
    history = History(checked.frames, study.tables, calendar, checked.engine, checked.extracted_on)
    if as_of is not None and as_of < history.received_since:
        raise InputRefused(
            f"--as-of {as_of} is before anything was received: table 'coverage' begins on "
            f"{history.received_since}. Choose that day or a later one."
        )
    return history


def train(
    folder: Path,
    *,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    engine: str = "duckdb",
    step: Step = quiet,
) -> Trained:
    """Train on earlier years, test on a later one, audit, and register the bundle as challenger.

    Raises:
        InputRefused: the extracts cannot be used.
        GateRefused: a check failed, the canary sang, or there are too few mature years.
    """
    settings = settings or config.load()
    study = study or _study(settings)
    step("checking the extracts")
    with checked_extracts(study, folder, settings, engine) as checked:
        step("building features and labels")
        data = assemble(study, build_history(study, checked))
    folds = tuple(temporal_folds(study, data))
    capacity, seed = _capacity(study, settings, data), settings.model.random_state
    rungs = ladder(data.X.columns, rules=study.rules, classifier=_classifier(settings))
    refuse_failed(run_gates(data, folds, [], settings.gates, checked.extracted_on))
    canaries = run_canaries(data, folds, rungs[-1], settings.gates, seed, step)
    gates = run_gates(data, folds, canaries, settings.gates, checked.extracted_on)
    refuse_failed(gates)
    trial = run_trial(data, folds, rungs, step)
    step("choosing between the model and the best rule")
    winner, measures = trial.winner(seed), trial.measures(capacity)
    audit = trial.audit(winner.name, capacity, settings.audit.fewest_positives)
    step("refitting on every mature year")
    metrics = {
        "measures": measures,
        "winner": winner.to_json(),
        "intervals": {name: trial.intervals(name, seed) for name in (MODEL, winner.best_rule)},
        "canary": canaries,
        "gates": [gate.to_dict() for gate in gates],
        "sentences": {rung.name: rung.sentence for rung in rungs},
        "tested_on": ", ".join(fold.test_period for fold in folds),
    }
    bundle = _ship(study, settings, data, trial, metrics, audit, checked.data_hash)
    summary = _summary(metrics, checked)
    shown = _report(study, checked, trial, metrics, gates, audit, bundle)
    step("recording the run")
    run = _record(study, settings, models, bundle, summary, shown, audit)
    summary |= {"issue": str(run.bundle.absolute()), "version": run.version, "lines": _told(summary, run.bundle)}
    return Trained(summary, data, folds, trial, audit, bundle, run.bundle)


def score(
    folder: Path,
    *,
    as_of: dt.date,
    out: Path,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    engine: str = "duckdb",
    step: Step = quiet,
) -> Result:
    """Publish the issue for ``as_of`` under ``out``, whole or not at all.

    Raises:
        InputRefused: the extracts cannot be used, or ``as_of`` lies outside them.
        GateRefused: the challenger was trained on other columns, was changed, or has no audit.
    """
    settings = settings or config.load()
    study = study or _study(settings)
    place = tracking.resolve(models, study.name)
    bundle = load(place, rules={rule.name: rule for rule in study.rules})
    step("checking the extracts")
    with checked_extracts(study, folder, settings, engine) as checked:
        history = build_history(study, checked, as_of)
        step("building features")
        data = assemble(study, history, labelled=False)
        check_contract(bundle, data.features)
        step("drawing the list")
        drawn = draw_list(study, settings, bundle, data)
        front = _front(study, settings, bundle, drawn)
        key = identity.load_or_create_key(keep_out_of=[folder, out, models])
        issue = compose(study, history, checked, bundle, drawn, front, key)
    step("publishing")
    written = publish(issue, out)
    listed = {area.name: sum(p.area == area.code for p in issue.pupils) for area in issue.areas}
    inside = as_of <= dt.date.fromisoformat(bundle.trained["labels_to"])
    lines = [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if checked.synthetic else []),
        f"Issue written to {written}",
        f"Made by: {bundle.metrics['sentences'][bundle.winner]}",
        *[f"{name}: {number} pupils to talk about" for name, number in listed.items()],
        f"Not assessed: {len(issue.not_assessed)}; permanent exclusions in progress: {len(issue.in_progress)}",
        *([_LOOKING_BACK.format(bundle.trained["labels_to"])] if inside else []),
    ]
    return {
        "issue": str(written),
        "winner": bundle.winner,
        "counts": issue.counts(),
        "model_hash": bundle.model_hash,
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
    settings = settings or config.load()
    study = study or _study(settings)
    bundle = load(tracking.resolve(models, study.name), rules={r.name: r for r in study.rules}, audited=False)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        step("building features and labels")
        data = assemble(study, build_history(study, checked))
    check_contract(bundle, data.features)
    rungs = ladder(data.X.columns, rules=study.rules, peers=(), classifier=_classifier(settings))
    trial = run_trial(data, temporal_folds(study, data), rungs, step)
    capacity = _capacity(study, settings, data)
    found = trial.audit(bundle.winner, capacity, settings.audit.fewest_positives)
    if out is not None:
        write_whole(out, page.audit_page(found, checked.synthetic).encode())
    return {
        "audit": found.to_dict(),
        "same_data": checked.data_hash == bundle.data_hash,
        "synthetic": checked.synthetic,
        "winner": bundle.winner,
        "lines": [found.summary()],
    }


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
    settings = settings or config.load()
    study = study or _study(settings)
    bundle = load(tracking.resolve(models, study.name), rules={rule.name: rule for rule in study.rules})
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        data = assemble(study, build_history(study, checked, as_of), labelled=False)
    check_contract(bundle, data.features)
    one = data.X.index.get_level_values("pupil_id") == pupil
    if not one.any():
        raise WrongUsage(f"no pupil with that pseudonym is in the cohort of study '{study.name}' on {as_of}.")
    chosen = data.where(one)
    told: Result = {
        "facts": _plain(chosen.facts.iloc[0]),
        "features": _plain(chosen.X.iloc[0]),
        "why_not": str(chosen.rows["why_not"].iloc[0]),
        "synthetic": checked.synthetic,
    }
    if np.isnan(bundle.ranker.score(chosen.X, chosen.rows)[0]):
        return told | {"lines": ["Not assessed. " + told["why_not"]]}
    (reason,) = reasons_for(study, bundle, data, chosen.X.index)
    if bundle.rule is None:
        told["themes"] = _plain(by_theme(by_feature(bundle.classifier, chosen.X), data.features).iloc[0])
    told["raises"] = [f"{r.theme}: {r.sentence} {r.usual}".strip() for r in reason.raises]
    told["lowers"] = [f"{r.theme}: {r.sentence} {r.usual}".strip() for r in reason.lowers]
    told["not_visible"] = list(reason.not_visible)
    lines = [
        *[f"raises  {line}" for line in told["raises"]],
        *[f"lowers  {line}" for line in told["lowers"]],
        *[f"unseen  {line}" for line in told["not_visible"]],
    ]
    return told | {"lines": lines}


def check_extracts(
    folder: Path, *, settings: Settings | None = None, quarantine: Path | None = None, step: Step = quiet
) -> Result:
    """An account of every row in ``folder``: read, used, set aside and why."""
    settings = settings or config.load()
    step("checking the extracts")
    with checked_extracts(_study(settings), folder, settings) as checked:
        if quarantine is not None:
            write_quarantine(checked, quarantine)
        told = checked.to_dict()
    lines = [f"{'table':<14}{'read':>12}{'used':>12}{'set aside':>12}"]
    for name, counts in told["tables"].items():
        lines.append(f"{name:<14}{counts['read']:>12,}{counts['used']:>12,}{counts['quarantined']:>12,}")
        lines += [f"    {fault['rule']} ({fault['column']}): {fault['rows']:,}" for fault in counts["faults"]]
    return told | {"lines": lines}


def synth(
    out: Path, *, pupils: int, years: int, seed: int, format: str = "parquet", step: Step = quiet
) -> Result:
    """Write an invented authority to ``out``."""
    made = generate(
        out, pupils=pupils, years=years, seed=seed, format=format, progress=lambda what, done, total: step(f"{what} ({done} of {total})")
    )
    rows = dict(made.rows)
    return {
        "folder": str(made.folder.absolute()),
        "pupils": made.pupils,
        "years": list(made.years),
        "seed": made.seed,
        "extracted_on": made.extracted_on.isoformat(),
        "rows": rows,
        "synthetic": True,
        "lines": [f"Invented authority written to {made.folder} ({sum(rows.values()):,} rows)."],
    }


def demo(out: Path, *, pupils: int, years: int, seed: int, step: Step = quiet) -> Result:
    """Everything on an invented authority: its extracts, a model, and the latest scheduled issue."""
    settings = config.load()
    study = _study(settings)
    data = out / f"data-{pupils}-pupils-{years}-years-seed-{seed}"
    if not data.exists():
        synth(data, pupils=pupils, years=years, seed=seed, step=step)
    trained = train(data, settings=settings, models=out / "models", step=step)
    with checked_extracts(study, data, settings) as checked:
        latest = build_history(study, checked).calendar.as_of_dates[-1]
    issue = score(data, as_of=latest, out=out / "issues", settings=settings, models=out / "models", step=step)
    lines = [*trained.summary["lines"], "", *issue["lines"]]
    return trained.summary | {"issue": issue["issue"], "counts": issue["counts"], "lines": lines}


def draw_list(study: Study, settings: Settings, bundle: Bundle, data: Dataset) -> Drawn:
    """The list for the one date of ``data``, with its bands."""
    rows, index = data.rows, data.X.index
    scored = rows.assign(why_not=rows["why_not"].mask(rows["in_progress"].astype(bool), "in progress"))
    ranked = pd.Series(bundle.ranker.score(data.X, scored), index=index)
    chance = bundle.ranker.probability(data.X, scored)
    assessed = ranked.notna()
    places = _places(_capacity(study, settings, data), rows["area"])
    ties, area = tie_break(index), rows["area"]
    on = draw(ranked, area, places, ties)
    if bundle.rule is None:
        margins = bundle.refit_margins(data.X[assessed])
        again = (pd.Series(column, index[assessed]).reindex(index) for column in margins.T)
        reruns = refitted(again, area, places, ties)
    else:
        reruns = reordered(ranked, area, places, seed=settings.model.random_state)
    frame = pd.DataFrame(
        {
            "assessed": assessed,
            "probability": np.nan if chance is None else chance,
            "margin": ranked,
            "listed": on,
            "band": banded(on, kept(reruns)),
        }
    )
    return Drawn(data, frame, places)


def _study(settings: Settings) -> Study:
    if settings.study not in STUDIES:
        raise WrongUsage(f"study '{settings.study}' is not known; known are: {', '.join(STUDIES)}.")
    return STUDIES[settings.study]


def _classifier(settings: Settings) -> RiskClassifier:
    return RiskClassifier(n_seeds=settings.model.seeds, random_state=settings.model.random_state)


def _capacity(study: Study, settings: Settings, data: Dataset) -> Capacity:
    if study.share_listed is not None:
        return study.share_listed
    places = settings.list
    return {area: places.capacity_by_area.get(area, places.capacity) for area in sorted(data.rows["area"].unique())}


def _places(capacity: Capacity, area: pd.Series) -> dict[str, int]:
    """Places by area, as whole numbers."""
    sizes = area.value_counts()
    if isinstance(capacity, Mapping):
        return {str(name): capacity[str(name)] for name in sizes.index}
    return {str(name): int(capacity * size) if isinstance(capacity, float) else capacity for name, size in sizes.items()}


def _ship(
    study: Study,
    settings: Settings,
    data: Dataset,
    trial: Trial,
    metrics: Mapping[str, Any],
    audit: FairnessAudit,
    data_hash: str,
) -> Bundle:
    """The tested recipe refitted on every mature year, with the best rule beside it."""
    mature = data.where(trainable(study, data))
    pupils = mature.X.index.get_level_values("pupil_id")
    classifier = _classifier(settings).fit(mature.X, mature.y, groups=mature.rows["period"].to_numpy())
    best_rule = trial.rungs[metrics["winner"]["best_rule"]]
    again = refits(
        classifier, mature.X, mature.y, pupils, n=settings.model.refits, seed=settings.model.random_state
    )
    shipping = metrics["winner"]["name"] if classifier.calibrator_.slope > 0 else best_rule.name
    return Bundle(
        study=study.name,
        winner=shipping,
        classifier=classifier,
        contract=contract(data.features),
        best_rule=best_rule.fit(mature.X, mature.rows, mature.y),
        metrics=metrics,
        trained={
            "periods": sorted(mature.rows["period"].unique()),
            "rows": len(mature.X),
            "events": int(mature.y.sum()),
            "labels_to": f"{mature.rows['matures_on'].max():%Y-%m-%d}",
            "random_state": settings.model.random_state,
        },
        data_hash=data_hash,
        code_hash=code_hash(),
        audit=audit.to_dict(),
        refits=tuple(again),
    )


def code_hash() -> str:
    """SHA-256 of the package's own source, in the order of the file names."""
    root = Path(str(files("earlywarning")))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _summary(metrics: Mapping[str, Any], checked: Checked) -> Result:
    model, winner = metrics["measures"][MODEL], metrics["winner"]
    rule = metrics["measures"][winner["best_rule"]]
    at = ("average_precision", "recall_at_capacity")
    return {
        "auroc": model["auroc"],
        "average_precision": model["average_precision"],
        "recall_at_capacity": model["recall_at_capacity"],
        "precision_at_capacity": model["precision_at_capacity"],
        "brier": model["brier"],
        "calibration_in_the_large": model["calibration_in_the_large"],
        "calibration_slope": model["calibration_slope"],
        "intervals": metrics["intervals"][MODEL],
        "best_rule": {"name": winner["best_rule"]} | {name: rule[name] for name in at},
        "difference": winner["difference"],
        "winner": winner["name"],
        "why": winner["why"],
        "canary_auroc": float(np.mean([canary["mean"] for canary in metrics["canary"]])),
        "events": model["events"],
        "n": model["n"],
        "ladder": metrics["measures"],
        "tested_on": metrics["tested_on"],
        "data_hash": checked.data_hash,
        "synthetic": checked.synthetic,
    }


def _record(
    study: Study,
    settings: Settings,
    models: Path,
    bundle: Bundle,
    summary: Mapping[str, Any],
    shown: str,
    audit: FairnessAudit,
) -> tracking.TrackedRun:
    with tempfile.TemporaryDirectory(prefix="earlywarning-") as folder:
        saved = bundle.save(Path(folder) / "bundle")
        report, tidy = Path(folder) / "report.html", Path(folder) / "audit.csv"
        write_whole(report, shown.encode())
        write_whole(tidy, audit.by_group.to_csv(index=False).encode())
        numbers = {name: value for name, value in summary["ladder"][MODEL].items()}
        rule = {f"best_rule_{name}": summary["best_rule"][name] for name in ("average_precision", "recall_at_capacity")}
        return tracking.log_run(
            models,
            study.name,
            run_name=f"{study.name} tested on {summary['tested_on']}",
            params=bundle.classifier.get_params() | {"refits": settings.model.refits},
            metrics=numbers | rule | {"canary_auroc": summary["canary_auroc"]},
            tags={
                "winner": bundle.winner,
                "best_rule": bundle.best_rule.name,
                "model_hash": bundle.model_hash,
                "data_hash": bundle.data_hash,
                "code_hash": bundle.code_hash,
                "synthetic": str(summary["synthetic"]).lower(),
            },
            bundle=saved,
            reports=[report, tidy],
        )


def _answer(metrics: Mapping[str, Any]) -> str:
    """The first line of the report: whether to use the model."""
    winner, measures = metrics["winner"], metrics["measures"]
    gain, rule = winner["difference"], metrics["sentences"][winner["best_rule"]]
    between = (
        "too few events for an interval"
        if gain["lower"] is None
        else f"95% interval {gain['lower']:+.3f} to {gain['upper']:+.3f}"
    )
    compared = (
        f"average precision {measures[MODEL]['average_precision']:.3f} against "
        f"{measures[winner['best_rule']]['average_precision']:.3f} for the best rule, {rule} ({between})"
    )
    if winner["name"] == MODEL:
        return f"The model beat the best simple rule: {compared}."
    return f"No model beat the best simple rule, so the list is the rule's: {compared}."


def _report(
    study: Study,
    checked: Checked,
    trial: Trial,
    metrics: Mapping[str, Any],
    gates: Any,
    audit: FairnessAudit,
    bundle: Bundle,
) -> str:
    ladder_rows = [
        {"name": name, "kind": rung.kind, "sentence": rung.sentence} | metrics["measures"][name]
        for name, rung in trial.rungs.items()
    ]
    return page.render(
        page.Report(
            title=f"Training report: {study.name}",
            answer=_answer(metrics),
            synthetic=checked.synthetic,
            outcome=study.label.meaning,
            tested_on=metrics["tested_on"],
            trained_on="earlier periods whose labels had matured before the test began",
            ladder=ladder_rows,
            canary=metrics["canary"][0],
            checks=gates,
            audit=audit,
            counts=checked.counts,
            hashes={"model": bundle.model_hash, "data": bundle.data_hash, "code": bundle.code_hash},
        )
    )


def _told(summary: Mapping[str, Any], folder: Path) -> list[str]:
    rule = summary["best_rule"]
    return [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if summary["synthetic"] else []),
        f"Tested on {summary['tested_on']}: {summary['events']} events among {summary['n']:,} pupils' terms",
        f"{'':<24}{'average precision':>20}{'recall at capacity':>20}",
        f"{'model':<24}{summary['average_precision']:>20.3f}{summary['recall_at_capacity']:>20.3f}",
        f"{rule['name']:<24}{rule['average_precision']:>20.3f}{rule['recall_at_capacity']:>20.3f}",
        f"AUROC {summary['auroc']:.3f}; canary {summary['canary_auroc']:.3f} (0.5 is no signal)",
        f"The list is made by: {summary['winner']} ({summary['why']})",
        f"Report: {folder.parent / tracking.REPORTS / 'report.html'}",
    ]


def _front(study: Study, settings: Settings, bundle: Bundle, drawn: Drawn) -> Front:
    """How good the list was, who made it, whom to ask."""
    measures = bundle.metrics["measures"]
    other = bundle.best_rule.name if bundle.winner == MODEL else MODEL
    made = measures[bundle.winner]
    return Front(
        evidence=Evidence(
            tested_on=bundle.metrics["tested_on"],
            outcome="a new suspension or a permanent exclusion" if study.name == "secondary" else study.label.name,
            pupils=int(made["n"]),
            events=int(made["events"]),
            winner=_tested(bundle, bundle.winner),
            beside=_tested(bundle, other),
        ),
        provenance=Provenance(
            model_name=study.name,
            model_version=bundle.model_hash[:12],
            model_hash=bundle.model_hash,
            data_hash=bundle.data_hash,
            software=f"earlywarning {bundle.versions['earlywarning']}",
        ),
        contact=settings.issue.contact,
        keep_days=settings.issue.keep_days,
    )


def _tested(bundle: Bundle, name: str) -> Tested:
    at = bundle.metrics["measures"][name]
    known = at["listed"] - at["listed_unknown"]
    return Tested(
        name=name,
        sentence=bundle.metrics["sentences"][name],
        precision=_measured(at, "precision", at["listed_events"], known),
        recall=_measured(at, "recall", at["listed_events"], at["events"]),
    )


def _measured(at: Mapping[str, Any], name: str, part: float, whole: float) -> Measure:
    value = at[f"{name}_at_capacity"]
    if value is None:
        return Measure(None)
    lower, upper = jeffreys(part, whole)
    bounds = (at[f"{name}_at_capacity_none"], at[f"{name}_at_capacity_all"])
    return Measure(value, (float(lower), float(upper)), bounds)


def _plain(row: pd.Series) -> dict[str, float | None]:
    """A row of numbers, ready for JSON: undefined is null."""
    return {str(name): None if pd.isna(value) else float(value) for name, value in row.items()}
