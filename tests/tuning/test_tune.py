"""Tuning on small invented extracts: inside the training years, kept in MLflow, and of use to training."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earlywarning import cli, config, pipeline
from earlywarning.config import GateSettings, ModelSettings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.splits import Fold, temporal_folds
from earlywarning.errors import GateRefused
from earlywarning.shipping import classifier_of
from earlywarning.studies import STUDIES, Study
from earlywarning.tuning.bench import Bench, Losses, bench_of
from earlywarning.tuning.found import Found, settings_file
from earlywarning.tuning.search import Tried

FEW = GateSettings(fewest_train_events=10, fewest_test_events=10)
SETTINGS = replace(config.Settings(), model=ModelSettings(seeds=2), gates=FEW)
OTHER = {"num_leaves": 2, "learning_rate": 0.005}


@pytest.fixture(scope="module")
def study() -> Study:
    return STUDIES["secondary"].narrowed(SETTINGS.features.families)


@pytest.fixture(scope="module")
def data(extracts: Path, study: Study) -> Dataset:
    with pipeline.checked_extracts(study, extracts, SETTINGS) as checked:
        return assemble(study, pipeline.build_history(study, checked))


@pytest.fixture(scope="module")
def folds(data: Dataset, study: Study) -> list[Fold]:
    return temporal_folds(study, data)


@pytest.fixture(scope="module")
def bench(data: Dataset, study: Study, folds: list[Fold]) -> Bench:
    return bench_of(study, data, folds, classifier_of(SETTINGS, data.features), FEW)


def test_no_row_of_the_test_year_is_on_the_bench(bench: Bench, data: Dataset, folds: list[Fold]) -> None:
    (fold,) = folds
    assert fold.test_period not in set(bench.data.rows["period"])
    assert bench.data.rows["matures_on"].max() < data.rows[fold.test]["train_before"].min()
    for inner in bench.folds:
        rows = bench.data.rows
        assert rows[inner.train]["matures_on"].max() < rows[inner.test]["train_before"].min()


def test_what_happens_in_the_test_year_changes_nothing(
    bench: Bench, data: Dataset, study: Study, folds: list[Fold]
) -> None:
    (fold,) = folds
    rows, X = data.rows.copy(), data.X.copy()
    rows.loc[fold.test, "state"] = "event"
    X.loc[fold.test] = 1.0
    other = bench_of(study, replace(data, rows=rows, X=X), folds, classifier_of(SETTINGS, data.features), FEW)
    assert other.tested(OTHER).log_loss == bench.tested(OTHER).log_loss


def test_of_several_test_years_none_is_on_the_bench(data: Dataset, study: Study) -> None:
    both = temporal_folds(replace(study, test_periods=2), data)
    assert [fold.test_period for fold in both] == ["2024/25", "2025/26"]
    with pytest.raises(GateRefused, match=r"training years here are 2023/24\. Add earlier years"):
        bench_of(study, data, both, classifier_of(SETTINGS, data.features), FEW)


def test_too_few_events_inside_are_counted_and_refused(
    data: Dataset, study: Study, folds: list[Fold]
) -> None:
    with pytest.raises(GateRefused, match=r"2024/25 \(\d+ to train, \d+ to test\)\. At least 9999 are"):
        bench_of(
            study, data, folds, classifier_of(SETTINGS, data.features), GateSettings(fewest_train_events=9999)
        )
    none = replace(data, rows=data.rows.assign(state="no_event"))
    with pytest.raises(GateRefused, match=r"\(0 to train, 0 to test\)"):
        bench_of(study, none, folds, classifier_of(SETTINGS, data.features), FEW)


def test_a_gain_is_what_the_second_saves(bench: Bench) -> None:
    default = bench.tested({}, 2)
    event = bench.data.y[np.any([fold.test for fold in bench.folds], axis=0)]
    chance = default.probability
    certain = replace(default, probability=np.where(event == 1, 1 - (1 - chance) / 2, chance / 2))
    assert bench.gain(default, default, 1).value == 0.0
    assert not bench.gain(default, default, 1).above_zero
    assert bench.gain(default, certain, 1).above_zero
    assert not bench.gain(certain, default, 1).above_zero
    known = ~np.isnan(chance)
    by_hand = -np.mean(np.log(np.where(event == 1, chance, 1 - chance)[known]))
    assert default.log_loss == pytest.approx(by_hand)


def found(bench: Bench, better: bool) -> Found:
    one = Tried(1, {"num_leaves": 6, "learning_rate": 0.0312345}, 0.1, {})
    plain = Losses(0.2, {}, np.empty(0))
    same = bench.tested({})
    zero = bench.gain(same, same, 1)
    gain = replace(zero, value=0.01, lower=0.005, upper=0.02) if better else zero
    return Found((one,), plain, plain, plain, gain)


@pytest.mark.parametrize("better", [True, False])
def test_the_settings_written_are_the_best_beyond_chance_else_the_defaults(
    bench: Bench, better: bool, tmp_path: Path
) -> None:
    path = tmp_path / "tuned.toml"
    asked = replace(SETTINGS, gates=GateSettings(), label="two_suspensions")
    path.write_text(settings_file(asked, found(bench, better), "about"), encoding="utf-8")
    given = {"num_leaves": 6, "learning_rate": 0.0312} if better else {}
    read = config.load(path)
    assert read.model == replace(asked.model, hyperparameters=given)
    assert (read.study, read.label, read.features) == (asked.study, asked.label, asked.features)
    assert "learning_rate = 0.0312" in path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tuned(extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, list[str]]:
    models, steps = tmp_path_factory.mktemp("tuned") / "models", []
    told = pipeline.tune(extracts, settings=SETTINGS, models=models, trials=2, step=steps.append)
    return told, models, steps


def test_the_default_stands_beside_the_tuned(tuned: tuple[dict[str, Any], Path, list[str]]) -> None:
    told, _, steps = tuned
    json.dumps(told, allow_nan=False)
    assert told["tested_inside"] == ["2024/25"]
    assert set(told["default"]["by_fold"]) == set(told["tuned"]["by_fold"]) == {"2024/25"}
    assert told["gain"]["value"] == pytest.approx(told["default"]["log_loss"] - told["tuned"]["log_loss"])
    text = "\n".join(told["lines"])
    assert "default       tuned" in text and "the test year was not touched" in text
    assert "INVENTED DATA" in told["lines"][0] and "INVENTED DATA" in told["settings"]
    assert next(step for step in steps if step.startswith("trial")) == "trial 1 of 2"
    assert "lowest log loss" in next(step for step in steps if step.startswith("trial 2 of 2"))


def test_mlflow_has_a_run_for_each_trial_and_the_curves(
    tuned: tuple[dict[str, Any], Path, list[str]],
) -> None:
    from mlflow.tracking import MlflowClient

    told, models, _ = tuned
    client = MlflowClient(f"sqlite:///{(models / 'mlflow.db').as_posix()}")
    experiment = client.get_experiment_by_name("secondary-tuning")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    nested = {
        run.info.run_name: run for run in runs if run.data.tags.get("mlflow.parentRunId") == told["run_id"]
    }
    assert set(nested) == {"default", "trial 1", "trial 2"}
    losses = [told["default_log_loss_one_booster"], *(one["log_loss"] for one in told["trials"])]

    def curve(run_id: str, name: str) -> list[tuple[int, float]]:
        return sorted((m.step, m.value) for m in client.get_metric_history(run_id, name))

    assert curve(told["run_id"], "log_loss") == list(enumerate(losses))
    assert curve(told["run_id"], "best_log_loss") == [(n, min(losses[: n + 1])) for n in range(3)]
    by_fold = list(told["trials"][0]["by_fold"].values())
    assert curve(nested["trial 1"].info.run_id, "log_loss_by_fold") == list(enumerate(by_fold))
    assert set(nested["trial 1"].data.params) == set(told["trials"][0]["hyperparameters"])
    assert client.get_run(told["run_id"]).data.metrics["tuned_log_loss"] == told["tuned"]["log_loss"]


def test_the_command_takes_the_search_up_and_says_the_same(
    tuned: tuple[dict[str, Any], Path, list[str]],
    extracts: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told, models, _ = tuned
    settings = tmp_path / "mine.toml"
    settings.write_text(
        "[model]\nseeds = 2\n[model.hyperparameters]\nnum_leaves = 9\n"
        "[gates]\nfewest_train_events = 10\nfewest_test_events = 10\n"
    )
    asked: list[dict[str, float]] = []
    tested = Bench.tested

    def counted(bench: Bench, given: dict[str, float], *seeds: int) -> Losses:
        asked.append(dict(given))
        return tested(bench, given, *seeds)

    monkeypatch.setattr(Bench, "tested", counted)
    out = tmp_path / "tuned.toml"
    arguments = ["tune", extracts, "--config", settings, "--models", models, "--trials", "2", "--out", out]
    assert cli.main([*map(str, arguments), "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    apart = {"run_id", "file", "lines"}
    assert {k: v for k, v in again.items() if k not in apart} == {
        k: v for k, v in told.items() if k not in apart
    }
    assert len(asked) == 3  # the default as a trial, the default and the best in full: no trial is made again
    assert out.read_text(encoding="utf-8") == told["settings"]


def test_no_trial_at_all_is_wrong_usage(extracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["tune", str(extracts), "--trials", "0"]) == 2
    assert "a whole number from 1 to 1000" in capsys.readouterr().err
