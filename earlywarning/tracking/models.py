"""The versions of a study's model: which alias stands for which, and where each one's bundle is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.tracking.store import aliases_of, opened

if TYPE_CHECKING:
    from mlflow import MlflowClient

BUNDLE = "bundle"
CHAMPION = "champion"
MARK = "ledger_entry"


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
    with opened(root) as client:
        aliases = aliases_of(client, study)
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
    folder = bundle_place(models_dir.resolve(), run_id)
    if not folder.is_dir():
        raise GateRefused(
            f"A model is recorded, but its folder {folder} is missing: copy mlflow.db and artifacts "
            "together, or train again."
        )
    return folder


def register(client: MlflowClient, study: str, run_id: str, tags: Mapping[str, str]) -> int:
    """The number of the new version. Its source names the run, not a path, so the folder can be copied."""
    if not client.search_registered_models(f"name = '{study}'"):
        client.create_registered_model(study)
    source = f"runs:/{run_id}/{BUNDLE}"
    return int(client.create_model_version(study, source, run_id, tags=dict(tags)).version)


def ledger_marks(models_dir: Path) -> dict[str, str]:
    """The mark of the last entry of the ledger about each study, as :func:`mark_ledger` left it."""
    root = models_dir.resolve()
    if not (root / "mlflow.db").is_file():
        return {}
    with opened(root) as client:
        models = client.search_registered_models(max_results=1000)
        return {str(model.name): model.tags[MARK] for model in models if MARK in model.tags}


def mark_ledger(models_dir: Path, study: str, mark: str, champion: int | None) -> None:
    """Nothing; the ledger's last entry is remembered, and the alias champion is ``champion`` or nobody's."""
    with opened(models_dir.resolve()) as client:
        client.set_registered_model_tag(study, MARK, mark)
        if champion is not None:
            client.set_registered_model_alias(study, CHAMPION, str(champion))
        elif CHAMPION in aliases_of(client, study):
            client.delete_registered_model_alias(study, CHAMPION)


def bundle_place(root: Path, run_id: str) -> Path:
    """Where the bundle of a run lies, or will."""
    return root / "artifacts" / run_id / "artifacts" / BUNDLE
