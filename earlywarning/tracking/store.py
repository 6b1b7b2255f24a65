"""The store: MLflow on a SQLite file, and the folders of models beside it."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from earlywarning.errors import MachineRefused, WrongUsage

if TYPE_CHECKING:
    from mlflow import MlflowClient


@contextmanager
def opened(root: Path) -> Iterator[MlflowClient]:
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


def experiment_of(client: MlflowClient, root: Path, study: str) -> str:
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


def aliases_of(client: MlflowClient, study: str) -> dict[str, int]:
    """Each alias of the study's model and the version it stands for; empty when there is no model."""
    models = client.search_registered_models(f"name = '{study}'")
    return {alias: int(version) for model in models for alias, version in model.aliases.items()}
