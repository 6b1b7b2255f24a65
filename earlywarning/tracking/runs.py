"""What a run remembers: numbers, hashes, the bundle and reports; never a pupil or a user's name."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from earlywarning import clock
from earlywarning.errors import WrongUsage
from earlywarning.tracking.models import BUNDLE, bundle_place, register
from earlywarning.tracking.store import aliases_of, experiment_of, opened

if TYPE_CHECKING:
    from mlflow import MlflowClient

REPORTS = "reports"
TUNING = "-tuning"
TESTED_ON = "tested_on"
# What may be logged: text, pictures and counts. Not pickles, and not the kinds that hold rows of pupils.
KINDS = frozenset({".html", ".json", ".csv", ".md", ".txt", ".svg", ".png", ".toml"})
PUPIL_COLUMNS = frozenset({"pupil_id", "upn", "pupil"})

Scalar: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True)
class TrackedRun:
    """A finished run: its id, the version it registered (None if none) and where its bundle is."""

    run_id: str
    version: int | None
    bundle: Path


def log_run(
    models_dir: Path,
    study: str,
    *,
    run_name: str,
    params: Mapping[str, Scalar],
    metrics: Mapping[str, float | None],
    tags: Mapping[str, str],
    bundle: Path,
    reports: Sequence[Path] = (),
    alias: str | None = "challenger",
) -> TrackedRun:
    """The run, recorded under ``models_dir`` and registered as the next version of the model ``study``.

    ``bundle`` is copied whole; ``reports`` are files of counts and text. A metric that is None or NaN is
    undefined: it is named in the tag ``undefined_metrics`` and not logged. ``alias`` moves to the new
    version as the last step, so that a crash leaves it where it was; with None nothing is registered.

    Raises:
        WrongUsage: ``bundle`` is not a folder; a report is missing, of a kind that may hold pupils, or has
            a column of pupils; or the models folder was moved since it was made.
        MachineRefused: the database or the disk refused.
    """
    _refuse_pupils(study, params, bundle, reports)
    root = models_dir.resolve()
    with opened(root) as client:
        run_id = client.create_run(experiment_of(client, root, study), run_name=run_name).info.run_id
        try:
            _log_values(client, run_id, params, metrics, tags)
            client.log_artifacts(run_id, str(bundle), BUNDLE)
            for report in reports:
                client.log_artifact(run_id, str(report), REPORTS)
            version = None if alias is None else register(client, study, run_id, tags)
        except BaseException:
            client.set_terminated(run_id, status="FAILED")
            raise
        client.set_terminated(run_id)
        if alias is not None and version is not None:
            client.set_registered_model_alias(study, alias, str(version))
    return TrackedRun(run_id, version, bundle_place(root, run_id))


@dataclass(frozen=True)
class Nested:
    """One setting that was tried: its ``params``, its log loss, and that of each fold in order of time."""

    name: str
    params: Mapping[str, Scalar]
    log_loss: float
    by_fold: Sequence[float]


def log_tuning(
    models_dir: Path,
    study: str,
    *,
    run_name: str,
    params: Mapping[str, Scalar],
    metrics: Mapping[str, float | None],
    tags: Mapping[str, str],
    nested: Sequence[Nested],
    reports: Sequence[Path] = (),
) -> str:
    """The id of the run of a search, in an experiment of its own, with a run nested in it for each setting.

    The first of ``nested`` is the default, step 0 of the run's curves: ``log_loss`` by trial and
    ``best_log_loss`` so far. Each nested run has ``log_loss`` and the curve ``log_loss_by_fold``. No model is
    registered.

    Raises:
        WrongUsage, MachineRefused: as :func:`log_run`.
    """
    _refuse_pupils(study, params, None, reports)
    root = models_dir.resolve()
    with opened(root) as client:
        experiment = experiment_of(client, root, f"{study}{TUNING}")
        run_id = str(client.create_run(experiment, run_name=run_name).info.run_id)
        try:
            _log_values(client, run_id, params, metrics, tags)
            _log_curve(client, run_id, "log_loss", [one.log_loss for one in nested])
            lowest = list(accumulate((one.log_loss for one in nested), min))
            _log_curve(client, run_id, "best_log_loss", lowest)
            for one in nested:
                _log_nested(client, experiment, run_id, one)
            for report in reports:
                client.log_artifact(run_id, str(report), REPORTS)
        except BaseException:
            client.set_terminated(run_id, status="FAILED")
            raise
        client.set_terminated(run_id)
    return run_id


@dataclass(frozen=True)
class Looks:
    """How often training has shown what a test year holds, this time included.

    ``same_data``: how often on the same extracts. Each look after which something is changed makes the next
    result flatter the model a little more.
    """

    number: int = 1
    same_data: int = 1


def looks(models_dir: Path, study: str, tested_on: str, data_hash: str, *, synthetic: bool) -> Looks:
    """The looks at any of the periods ``tested_on``, the run about to be recorded included.

    Every run recorded here for the study (and so its label) counts, on these extracts or others, and so do
    runs that failed or were deleted in MLflow: nobody can unsee what they showed. Invented and real data are
    counted apart.
    """
    root, ours = models_dir.resolve(), set(tested_on.split(", "))
    if not (root / "mlflow.db").is_file():
        return Looks()
    with opened(root) as client:
        from mlflow.entities import ViewType

        experiment = client.get_experiment_by_name(study)
        ids = [experiment.experiment_id] if experiment is not None else []
        runs = client.search_runs(ids, run_view_type=ViewType.ALL, max_results=10_000) if ids else []
        told = [dict(run.data.tags) for run in runs]
    kind = str(synthetic).lower()
    before = [
        tags
        for tags in told
        if tags.get("synthetic") == kind and ours & set(tags.get(TESTED_ON, "").split(", "))
    ]
    return Looks(1 + len(before), 1 + sum(tags.get("data_hash") == data_hash for tags in before))


def list_runs(models_dir: Path, study: str) -> pd.DataFrame:
    """The study's runs, newest first, one a row; empty when there is none.

    Columns: run_id, run_name, status, started (UTC), version, aliases, and one ``params.*``, ``metrics.*``
    or ``tags.*`` for each value that was logged.
    """
    columns = ["run_id", "run_name", "status", "started", "version", "aliases"]
    root = models_dir.resolve()
    if not (root / "mlflow.db").is_file():
        return pd.DataFrame(columns=columns)
    with opened(root) as client:
        experiment = client.get_experiment_by_name(study)
        if experiment is None:
            return pd.DataFrame(columns=columns)
        runs = client.search_runs([experiment.experiment_id], max_results=10_000)
        versions = client.search_model_versions(f"name = '{study}'")
        version_of = {version.run_id: int(version.version) for version in versions}
        aliases = aliases_of(client, study)
    rows = []
    for run in runs:
        version = version_of.get(run.info.run_id)
        row: dict[str, object] = {
            "run_id": run.info.run_id,
            "run_name": run.info.run_name,
            "status": run.info.status,
            "started": pd.Timestamp(run.info.start_time, unit="ms", tz="UTC"),
            "version": version,
            "aliases": ", ".join(sorted(a for a, at in aliases.items() if at == version)),
        }
        values: dict[str, Mapping[str, object]] = {
            "params": run.data.params,
            "metrics": run.data.metrics,
            "tags": run.data.tags,
        }
        for kind, logged in values.items():
            row |= {f"{kind}.{k}": v for k, v in sorted(logged.items()) if not k.startswith("mlflow.")}
        rows.append(row)
    return pd.DataFrame(rows, columns=None if rows else columns)


def _log_values(
    client: MlflowClient,
    run_id: str,
    params: Mapping[str, Scalar],
    metrics: Mapping[str, float | None],
    tags: Mapping[str, str],
) -> None:
    from mlflow.entities import Metric, Param, RunTag

    undefined = sorted(name for name, value in metrics.items() if value is None or math.isnan(value))
    tags = {**tags, "undefined_metrics": ", ".join(undefined)} if undefined else tags
    client.log_batch(
        run_id,
        params=[Param(name, str(value)) for name, value in params.items()],
        metrics=[
            Metric(name, float(value), _milliseconds(), 0)
            for name, value in metrics.items()
            if value is not None and name not in undefined
        ],
        tags=[RunTag(name, value) for name, value in tags.items()],
    )


def _log_nested(client: MlflowClient, experiment: str, parent: str, one: Nested) -> None:
    child = client.create_run(experiment, run_name=one.name, tags={"mlflow.parentRunId": parent})
    _log_values(client, child.info.run_id, one.params, {"log_loss": one.log_loss}, {})
    _log_curve(client, child.info.run_id, "log_loss_by_fold", one.by_fold)
    client.set_terminated(child.info.run_id)


def _log_curve(client: MlflowClient, run_id: str, name: str, values: Sequence[float]) -> None:
    """``values`` as a curve: the first is step 0."""
    from mlflow.entities import Metric

    now = _milliseconds()
    client.log_batch(run_id, [Metric(name, value, now, number) for number, value in enumerate(values)])


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


def _refuse_pupils(
    study: str, params: Mapping[str, Scalar], bundle: Path | None, reports: Sequence[Path]
) -> None:
    """Nothing, when what is about to be logged has no place for rows about pupils."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", study):
        raise WrongUsage(f"The study's name {study!r} may hold letters, digits, '_', '-' and '.' only.")
    if bundle is not None and not bundle.is_dir():
        raise WrongUsage(f"The bundle {bundle} is not a folder: save the model first.")
    for name, value in params.items():
        if not isinstance(value, str | int | float | bool | None):
            raise TypeError(f"the parameter {name!r} is a {type(value).__name__}; log single values only")
    bundled = [path for path in bundle.rglob("*") if path.is_file()] if bundle else []
    for path in (*bundled, *reports):
        if not path.is_file():
            raise WrongUsage(f"The report {path} is not a file.")
        if path.suffix not in KINDS:
            raise WrongUsage(
                f"{path.name} cannot be logged: files of counts and text only ({', '.join(sorted(KINDS))})."
            )
        if path.suffix == ".csv":
            header = path.read_text(encoding="utf-8-sig").partition("\n")[0].lower()
            if PUPIL_COLUMNS & set(re.split(r"[^a-z_]+", header)):
                raise WrongUsage(f"{path.name} cannot be logged: it has a column that names pupils.")
