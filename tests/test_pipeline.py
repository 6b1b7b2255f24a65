"""The whole path on a small invented authority: what it leaves behind, and what it refuses."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import sleep

import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from building import history_of
from conftest import FAST, World

from earlywarning import config, identity, pipeline, policy, tracking
from earlywarning.config import GateSettings, ListSettings, ModelSettings, Settings
from earlywarning.dataset.assemble import assemble
from earlywarning.dataset.splits import trainable
from earlywarning.engines import open_engine
from earlywarning.engines.duckdb_engine import DuckDBEngine
from earlywarning.errors import GateRefused, InputRefused, NotAvailable, WrongUsage
from earlywarning.explain.contributions import by_feature
from earlywarning.model.bundle import load
from earlywarning.pipeline.list_rules import TESTED_OTHERWISE, limits_of, nominations_of
from earlywarning.studies import STUDIES
from earlywarning.synthetic import generate
from earlywarning.watchlist import panel_refs, score_keys
from earlywarning.watchlist.publish import LOCK

AS_OF = dt.date(2025, 12, 31)


@pytest.fixture(scope="module")
def issued(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    told = pipeline.score(world.data, as_of=AS_OF, out=out, settings=FAST, models=world.models)
    return Path(told["issue"])


def pupils_of(folder: Path) -> set[str]:
    return set(pq.read_table(folder / "pupils.parquet")["pupil_id"].to_pylist())


def test_the_summary_carries_what_a_machine_needs(world: World) -> None:
    told = world.trained.summary
    assert 0.5 < told["auroc"] < 1
    assert 0 < told["average_precision"] < 1
    assert 0 <= told["recall_at_capacity"] <= 1
    assert set(told["best_rule"]) == {"name", "average_precision", "recall_at_capacity"}
    assert told["winner"] in {"model", told["best_rule"]["name"]}
    assert abs(told["canary_auroc"] - 0.5) < 0.1
    assert told["events"] > 0
    assert Path(told["issue"]).is_absolute()
    assert told["looks"] == {"number": 1, "same_data": 1}
    json.dumps(told, allow_nan=False)


def test_the_test_year_had_no_part_in_training(world: World) -> None:
    (fold,) = world.trained.folds
    rows = world.trained.data.rows
    assert rows[fold.train]["matures_on"].max() < rows[fold.test]["train_before"].min()
    assert not (fold.train & fold.test).any()
    assert "2022/23" not in set(rows[fold.train]["period"])  # the first year only feeds look-backs


def test_what_ships_is_refitted_on_every_mature_year(world: World) -> None:
    bundle = load(tracking.resolve(world.models, "secondary"))
    assert bundle.trained["periods"][-1] == world.trained.folds[-1].test_period
    assert bundle.audit is not None
    assert bundle.metrics["measures"]["model"]["events"] == world.trained.summary["events"]


def test_the_run_records_what_the_settings_asked_of_the_model(world: World) -> None:
    with sqlite3.connect(world.models / "mlflow.db") as database:
        params = dict(database.execute("SELECT key, value FROM params"))
    asked = {"refits": "5", "n_seeds": "2", "monotone": "False"}
    assert {name: params[name] for name in asked} == asked
    assert "monotonic_cst" not in params  # a direction a feature: it stands in the bundle


def test_nothing_under_models_holds_a_pupil(world: World) -> None:
    known = pupils_of(world.data)
    for path in world.models.rglob("*"):
        if path.is_file() and path.suffix != ".db":
            text = path.read_bytes().decode(errors="ignore")
            assert not [pupil for pupil in known if pupil in text], path.name
        assert not [pupil for pupil in known if pupil in path.name]
    with sqlite3.connect(world.models / "mlflow.db") as database:
        dump = "\n".join(database.iterdump())
    assert not [pupil for pupil in known if pupil in dump]


def test_an_issue_is_complete_and_its_owners_alone(issued: Path) -> None:
    assert {path.name for path in issued.iterdir()} == {
        "panel.xlsx",
        "panel.html",
        "listing.parquet",
        "briefing.html",
        "scores.parquet",
        "manifest.json",
    }
    assert issued.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in issued.iterdir())


def test_an_issue_says_how_its_model_came_to_make_it(issued: Path) -> None:
    standing = json.loads((issued / "manifest.json").read_text(encoding="utf-8"))["standing"]
    assert standing.startswith("The model was promoted by exception, until")
    assert standing in (issued / "panel.html").read_text(encoding="utf-8")


def test_counts_reconcile_from_roll_to_list(issued: Path, world: World) -> None:
    counts = json.loads((issued / "manifest.json").read_text(encoding="utf-8"))["counts"]
    rows = world.trained.data.rows
    day = rows[rows.index.get_level_values("as_of_date") == pd.Timestamp(AS_OF)]
    for area, told in counts.items():
        assert told["on_roll"] == (day["area"] == area).sum()
        apart = sum(told["not_assessed"].values()) + told["permanent_exclusions_in_progress"]
        apart += told["on_the_register_instead"] + sum(told["left_out"].values())
        assert told["on_roll"] == told["assessed"] + apart
        assert sum(told["listed"].values()) <= told["capacity"] == 60


def test_whoever_objects_is_counted_and_in_no_list_no_training_and_no_scores(
    issued: Path, world: World
) -> None:
    restrictions = pd.read_parquet(world.data / "restrictions.parquet")
    objecting = set(restrictions.loc[restrictions["end_date"].isna(), "pupil_id"])
    counts = json.loads((issued / "manifest.json").read_text(encoding="utf-8"))["counts"]
    rows = world.trained.data.rows
    theirs = rows.index.get_level_values("pupil_id").isin(objecting)
    on_day = theirs & (rows.index.get_level_values("as_of_date") == pd.Timestamp(AS_OF))
    assert sum(sum(told["left_out"].values()) for told in counts.values()) == on_day.sum() > 0
    (fold,) = world.trained.folds
    assert not (theirs & (fold.train | fold.test)).any()
    assert not (theirs & trainable(STUDIES["secondary"], world.trained.data)).any()
    key = identity.load_or_create_key()
    scores = set(pq.read_table(issued / "scores.parquet")["score_key"].to_pylist())
    assert not scores & set(score_keys(objecting, key, issued.name))
    page = (issued / "panel.html").read_text(encoding="utf-8")
    assert not [ref for ref in panel_refs(objecting, key, issued.name) if ref in page]
    told = pipeline.explain(
        world.data,
        as_of=AS_OF,
        pupil=rows.index.get_level_values("pupil_id")[on_day][0],
        settings=FAST,
        models=world.models,
    )
    assert told["lines"][0].startswith("Not assessed: ")
    assert "raises" not in told


def test_the_next_issue_says_what_changed_and_joins_to_nothing(
    issued: Path, world: World, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(issued.parent, tmp_path / "out"))
    easter = dt.date(2026, 3, 27)
    asked = replace(FAST, list=replace(FAST.list, capacity_by_phase={"secondary": 20}))
    told = pipeline.score(world.data, as_of=easter, out=out, settings=asked, models=world.models)
    folder = Path(told["issue"])
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    changes, before = manifest["since_last_list"], json.loads((issued / "manifest.json").read_bytes())
    listed = sum(sum(area["listed"].values()) for area in before["counts"].values())
    assert changes["last_as_of_date"] == AS_OF.isoformat()
    assert changes["still"] + sum(changes["left"].values()) + changes["gone"] == listed
    now = [sum(area["listed"].values()) for area in manifest["counts"].values()]
    assert changes["still"] + sum(changes["new"].values()) == sum(now)
    assert max(now) <= 20
    page = (folder / "panel.html").read_text(encoding="utf-8")
    assert "At most 20 pupils of secondary schools in each area." in page
    assert TESTED_OTHERWISE in page, "the model was tested without the limit"
    assert "Year 11" in page
    # No reference, and no key, of one issue stands in a file of another.
    refs = set(re.findall(r"\b[2-9B-Z]{3}-[2-9B-Z]{3}-[2-9B-Z]{3}\b", page))
    assert len(refs) > sum(now)
    assert not [ref for ref in refs if ref in (issued / "panel.html").read_text(encoding="utf-8")]
    keys = [set(pq.read_table(path / "scores.parquet")["score_key"].to_pylist()) for path in (issued, folder)]
    assert not keys[0] & keys[1]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"capacity_by_school": {"nowhere": 3}}, "capacity_by_school: nowhere has nobody on roll"),
        ({"capacity_by_phase": {"primary": 3}}, "known here: secondary"),
        ({"nomination_places_by_area": {"999": 3}}, "nomination_places_by_area: 999"),
    ],
)
def test_a_rule_for_a_list_that_nobody_is_on_is_refused(
    setting: dict[str, dict[str, int]], message: str
) -> None:
    rows = pd.DataFrame({"school_id": ["s1"], "area": ["213"]})
    asked = ListSettings(**setting)
    with open_engine() as engine:
        history = history_of(engine, {}, ["2024-12-31"])
        checks = (
            partial(limits_of, STUDIES["secondary"], history, rows, asked),
            partial(nominations_of, rows, asked),
        )
        refused = checks["nomination" in message]
        with pytest.raises(WrongUsage, match=message):
            refused()


def test_the_panel_sees_no_score_and_no_pseudonym(issued: Path, world: World) -> None:
    page = (issued / "panel.html").read_text(encoding="utf-8")
    book = openpyxl.load_workbook(issued / "panel.xlsx")
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    scores = pq.read_table(issued / "scores.parquet").to_pandas()
    seen = page + "\n".join(cells)
    assert not [pupil for pupil in pupils_of(world.data) if pupil in seen]
    assert not [key for key in scores["score_key"] if key in seen]
    assert not [p for p in scores["probability"] if not np.isnan(p) and f"{p:.7f}" in seen]
    assert "INVENTED DATA" in page
    assert any("INVENTED DATA" in cell for cell in cells)


def test_the_list_is_the_highest_scores_of_each_borough(issued: Path) -> None:
    scores = pq.read_table(issued / "scores.parquet").to_pandas()
    for _, area in scores.groupby("area"):
        assert area.loc[area["listed"], "margin"].min() >= area.loc[~area["listed"], "margin"].max()


def test_the_same_inputs_give_the_same_bytes(issued: Path, world: World, tmp_path: Path) -> None:
    """In another process, with other numbers of threads, another hash seed and at the world's other side."""
    program = """
import datetime as dt, runpy, sys
from pathlib import Path
import duckdb
connect = duckdb.connect
duckdb.connect = lambda config: connect(config={**config, "threads": 1})
from earlywarning import pipeline
conftest, data, models, out, day = sys.argv[1:]
given = {"settings": runpy.run_path(conftest)["FAST"], "models": Path(models)}
pipeline.score(Path(data), as_of=dt.date.fromisoformat(day), out=Path(out), **given)
"""
    threads = "2" if os.environ.get("OMP_NUM_THREADS") == "1" else "1"
    other = {"OMP_NUM_THREADS": threads, "PYTHONHASHSEED": "12345", "TZ": "Pacific/Auckland"}
    elsewhere = {**os.environ, **other}
    conftest = Path(__file__).with_name("conftest.py")
    given = [conftest, world.data, world.models, tmp_path, AS_OF.isoformat()]
    subprocess.run([sys.executable, "-c", program, *given], env=elsewhere, check=True, capture_output=True)
    for path in issued.iterdir():
        assert path.read_bytes() == (tmp_path / issued.name / path.name).read_bytes(), path.name


