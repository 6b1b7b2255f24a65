"""MLflow as users meet it: one database for the whole file, in a folder with a space in its name."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from earlywarning.errors import GateRefused, MachineRefused, WrongUsage
from earlywarning.tracking import Looks, TrackedRun, list_runs, log_run, looks, resolve

PARAMS: dict[str, str | int | float | bool | None] = {
    "n_seeds": 10,
    "learning_rate": 0.02,
    "rule": "any suspension",
    "monotone": False,
}
METRICS = {"auroc": 0.81, "recall_at_capacity": None, "slope": float("nan")}
TAGS = {"data_hash": "d" * 64, "code_hash": "c" * 64}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tracking")


@pytest.fixture(scope="module")
def models(folder: Path) -> Path:
    return folder / "my models 100%"


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Path:
    made = folder / "bundle made"
    made.mkdir()
    (made / "bundle.json").write_text('{"winner": "model"}', encoding="utf-8")
    (made / "booster_0.txt").write_text("tree\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def run(models: Path, bundle: Path, folder: Path) -> TrackedRun:
    audit = folder / "audit.csv"
    audit.write_text("attribute,group,metric,n\nsex,F,recall,30\n", encoding="utf-8")
    return log_run(
        models,
        "secondary",
        run_name="secondary to 2024/25",
        params=PARAMS,
        metrics=METRICS,
        tags=TAGS,
        bundle=bundle,
        reports=[audit],
    )


@pytest.fixture
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    assert not list(tmp_path.glob("ml*")), "MLflow left files in the working folder"


@pytest.mark.usefixtures("somewhere_else")
def test_the_challenger_is_found_from_any_folder(models: Path, run: TrackedRun) -> None:
    found = resolve(models, "secondary")
    assert found == run.bundle
    assert (found / "bundle.json").read_text(encoding="utf-8") == '{"winner": "model"}'
    assert (found / "booster_0.txt").is_file()
    assert (found.parent / "reports" / "audit.csv").is_file()


def test_mlflow_itself_finds_the_registered_version(models: Path, run: TrackedRun, tmp_path: Path) -> None:
    from mlflow.tracking import MlflowClient

    uri = f"sqlite:///{(models / 'mlflow.db').as_posix()}"
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    version = client.get_model_version_by_alias("secondary", "challenger")
    assert (version.run_id, version.tags) == (run.run_id, TAGS)
    copied = Path(client.download_artifacts(run.run_id, "bundle", str(tmp_path)))
    assert (copied / "bundle.json").is_file()


def test_an_undefined_metric_is_named_and_not_logged(models: Path, run: TrackedRun) -> None:
    row = list_runs(models, "secondary").set_index("run_id").loc[run.run_id]
    assert row["metrics.auroc"] == 0.81
    assert row["tags.undefined_metrics"] == "recall_at_capacity, slope"
    assert not {"metrics.recall_at_capacity", "metrics.slope"} & set(row.index)


def test_what_is_logged_is_what_was_given_and_no_user_is_named(models: Path, run: TrackedRun) -> None:
    row = list_runs(models, "secondary").set_index("run_id").loc[run.run_id]
    assert {name: row[f"params.{name}"] for name in PARAMS} == {k: str(v) for k, v in PARAMS.items()}
    assert (row["run_name"], row["status"], row["tags.data_hash"]) == (
        "secondary to 2024/25",
        "FINISHED",
        TAGS["data_hash"],
    )
    from mlflow.tracking import MlflowClient

    tags = MlflowClient(f"sqlite:///{(models / 'mlflow.db').as_posix()}").get_run(run.run_id).data.tags
    assert [name for name in tags if name.startswith("mlflow.")] == ["mlflow.runName"]


def test_the_alias_moves_to_the_next_version_and_runs_stay_listed(
    models: Path, bundle: Path, run: TrackedRun
) -> None:
    second = log_run(
        models, "secondary", run_name="again", params={}, metrics={"auroc": 0.8}, tags={}, bundle=bundle
    )
    assert (run.version, second.version) == (1, 2)
    assert resolve(models, "secondary") == second.bundle != run.bundle
    runs = list_runs(models, "secondary").set_index("run_id")
    assert list(runs.index) == [second.run_id, run.run_id]
    assert runs["aliases"].to_dict() == {second.run_id: "challenger", run.run_id: ""}


@pytest.mark.usefixtures("run")
def test_a_run_that_fails_leaves_the_alias_where_it_was(
    models: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.tracking import MlflowClient

    before = resolve(models, "secondary")

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(MlflowClient, "log_artifacts", full_disk)
    with pytest.raises(MachineRefused, match="No space left on device"):
        log_run(models, "secondary", run_name="no room", params={}, metrics={}, tags={}, bundle=bundle)
    assert resolve(models, "secondary") == before
    assert list_runs(models, "secondary").set_index("run_name").loc["no room", "status"] == "FAILED"


@pytest.mark.usefixtures("run")
def test_without_an_alias_nothing_is_registered(models: Path, bundle: Path) -> None:
    noted = log_run(
        models, "only-noted", run_name="x", params={}, metrics={}, tags={}, bundle=bundle, alias=None
    )
    assert noted.version is None
    assert len(list_runs(models, "only-noted")) == 1
    with pytest.raises(WrongUsage, match="it has none"):
        resolve(models, "only-noted")


@pytest.mark.usefixtures("run")
def test_a_missing_model_says_what_to_do(models: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="Train one first: earlywarning train DATA"):
        resolve(tmp_path / "none", "secondary")
    assert not (tmp_path / "none").exists(), "looking must not make a database"
    assert list_runs(tmp_path / "none", "secondary").empty
    with pytest.raises(WrongUsage, match=r"no model with the alias 'champion' \(it has challenger\)"):
        resolve(models, "secondary", "champion")


@pytest.mark.usefixtures("run")
def test_a_copied_models_folder_scores_but_does_not_train(models: Path, bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copied"
    shutil.copytree(models, copy)
    found = resolve(copy, "secondary")
    assert found.is_relative_to(copy.resolve())
    assert (found / "bundle.json").is_file()
    with pytest.raises(WrongUsage, match="was moved"):
        log_run(copy, "secondary", run_name="x", params={}, metrics={}, tags={}, bundle=bundle)
    shutil.rmtree(found)
    with pytest.raises(GateRefused, match="is missing"):
        resolve(copy, "secondary")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode bits")
@pytest.mark.usefixtures("run")
def test_the_database_and_the_artifacts_are_the_owners_only(models: Path) -> None:
    assert stat.S_IMODE((models / "mlflow.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((models / "artifacts").stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("scores.parquet", "x"),
        ("model.pkl", "x"),
        ("panel.xlsx", "x"),
        ("rows.csv", "pupil_id,score\np1,0.2\n"),
        ("named.csv", '"UPN","score"\n'),
    ],
)
def test_nothing_with_rows_of_pupils_is_logged(
    name: str, content: str, models: Path, bundle: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(WrongUsage, match="cannot be logged"):
        log_run(
            models,
            "secondary",
            run_name="x",
            params={},
            metrics={},
            tags={},
            bundle=bundle,
            reports=[tmp_path / name],
        )


def test_a_frame_is_not_a_parameter(models: Path, bundle: Path) -> None:
    rows = pd.DataFrame({"pupil_id": ["p1"]})
    with pytest.raises(TypeError, match="log single values only"):
        log_run(models, "secondary", run_name="x", params={"rows": rows}, metrics={}, tags={}, bundle=bundle)  # type: ignore[dict-item]


@pytest.mark.parametrize("study", ["a'b", "", "a/b"])
def test_a_study_name_that_mlflow_would_misread_is_refused(study: str, models: Path, bundle: Path) -> None:
    with pytest.raises(WrongUsage, match="letters, digits"):
        log_run(models, study, run_name="x", params={}, metrics={}, tags={}, bundle=bundle)


def test_a_bundle_that_was_not_saved_is_refused(models: Path, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="save the model first"):
        log_run(models, "s", run_name="x", params={}, metrics={}, tags={}, bundle=tmp_path / "none")


def test_a_file_that_is_no_database_is_the_machines_fault(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"this is not a database, it is a letter to the council" * 40)
    with pytest.raises(MachineRefused, match=r"mlflow\.db"):
        resolve(tmp_path, "secondary")


def test_importing_it_does_not_import_mlflow() -> None:
    code = "import sys, earlywarning.tracking; sys.exit('mlflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_first_run_prints_nothing_and_sends_nothing(tmp_path: Path, bundle: Path) -> None:
    code = (
        "import os, sys, pathlib; from earlywarning.tracking import log_run\n"
        "log_run(pathlib.Path(sys.argv[1]), 's', run_name='x', params={}, metrics={}, tags={},"
        " bundle=pathlib.Path(sys.argv[2]))\n"
        "from mlflow.telemetry.utils import is_telemetry_disabled\n"
        "assert is_telemetry_disabled()\n"
        "assert os.environ['MLFLOW_ALLOW_PICKLE_DESERIALIZATION'] == 'False'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "m"), str(bundle)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_look_at_a_test_year_is_counted_whatever_became_of_the_run(models: Path, bundle: Path) -> None:
    def seen(
        tested_on: str, data_hash: str = "d", synthetic: bool = False, study: str = "looked-at"
    ) -> Looks:
        return looks(models, study, tested_on, data_hash, synthetic=synthetic)

    def trained(tested_on: str, data_hash: str = "d") -> str:
        tags = {"tested_on": tested_on, "data_hash": data_hash, "synthetic": "false"}
        return log_run(
            models, "looked-at", run_name="x", params={}, metrics={}, tags=tags, bundle=bundle
        ).run_id

    assert seen("2024/25") == Looks(1, 1)
    gone = trained("2024/25")
    assert seen("2024/25") == Looks(2, 2)
    assert seen("2024/25", data_hash="another") == Looks(
        2, 1
    )  # another extract of the same year is no new year
    assert seen("2025/26") == seen("2024/25", synthetic=True) == seen("2024/25", study="other") == Looks(1, 1)
    trained("2023/24, 2024/25", "another")
    assert seen("2024/25") == Looks(3, 2)

    from mlflow.tracking import MlflowClient

    MlflowClient(f"sqlite:///{(models / 'mlflow.db').as_posix()}").delete_run(gone)
    assert seen("2024/25") == Looks(3, 2)


def test_where_nothing_was_trained_it_is_the_first_look(tmp_path: Path) -> None:
    assert looks(tmp_path / "none", "secondary", "2024/25", "d", synthetic=False) == Looks(1, 1)
    assert not (tmp_path / "none").exists(), "looking must not make a database"
