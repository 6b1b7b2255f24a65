"""Look for better hyperparameters inside the training years, and show them beside the defaults."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from earlywarning import tracking
from earlywarning.audit.checks import refuse_failed
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.splits import temporal_folds
from earlywarning.errors import WrongUsage
from earlywarning.files import write_whole
from earlywarning.hyperparameters import searched
from earlywarning.pipeline.opening import Result, Step, asked, build_history, checked_extracts, quiet
from earlywarning.shipping import classifier_of, code_hash
from earlywarning.studies import Study
from earlywarning.tables.checked import Checked
from earlywarning.trial import run_gates
from earlywarning.tuning import STORE, Bench, Found, bench_of, name_of, refuse_without_optuna, search
from earlywarning.tuning.found import found_json, found_lines, found_on, settings_file

TRIALS = 30
MOST_TRIALS = 1000


def tune(
    folder: Path,
    *,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    out: Path | None = None,
    trials: int = TRIALS,
    step: Step = quiet,
) -> Result:
    """The default settings beside the best of ``trials``, by log loss pooled over folds inside training.

    Hyperparameters already in ``settings`` are not looked at: the default is the classifier's own. A search
    of the same data, study, code and seed that was broken off in ``models`` is taken up where it ended.

    Raises:
        WrongUsage: Optuna is not installed, or the number of trials is none.
        InputRefused: the extracts cannot be used.
        GateRefused: a check failed, or there are too few years or events inside the training years.
        MachineRefused: the disk refused, or another run is tuning there.
    """
    if not 1 <= trials <= MOST_TRIALS:
        raise WrongUsage(f"--trials {trials}: a whole number from 1 to {MOST_TRIALS} is needed.")
    refuse_without_optuna()
    study, settings = asked(study, settings)
    plain = replace(settings, model=replace(settings.model, hyperparameters={}))
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        step("building features and labels")
        data = assemble(study, build_history(study, checked))
    classifier = classifier_of(plain, data.features)
    bench = bench_of(study, data, temporal_folds(study, data), classifier, settings.gates)
    refuse_failed(run_gates(bench.data, bench.folds, [], settings.gates, checked.extracted_on))
    step("testing the default settings")
    one_default, seed = bench.tested({}), settings.model.random_state

    def told(number: int, best: float | None) -> None:
        lowest = "" if best is None else f", lowest log loss {best:.5f}"
        step(f"trial {number} of {trials}{lowest}")

    name = _name(study, plain, data, checked, bench)
    bounds = searched(bench.classifier.get_params())
    tried = search(bounds, bench.tested, store=models / STORE, name=name, trials=trials, seed=seed, told=told)
    step("the best and the default, with every booster")
    found = found_on(bench, tried, one_default, settings.model.seeds, seed)
    about = f"earlywarning tune: {study.name}, data {checked.data_hash[:12]}, inside {bench.periods[0]}"
    about += f" to {bench.periods[-1]}, {len(tried)} trials, seed {seed}."
    text = settings_file(plain, found, about + (" INVENTED DATA." if checked.synthetic else ""))
    step("recording the trials")
    run_id = _record(study, models, checked, bench, found, text, name)
    path = out or models / f"tuned-{study.name}.toml"
    write_whole(path, text.encode())
    return found_json(found, bench) | {
        "study": study.name,
        "search": name,
        "run_id": run_id,
        "settings": text,
        "file": str(path.absolute()),
        "data_hash": checked.data_hash,
        "synthetic": checked.synthetic,
        "lines": [*found_lines(found, bench, checked.synthetic), f"Settings: {path}"],
    }


def _name(study: Study, settings: Settings, data: Dataset, checked: Checked, bench: Bench) -> str:
    """The search's name: one on other data, of another question, with other code or seed is another."""
    return name_of(
        study.name,
        data=checked.data_hash,
        extracted_on=checked.extracted_on,
        label=study.label.name,
        features=list(map(str, data.X.columns)),
        folds=[(fold.test_period, int(fold.train.sum()), int(fold.test.sum())) for fold in bench.folds],
        monotone=settings.model.monotone,
        bounds={name: asdict(each) for name, each in searched(bench.classifier.get_params()).items()},
        seed=settings.model.random_state,
        code=code_hash(),
    )


def _record(
    study: Study, models: Path, checked: Checked, bench: Bench, found: Found, text: str, name: str
) -> str:
    """The search in MLflow: one run, and one nested in it for the default and for each trial; no pupil."""
    nested = [
        tracking.Nested("default", {}, found.one_default.log_loss, list(found.one_default.by_fold.values())),
        *(
            tracking.Nested(
                f"trial {one.number}", one.hyperparameters, one.log_loss, list(one.by_fold.values())
            )
            for one in found.trials
        ),
    ]
    with tempfile.TemporaryDirectory(prefix="earlywarning-") as folder:
        report = Path(folder) / "tuned.toml"
        write_whole(report, text.encode())
        chosen: Mapping[str, float] = found.chosen
        return tracking.log_tuning(
            models,
            study.name,
            run_name=f"{study.name} tuned inside {', '.join(bench.periods)}",
            params={"trials": len(found.trials), "best_trial": found.best.number, **chosen},
            metrics={
                "default_log_loss": found.default.log_loss,
                "tuned_log_loss": found.tuned.log_loss,
                "gain": found.gain.value,
                "gain_lower": found.gain.lower,
                "gain_upper": found.gain.upper,
            },
            tags={
                "search": name,
                "data_hash": checked.data_hash,
                "code_hash": code_hash(),
                "folds": ", ".join(bench.periods),
                "worth_it": str(found.worth_it).lower(),
                "synthetic": str(checked.synthetic).lower(),
            },
            nested=nested,
            reports=[report],
        )