def test_of_two_processes_scoring_at_once_one_wins(issued: Path, world: World, tmp_path: Path) -> None:
    """Both run the command; the one that publishes first waits, half way, until the other has ended."""
    program = """
import runpy, sys, time
from importlib import import_module
from pathlib import Path
from earlywarning import cli, pipeline
publish = import_module("earlywarning.watchlist.publish")
conftest, data, models, out, day, ended = sys.argv[1:]
fast, score, write = runpy.run_path(conftest)["FAST"], pipeline.score, publish._write
pipeline.score = lambda folder, **given: score(folder, **{**given, "settings": fast})
def halfway(issue, half):
    half.mkdir(mode=0o700)
    (half / "panel.xlsx").write_bytes(b"half")
    late = time.monotonic() + 60
    while not Path(ended).exists() and time.monotonic() < late:
        time.sleep(0.02)
    publish._remove(half)
    write(issue, half)
publish._write = halfway
sys.exit(cli.main(["score", data, "--models", models, "--out", out, "--as-of", day]))
"""
    given = [Path(__file__).with_name("conftest.py"), world.data, world.models, tmp_path / "out"]
    command = [sys.executable, "-c", program, *map(str, given), AS_OF.isoformat(), str(tmp_path / "ended")]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    try:
        while all(run.poll() is None for run in runs):
            sleep(0.02)
        (lost,) = (run for run in runs if run.poll() is not None)
        (tmp_path / "ended").touch()
        (won,) = (run for run in runs if run is not lost)
        said, told = (run.communicate(timeout=120) for run in (lost, won))
    finally:
        for run in runs:
            run.kill()
    assert (lost.returncode, won.returncode) == (5, 0), (said, told)
    assert b"Another run is publishing" in said[1] and b"Issue written" in told[0]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {issued.name, LOCK}
    for path in issued.iterdir():
        assert path.read_bytes() == (tmp_path / "out" / issued.name / path.name).read_bytes(), path.name


