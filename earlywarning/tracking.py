"""Where runs and models are remembered: MLflow on a SQLite file, and the folders of models beside it.

The only module that imports mlflow, and only inside functions, because importing it takes seconds. A run
holds numbers, hashes, the bundle and reports; never a pupil, an input example or a user's name.
"""

from __future__ import annotations

import datetime as dt
import logging
import math
import os
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd

from earlywarning import clock
from earlywarning.errors import GateRefused, MachineRefused, WrongUsage

if TYPE_CHECKING:
    from mlflow import MlflowClient

BUNDLE = "bundle"
REPORTS = "reports"
CHAMPION = "champion"
MARK = "ledger_entry"
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
    with _client(root) as client:
        run_id = client.create_run(_experiment(client, root, study), run_name=run_name).info.run_id
        try:
            _log_values(client, run_id, params, metrics, tags)
            client.log_artifacts(run_id, str(bundle), BUNDLE)
            for report in reports:
                client.log_artifact(run_id, str(report), REPORTS)
            version = None if alias is None else _register(client, study, run_id, tags)
        except BaseException:
            client.set_terminated(run_id, status="FAILED")
            raise
        client.set_terminated(run_id)
        if alias is not None and version is not None:
            client.set_registered_model_alias(study, alias, str(version))
    return TrackedRun(run_id, version, _bundle_folder(root, run_id))


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
    with _client(root) as client:
        experiment = _experiment(client, root, f"{study}{TUNING}")
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
class Registered:
    """A version of a study's model: its run, where its bundle is and what was recorded with it.

    ``model_hash`` is None where none was recorded; ``recorded_on`` is the day (UTC) on which its run ended.
    """

    version: int
    run_id: str
    bundle: Path
    model_hash: str | None
    recorded_on: dt.date
    synthetic: bool


def registered(models_dir: Path, study: str, alias: str = "challenger") -> Registered:
    """The version that ``alias`` of the model ``study`` stands for.

    Raises:
        WrongUsage: no such model or alias; the message says how to make one.
        GateRefused: the version is recorded but its folder is not there.
    """
    root = models_dir.resolve()
    to_do = f"Train one first: earlywarning train DATA (models are looked for in {root})."
    if not (root / "mlflow.db").is_file():
        raise WrongUsage(f"There is no model yet for the study {study!r}. {to_do}")
    with _client(root) as client:
        aliases = _aliases(client, study)
        if alias not in aliases:
            have = f"it has {', '.join(sorted(aliases))}" if aliases else "it has none"
            raise WrongUsage(f"The study {study!r} has no model with the alias {alias!r} ({have}). {to_do}")
        run_id = str(client.get_model_version(study, str(aliases[alias])).run_id)
        run = client.get_run(run_id)
    ended = dt.datetime.fromtimestamp((run.info.end_time or run.info.start_time) / 1000, dt.UTC)
    return Registered(
        version=aliases[alias],
        run_id=run_id,
        bundle=bundle_folder(models_dir, run_id),
        model_hash=run.data.tags.get("model_hash"),
        recorded_on=ended.date(),
        synthetic=run.data.tags.get("synthetic") == "true",
    )


def resolve(models_dir: Path, study: str, alias: str = "challenger") -> Path:
    """The folder of the bundle that ``alias`` of the model ``study`` stands for; see :func:`registered`."""
    return registered(models_dir, study, alias).bundle


def bundle_folder(models_dir: Path, run_id: str) -> Path:
    """The folder of the bundle of a run.

    It is found from the run's id, not from a path in the database: a models folder that was copied to
    another machine still scores.

    Raises:
        GateRefused: the folder is not there.
    """
    folder = _bundle_folder(models_dir.resolve(), run_id)
    if not folder.is_dir():
        raise GateRefused(
            f"A model is recorded, but its folder {folder} is missing: copy mlflow.db and artifacts "
            "together, or train again."
        )
    return folder


def ledger_marks(models_dir: Path) -> dict[str, str]:
    """The mark of the last entry of the ledger about each study, as :func:`mark_ledger` left it."""
    root = models_dir.resolve()
    if not (root / "mlflow.db").is_file():
        return {}
    with _client(root) as client:
        models = client.search_registered_models(max_results=1000)
        return {str(model.name): model.tags[MARK] for model in models if MARK in model.tags}