def test_kept_features_give_the_same_bytes(issued: Path, world: World, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    for time in ("first", "again"):
        out = tmp_path / time
        pipeline.score(world.data, as_of=AS_OF, out=out, settings=FAST, models=world.models, keep=kept)
        for path in issued.iterdir():
            assert path.read_bytes() == (out / issued.name / path.name).read_bytes(), path.name
    names = " ".join(str(path.relative_to(kept)) for path in kept.rglob("*"))
    assert not [pupil for pupil in pupils_of(world.data) if pupil in names]


def test_a_cluster_keeps_nothing_on_this_machine(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(DuckDBEngine, "on_one_machine", False)
    with pytest.raises(WrongUsage, match="--keep"):
        pipeline.score(
            world.data, as_of=AS_OF, out=tmp_path, settings=FAST, models=world.models, keep=tmp_path
        )


def test_a_second_training_on_the_same_extracts_is_the_same_model(world: World, tmp_path: Path) -> None:
    again = pipeline.train(world.data, settings=FAST, models=tmp_path / "models")
    assert again.bundle.model_hash == world.trained.bundle.model_hash
    assert again.summary["auroc"] == world.trained.summary["auroc"]


def test_a_label_of_a_year_goes_through_a_whole_training(tmp_path: Path) -> None:
    generate(tmp_path / "data", pupils=500, years=5, seed=3)
    few = GateSettings(canary_repeats=2, fewest_train_events=10, fewest_test_events=10)
    yearly = Settings(label="suspension_within_year", model=ModelSettings(seeds=1, refits=1), gates=few)
    trained = pipeline.train(tmp_path / "data", settings=yearly, models=tmp_path / "models")
    (fold,), rows = trained.folds, trained.data.rows
    assert (fold.test_period, set(rows[fold.train]["period"])) == ("2024/25", {"2022/23"})
    assert rows[fold.train]["matures_on"].max() < rows[fold.test]["train_before"].min()
    assert "within a year of the panel" in trained.summary["answer"]
    resolved = load(tracking.resolve(tmp_path / "models", "secondary-suspension_within_year"))
    assert resolved.label == "suspension_within_year"


def test_scoring_takes_the_same_path_as_training(world: World) -> None:
    study = STUDIES["secondary"]
    with pipeline.checked_extracts(study, world.data, FAST) as checked:
        scored = assemble(study, pipeline.build_history(study, checked, [AS_OF]), labelled=False)
    trained = world.trained.data
    day = trained.X.index.get_level_values("as_of_date") == pd.Timestamp(AS_OF)
    pd.testing.assert_frame_equal(scored.X, trained.X[day], rtol=0, atol=1e-12)


def test_contributions_add_up_for_everybody_scored(world: World) -> None:
    X = world.trained.trial.data.X
    scorable = ~world.trained.bundle.classifier.unscorable(X)
    parts = by_feature(world.trained.bundle.classifier, X[scorable].iloc[:200])
    odds = world.trained.bundle.classifier.decision_function(X[scorable].iloc[:200])
    np.testing.assert_allclose(parts.sum(axis=1), odds, atol=1e-9)


def test_a_smaller_capacity_is_respected_by_borough(world: World, tmp_path: Path) -> None:
    settings = replace(FAST, list=ListSettings(capacity=60, capacity_by_area={"207": 5}))
    told = pipeline.score(world.data, as_of=AS_OF, out=tmp_path, settings=settings, models=world.models)
    listed = {area: sum(counts["listed"].values()) for area, counts in told["counts"].items()}
    assert listed["207"] == 5
    assert listed["213"] > 5


def test_the_rules_list_is_issued_when_no_model_wins(world: World, tmp_path: Path) -> None:
    rule = replace(world.trained.bundle, winner=world.trained.bundle.best_rule.name)
    models = tmp_path / "models"
    tracking.log_run(
        models,
        "secondary",
        run_name="rule",
        params={},
        metrics={},
        tags={},
        bundle=rule.save(tmp_path / "bundle"),
    )
    told = pipeline.score(world.data, as_of=AS_OF, out=tmp_path / "out", settings=FAST, models=models)
    page = (Path(told["issue"]) / "panel.html").read_text(encoding="utf-8")
    assert told["winner"] == rule.best_rule.name
    assert "No model did better than a simple rule" in page
    assert "No model has been promoted." in page


def test_explaining_a_pupil_adds_up_and_writes_nothing(world: World, tmp_path: Path) -> None:
    X = world.trained.trial.data.X
    day = X[X.index.get_level_values("as_of_date") == pd.Timestamp(AS_OF)]
    day = day[day[["attendance_absence_rate_1ht", "behaviour_negative_events_1t"]].notna().all(axis=1)]
    before = sorted(tmp_path.rglob("*"))
    told = pipeline.explain(
        world.data, as_of=AS_OF, pupil=day.index[0][0], settings=FAST, models=world.models
    )
    assert told["facts"]["possible_1ht"] > 0
    assert world.trained.bundle.winner == "model"
    odds = world.trained.bundle.classifier.decision_function(day.iloc[:1])[0]
    assert abs(sum(told["themes"].values()) - odds) < 1e-9
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("pupil", "hint"),
    [("p-nobody", "Give a pupil_id as it stands"), ("K3Q-F7X-2MB", "a reference in the panel's files")],
)
def test_an_unknown_pupil_is_refused_without_repeating_the_pseudonym(
    world: World, pupil: str, hint: str
) -> None:
    with pytest.raises(WrongUsage, match=f"no pupil with that pseudonym.*{hint}") as refusal:
        pipeline.explain(world.data, as_of=AS_OF, pupil=pupil, settings=FAST, models=world.models)
    assert pupil not in str(refusal.value)


def test_a_list_of_a_day_that_is_not_known_yet_names_both_options(tmp_path: Path) -> None:
    before = AS_OF - dt.timedelta(days=1)
    with pytest.raises(WrongUsage, match=f"--known-by {before} is before --as-of {AS_OF}"):
        pipeline.score(tmp_path, as_of=AS_OF, out=tmp_path / "out", known_by=before)


@pytest.mark.parametrize("as_of", [dt.date(2031, 1, 1), dt.date(1999, 1, 1)])
def test_a_date_outside_the_data_is_refused(world: World, tmp_path: Path, as_of: dt.date) -> None:
    with pytest.raises(InputRefused):
        pipeline.score(world.data, as_of=as_of, out=tmp_path, settings=FAST, models=world.models)
    assert not list(tmp_path.iterdir())


def test_too_few_events_stop_the_run_and_register_nothing(world: World, tmp_path: Path) -> None:
    strict = replace(FAST, gates=GateSettings(fewest_train_events=100_000))
    with pytest.raises(GateRefused, match="EW07"):
        pipeline.train(world.data, settings=strict, models=tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_label_too_rare_to_train_on_is_refused_with_its_events(world: World, tmp_path: Path) -> None:
    with pytest.raises(GateRefused, match=r"EW07.*\d+ events.*at least 50 of each"):
        pipeline.train(world.data, settings=replace(FAST, label="over_15_days"), models=tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_a_label_of_a_year_needs_more_years(world: World, tmp_path: Path) -> None:
    yearly = replace(FAST, label="suspension_within_year")
    with pytest.raises(GateRefused) as refused:
        pipeline.train(world.data, settings=yearly, models=tmp_path / "models")
    assert "3 period(s) have matured labels" in str(refused.value)
    assert "needed are 4: 1 for look-backs, 1 to train, 1 to test, 1 between them" in str(refused.value)


def test_a_label_that_is_not_known_is_refused_with_the_nearest(world: World, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match=r"label 'over_5_day' is not known\. Did you mean 'over_5_days'"):
        pipeline.train(world.data, settings=replace(FAST, label="over_5_day"), models=tmp_path / "models")


def test_without_a_model_scoring_says_what_to_do(world: World, tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="earlywarning train"):
        pipeline.score(world.data, as_of=AS_OF, out=tmp_path, settings=FAST, models=tmp_path / "models")


def test_a_model_trained_on_other_columns_is_refused(world: World, tmp_path: Path) -> None:
    study = STUDIES["secondary"]
    fewer = replace(study, families=study.families[:-1], name=study.name)
    with pytest.raises(GateRefused, match="other features"):
        pipeline.score(world.data, as_of=AS_OF, out=tmp_path, settings=FAST, study=fewer, models=world.models)
    assert not list(tmp_path.iterdir())


def test_a_model_without_its_audit_is_refused(world: World, tmp_path: Path) -> None:
    bare = replace(world.trained.bundle, audit=None).save(tmp_path / "bundle")
    tracking.log_run(
        tmp_path / "models", "secondary", run_name="bare", params={}, metrics={}, tags={}, bundle=bare
    )
    with pytest.raises(GateRefused, match="audit"):
        pipeline.score(
            world.data, as_of=AS_OF, out=tmp_path / "out", settings=FAST, models=tmp_path / "models"
        )


def test_an_attribute_recorded_for_nobody_is_no_audit(world: World, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(world.data, data)
    pupils = pq.read_table(data / "pupils.parquet")
    pq.write_table(pupils.drop_columns(["ethnicity"]), data / "pupils.parquet")
    with pytest.raises(GateRefused, match="ethnicity"):
        pipeline.train(data, settings=FAST, models=tmp_path / "models")


def test_an_area_in_which_nobody_was_seen_is_no_list(world: World, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(world.data, data)
    coverage = pq.read_table(data / "coverage.parquet").to_pandas()
    coverage[coverage["feed"] != "attendance"].to_parquet(data / "coverage.parquet", index=False)
    with pytest.raises(InputRefused, match="nobody could be assessed"):
        pipeline.score(data, as_of=AS_OF, out=tmp_path / "out", settings=FAST, models=world.models)
    assert not (tmp_path / "out").exists()


def test_a_capacity_for_an_area_that_is_not_there_is_refused(world: World, tmp_path: Path) -> None:
    settings = replace(FAST, list=ListSettings(capacity_by_area={"999": 5}))
    with pytest.raises(WrongUsage, match="999"):
        pipeline.score(world.data, as_of=AS_OF, out=tmp_path, settings=settings, models=world.models)


def test_another_bundle_than_the_one_recorded_is_refused(world: World, tmp_path: Path) -> None:
    other = replace(world.trained.bundle, winner=world.trained.bundle.best_rule.name).save(
        tmp_path / "bundle"
    )
    models = tmp_path / "models"
    tags = {"model_hash": world.trained.bundle.model_hash}
    tracking.log_run(models, "secondary", run_name="x", params={}, metrics={}, tags=tags, bundle=other)
    with pytest.raises(GateRefused, match="another model"):
        pipeline.score(world.data, as_of=AS_OF, out=tmp_path / "out", settings=FAST, models=models)


def test_a_changed_model_is_refused(world: World, tmp_path: Path) -> None:
    shutil.copytree(world.models, tmp_path / "models")
    text = next((tmp_path / "models").rglob("booster_000.txt"))
    text.write_text(text.read_text().replace("leaf_value=", "leaf_value=0", 1))
    with pytest.raises(GateRefused, match="changed"):
        pipeline.score(
            world.data, as_of=AS_OF, out=tmp_path / "out", settings=FAST, models=tmp_path / "models"
        )


def test_a_missing_feed_is_loud(world: World, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(world.data, data)
    (data / "suspensions.parquet").unlink()
    with pytest.raises(InputRefused, match="suspensions"):
        pipeline.score(data, as_of=AS_OF, out=tmp_path / "out", settings=FAST, models=world.models)
    assert not (tmp_path / "out").exists()


def test_the_shipped_configuration_is_the_default() -> None:
    assert config.load() == replace(Settings(), policy=str(config.shipped(config.POLICY)))


def test_a_model_that_learnt_from_a_table_refuses_extracts_without_it(world: World, tmp_path: Path) -> None:
    less = tmp_path / "less"
    shutil.copytree(world.data, less)
    (less / "transition.parquet").unlink()
    with (
        pytest.warns(NotAvailable, match="'transition' was not received"),
        pytest.raises(GateRefused, match=r"'transition' .transition_absence_rate_ever"),
    ):
        pipeline.score(less, as_of=AS_OF, out=tmp_path / "issues", settings=FAST, models=world.models)


def test_the_audit_goes_to_the_run_and_what_leaves_the_team_has_no_small_count(
    world: World, tmp_path: Path
) -> None:
    public = tmp_path / "public.csv"
    told = pipeline.audit(
        world.data, settings=FAST, models=world.models, out=tmp_path / "audit.html", public=public
    )
    reports = Path(told["reports"])
    assert {"audit.html", "audit.csv", "audit.json"} <= {path.name for path in reports.iterdir()}
    page = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "declared before anyone looked" in page and "Schools’ practice, given their pupils" in page
    assert {"gaps", "practice", "labels"} == set(told["audit"]["bias"])
    declared = config.load().policy
    assert len(told["audit"]["declared"]["comparisons"]) == len(policy.load(declared).audit.declared)
    shown = pd.read_csv(public)
    counts = shown.drop(columns=["attribute", "group", "selection rate", "recall", "precision"])
    assert ((counts.fillna(0) == 0) | (counts.fillna(0) >= 5)).all(axis=None) and counts.notna().any(
        axis=None
    )
    assert "school" not in set(shown["attribute"])