def mark_ledger(models_dir: Path, study: str, mark: str, champion: int | None) -> None:
    """Nothing; the ledger's last entry is remembered, and the alias champion is ``champion`` or nobody's."""
    with _client(models_dir.resolve()) as client:
        client.set_registered_model_tag(study, MARK, mark)
        if champion is not None:
            client.set_registered_model_alias(study, CHAMPION, str(champion))
        elif CHAMPION in _aliases(client, study):
            client.delete_registered_model_alias(study, CHAMPION)


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
    with _client(root) as client:
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
    with _client(root) as client:
        experiment = client.get_experiment_by_name(study)
        if experiment is None:
            return pd.DataFrame(columns=columns)
        runs = client.search_runs([experiment.experiment_id], max_results=10_000)
        versions = client.search_model_versions(f"name = '{study}'")
        version_of = {version.run_id: int(version.version) for version in versions}
        aliases = _aliases(client, study)
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


@contextmanager
def _client(root: Path) -> Iterator[MlflowClient]:
    """A client of the database under ``root``, made on first use, with telemetry and pickles off."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_ALLOW_PICKLE_DESERIALIZATION"] = "False"
    database = root / "mlflow.db"
    _make_owner_only(root, database)
    with warnings.catch_warnings():
        # On import MLflow 3.17 names a loader that SQLAlchemy 2.1 calls deprecated.
        warnings.simplefilter("ignore")
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told by the error itself
        uri = f"sqlite:///{database.as_posix()}"
        try:
            yield MlflowClient(tracking_uri=uri, registry_uri=uri)
        except (MlflowException, SQLAlchemyError, OSError) as error:
            why = str(error).strip().splitlines()[0]
            raise MachineRefused(
                f"The run could not be kept in {database}: {why} "
                "Free some disk, close other programs that use it, or name another models folder."
            ) from error


def _make_owner_only(root: Path, database: Path) -> None:
    """Nothing; the artifacts folder and an empty database exist, for the owner only.

    MLflow would make the database readable by everyone; it takes an empty file as a new one.
    """
    try:
        (root / "artifacts").mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise MachineRefused(f"The models folder {root} cannot be written: {error.strerror}.") from error


def _experiment(client: MlflowClient, root: Path, study: str) -> str:
    """The id of the study's experiment, made if there is none."""
    location = (root / "artifacts").as_uri()
    experiment = client.get_experiment_by_name(study)
    if experiment is None:
        return str(client.create_experiment(study, artifact_location=location))
    if experiment.artifact_location != location:
        raise WrongUsage(
            f"The models folder was moved to {root}, but its database still writes to "
            f"{experiment.artifact_location}: scoring works, training does not. Move it back, or train "
            "into another models folder."
        )
    return str(experiment.experiment_id)


def _log_values(
    client: MlflowClient,
    run_id: str,
    params: Mapping[str, Scalar],
    metrics: Mapping[str, float | None],
    tags: Mapping[str, str],
) -> None:
    undefined = sorted(name for name, value in metrics.items() if value is None or math.isnan(value))
    for name, param in params.items():
        client.log_param(run_id, name, param)
    for name, metric in metrics.items():
        if metric is not None and name not in undefined:
            client.log_metric(run_id, name, float(metric))
    for name, tag in tags.items():
        client.set_tag(run_id, name, tag)
    if undefined:
        client.set_tag(run_id, "undefined_metrics", ", ".join(undefined))


def _log_nested(client: MlflowClient, experiment: str, parent: str, one: Nested) -> None:
    child = client.create_run(experiment, run_name=one.name, tags={"mlflow.parentRunId": parent})
    _log_values(client, child.info.run_id, one.params, {"log_loss": one.log_loss}, {})
    _log_curve(client, child.info.run_id, "log_loss_by_fold", one.by_fold)
    client.set_terminated(child.info.run_id)


def _log_curve(client: MlflowClient, run_id: str, name: str, values: Sequence[float]) -> None:
    """``values`` as a curve: the first is step 0."""
    from mlflow.entities import Metric

    now = int(clock.now().timestamp() * 1000)
    client.log_batch(run_id, [Metric(name, value, now, number) for number, value in enumerate(values)])


def _register(client: MlflowClient, study: str, run_id: str, tags: Mapping[str, str]) -> int:
    """The number of the new version. Its source names the run, not a path, so the folder can be copied."""
    if not client.search_registered_models(f"name = '{study}'"):
        client.create_registered_model(study)
    source = f"runs:/{run_id}/{BUNDLE}"
    return int(client.create_model_version(study, source, run_id, tags=dict(tags)).version)


def _aliases(client: MlflowClient, study: str) -> dict[str, int]:
    """Each alias of the study's model and the version it stands for; empty when there is no model."""
    models = client.search_registered_models(f"name = '{study}'")
    return {alias: int(version) for model in models for alias, version in model.aliases.items()}


def _bundle_folder(root: Path, run_id: str) -> Path:
    return root / "artifacts" / run_id / "artifacts" / BUNDLE


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
