"""Who may make the list: what a promotion needs, what is recorded, and what the scorer then does."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import FAST, World

from earlywarning import cli, clock, ledger, pipeline, promotion, tracking
from earlywarning.errors import EarlyWarningError, GateRefused, MachineRefused, WrongUsage
from earlywarning.ledger import Entry
from earlywarning.model.bundle import Bundle, load
from earlywarning.promotion import NOT_PROMOTED, Signed, Waiver, chosen, missing, read_ledger
from earlywarning.studies import STUDIES
from earlywarning.tracking.models import CHAMPION, bundle_place, register
from earlywarning.tracking.store import opened
from earlywarning.trial.retest import Case

STUDY = "secondary"
RULES = {rule.name: rule for rule in STUDIES[STUDY].rules}
AS_OF = dt.date(2025, 12, 31)
SIGNED = Signed("Ada Example", "agreed in the board")
NOW = clock.now()
TODAY = NOW.date()
LATER = TODAY + dt.timedelta(days=90)

GOOD = Case(
    tested_on="2023/24, 2024/25",
    test_years=2,
    matured_years=3,
    events=300,
    best_rule="number_of_suspensions",
    gain=0.04,
    gain_lower=0.01,
    gain_upper=0.07,
    precision=0.30,
    rule_precision=0.35,
    slope=1.0,
    audited_on=TODAY.isoformat(),
    audit_hash="a" * 64,
)

LACKS: dict[str, tuple[dict[str, Any], bool]] = {
    "not those it was trained on": ({"same_data": False}, False),
    "own lists were not audited": ({"audited_on": None}, False),
    "over 90 days ago": ({"audited_on": (TODAY - dt.timedelta(days=91)).isoformat()}, True),
    "calibration slope": ({"slope": 0.0}, False),
    "did no better than the best rule": ({"gain": 0.0, "gain_lower": -0.1}, False),
    "may be chance": ({"gain_lower": 0.0}, True),
    "too few events": ({"gain_lower": None}, True),
    "one year where 3 have matured": ({"test_years": 1}, True),
    "over 5 points under": ({"precision": 0.29}, True),
    "says “concern”": ({"concerns": ("ethnicity BCRB: recall",)}, True),
    "could not be compared": ({"precision": None}, True),
}


@pytest.fixture
def models(world: World, tmp_path: Path) -> Path:
    """A folder with a challenger whose case is good: one matured test year, it won, and no concern."""
    folder = Path(shutil.copytree(world.unpromoted, tmp_path / "models"))
    forge(
        folder,
        trained={"periods": ["2024/25", "2025/26"]},
        measures={"precision_at_capacity": 0.9},
        audit=judged(world.trained.bundle, "no sign"),
    )
    return folder


def judged(bundle: Bundle, verdict: str) -> dict[str, Any]:
    """The bundle's audit with one verdict on all that was declared."""
    audit: dict[str, Any] = json.loads(json.dumps(bundle.audit))
    for row in audit["declared"]["comparisons"]:
        row["verdict"] = verdict
    return audit


def forge(
    models: Path,
    measures: Mapping[str, Any] | None = None,
    difference: Mapping[str, Any] | None = None,
    **parts: Any,
) -> Bundle:
    """The challenger's bundle with other figures, sealed as if it had been trained so."""
    place = tracking.resolve(models, STUDY)
    bundle = load(place, audited=False)
    metrics = json.loads(json.dumps(bundle.metrics))
    metrics["measures"]["model"] |= measures or {}
    metrics["winner"]["difference"] |= difference or {}
    parts = {"metrics": metrics, **parts}
    if "trained" in parts:
        parts["trained"] = {**bundle.trained, **parts["trained"]}
    shutil.rmtree(place)
    forged = replace(bundle, **parts)
    forged.save(place)
    return forged


def promote(models: Path, waiver: Waiver | None = None) -> Entry:
    return promotion.promote(models, STUDY, RULES, SIGNED, waiver)


def score(world: World, models: Path, out: Path) -> dict[str, Any]:
    return pipeline.score(world.data, as_of=AS_OF, out=out, settings=FAST, models=models)


def champion(models: Path) -> int | None:
    """The version MLflow calls champion."""
    try:
        return tracking.registered(models, STUDY, CHAMPION).version
    except WrongUsage:
        return None


def test_a_good_case_lacks_nothing() -> None:
    assert missing(GOOD, TODAY) == []
    assert missing(replace(GOOD, audited_on=(TODAY - dt.timedelta(days=90)).isoformat()), TODAY) == []
    assert missing(replace(GOOD, test_years=1, matured_years=1, tested_on="2024/25"), TODAY) == []


@pytest.mark.parametrize("sentence", LACKS)
def test_each_thing_that_is_missing_is_said(sentence: str) -> None:
    change, excusable = LACKS[sentence]
    (lack,) = missing(replace(GOOD, **change), TODAY)
    assert sentence in lack.sentence and lack.sentence in lack.with_remedy
    assert "--" not in lack.sentence  # the panel reads it
    assert lack.excusable is excusable


def test_one_matured_year_is_said_to_be_the_only_one() -> None:
    assert "the only year: no other had matured" in replace(GOOD, matured_years=1).told()[0]
    assert "only" not in GOOD.told()[0]


def test_a_promotion_is_an_entry_and_then_the_alias(models: Path) -> None:
    entry = promote(models)
    assert read_ledger(models) == (entry,)
    assert (entry.action, entry.by, entry.reason, entry.missing) == (
        "promotion",
        "Ada Example",
        "agreed in the board",
        (),
    )
    bundle = load(tracking.resolve(models, STUDY))
    assert entry.model.model_hash == bundle.model_hash
    assert entry.model.bundle_hash == bundle.bundle_hash
    assert entry.model.data_hash == bundle.data_hash
    assert entry.model.synthetic
    assert "the only year: no other had matured" in entry.evidence["told"][0]
    assert champion(models) == 1
    assert tracking.ledger_marks(models) == {STUDY: entry.mark}


REFUSED: dict[str, Callable[[Path], object]] = {
    "may be chance": lambda models: forge(models, difference={"lower": -0.001}),
    "did no better": lambda models: forge(models, difference={"value": -0.1, "lower": -0.2}),
    "5 points under": lambda models: forge(models, measures={"precision_at_capacity": 0.001}),
    "where 2 have matured": lambda models: forge(models, trained={"periods": ["a", "b", "c"]}),
    "own lists were not audited": lambda models: forge(models, audit=None),
    "says “concern”": lambda models: forge(
        models, audit=judged(load(tracking.resolve(models, STUDY)), "concern")
    ),
    "not the one that was registered": lambda models: next(models.rglob("booster_000.txt")).write_text(
        "tree\n", encoding="utf-8"
    ),
}


@pytest.mark.parametrize("lack", REFUSED)
def test_a_refusal_is_recorded_with_what_was_missing(models: Path, lack: str) -> None:
    REFUSED[lack](models)
    with pytest.raises(GateRefused, match=lack) as refusal:
        promote(models)
    assert refusal.value.exit_code == 4
    (entry,) = read_ledger(models)
    assert (entry.action, entry.by) == ("refusal", "Ada Example")
    assert any(lack in sentence for sentence in entry.missing)
    assert champion(models) is None


def test_an_old_audit_is_not_fresh(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=92))
    with pytest.raises(GateRefused, match="over 90 days ago"):
        promote(models)


def test_an_exception_is_recorded_with_its_last_day(models: Path) -> None:
    forge(models, difference={"lower": -0.001})
    entry = promote(models, Waiver("a pilot in two schools", LATER))
    assert (entry.action, entry.exception, entry.expires) == (
        "promotion",
        "a pilot in two schools",
        LATER.isoformat(),
    )
    assert "may be chance" in entry.missing[0]
    assert champion(models) == 1
    standing = chosen(models, STUDY, RULES).standing
    assert "by exception, until" in standing
    assert "may be chance" in standing


def test_no_exception_lets_a_model_in_that_did_no_better_than_the_rule(models: Path) -> None:
    forge(models, difference={"value": -0.001, "lower": -0.01})
    with pytest.raises(GateRefused, match="No exception stands in for this: it did no better"):
        promote(models, Waiver("we like it", LATER))
    (entry,) = read_ledger(models)
    assert (entry.action, entry.exception) == ("refusal", "we like it")


@pytest.mark.parametrize("days", [-1, 0, 366, 5000])
def test_an_exception_ends_within_a_year(days: int) -> None:
    with pytest.raises(WrongUsage, match="within a year"):
        Waiver("a pilot", TODAY + dt.timedelta(days=days))


@pytest.mark.parametrize("parts", [{"exception": "a pilot"}, {"expires": LATER}])
def test_an_exception_and_its_last_day_go_together(models: Path, parts: dict[str, Any]) -> None:
    with pytest.raises(WrongUsage, match="go together"):
        pipeline.promote(by="Ada", reason="because", settings=FAST, models=models, **parts)
    assert read_ledger(models) == ()


def test_a_name_and_a_reason_are_needed() -> None:
    for by, reason in ((" ", "because"), ("Ada", "")):
        with pytest.raises(WrongUsage, match="words on one line"):
            Signed(by, reason)


@pytest.fixture(scope="module")
def tested_again(world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Entry]:
    """The world's model, tested on two years again and so promoted."""
    models = Path(shutil.copytree(world.unpromoted, tmp_path_factory.mktemp("again") / "models"))
    told = pipeline.promote(by="Ada Example", reason="agreed", data=world.data, settings=FAST, models=models)
    (entry,) = read_ledger(models)
    assert told["entry"] == asdict(entry)
    return models, entry


def test_with_data_it_is_tested_on_two_years_and_audited_again(
    world: World, tested_again: tuple[Path, Entry]
) -> None:
    models, entry = tested_again
    evidence = entry.evidence
    assert (evidence["tested_on"], evidence["test_years"]) == ("2024/25, 2025/26", 2)
    assert evidence["events"] > world.trained.summary["events"]
    assert evidence["audited_on"] == TODAY.isoformat()
    kept = tracking.resolve(models, STUDY).parent / "reports" / f"audit-{evidence['audit_hash'][:12]}.json"
    assert json.loads(kept.read_text(encoding="utf-8"))["by_group"]


def test_other_extracts_than_it_was_trained_on_are_refused(
    world: World, models: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(world.data, data)
    (data / "transition.parquet").unlink()
    with pytest.raises(GateRefused, match="not those it was trained on"):
        pipeline.promote(by="Ada", reason="why not", data=data, settings=FAST, models=models)
    (entry,) = read_ledger(models)
    assert entry.action == "refusal"


def test_without_a_champion_the_rules_list_is_issued_and_says_so(world: World, tmp_path: Path) -> None:
    told = score(world, world.unpromoted, tmp_path)
    assert (told["winner"], told["promoted"]) == (world.trained.bundle.best_rule.name, False)
    assert told["standing"] == NOT_PROMOTED
    assert any(NOT_PROMOTED in line for line in told["lines"])
    folder = Path(told["issue"])
    page = (folder / "panel.html").read_text(encoding="utf-8")
    assert NOT_PROMOTED in page
    assert "the best simple rule&#39;s: the number of suspensions" in page
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["standing"], manifest["winner"]) == (NOT_PROMOTED, told["winner"])
    assert manifest["made_with"]["model_hash"] == world.trained.bundle.model_hash


def test_how_a_champion_stands_does_not_hang_on_when_it_was_promoted(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same champion makes the same issue, to the byte."""
    promote(models)
    before = chosen(models, STUDY, RULES).standing
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=2))
    promote(models)
    assert chosen(models, STUDY, RULES).standing == before


def test_explaining_follows_whoever_makes_the_list(world: World) -> None:
    X = world.trained.trial.data.X
    pupil = X[X["suspensions_count_spells_3t"] > 0].xs(str(AS_OF), level="as_of_date").index[0]
    told = pipeline.explain(world.data, as_of=AS_OF, pupil=pupil, settings=FAST, models=world.unpromoted)
    assert told["standing"] == NOT_PROMOTED
    assert "themes" not in told
    assert told["lowers"] == []


def test_a_champion_whose_exception_has_ended_is_refused(
    models: Path, monkeypatch: pytest.MonkeyPatch, world: World, tmp_path: Path
) -> None:
    promote(models, Waiver("a pilot", LATER))
    last = dt.datetime.combine(LATER, dt.time(23, 59), dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: last)
    assert chosen(models, STUDY, RULES).promoted
    monkeypatch.setattr(clock, "now", lambda: last + dt.timedelta(minutes=1))
    with pytest.raises(GateRefused, match=r"that day has passed.*withdraw") as refusal:
        score(world, models, tmp_path / "out")
    assert refusal.value.exit_code == 4
    assert not (tmp_path / "out").exists()
    promotion.withdraw(models, STUDY, SIGNED)
    assert not chosen(models, STUDY, RULES).promoted


@pytest.mark.parametrize("forged", [{"measures": {"auroc": 0.99}}, {"refits": ()}], ids=["figures", "refits"])
def test_a_champion_that_is_not_what_was_promoted_is_refused(
    models: Path, world: World, tmp_path: Path, forged: dict[str, Any]
) -> None:
    promote(models)
    forge(models, **forged)
    with pytest.raises(GateRefused, match="hash") as refusal:
        score(world, models, tmp_path / "out")
    assert refusal.value.exit_code == 4
    assert not (tmp_path / "out").exists()


def test_a_tampered_ledger_makes_no_list(models: Path, world: World, tmp_path: Path) -> None:
    promote(models)
    promotion.withdraw(models, STUDY, SIGNED)
    path = models / ledger.FILE
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])  # as if it had not been withdrawn
    for use in (
        lambda: score(world, models, tmp_path / "out"),
        lambda: promote(models),
        lambda: promotion.withdraw(models, STUDY, SIGNED),
        lambda: pipeline.ledger_entries(models),
    ):
        with pytest.raises(GateRefused, match="entry 2 is not there"):
            use()
    assert len(path.read_bytes().splitlines()) == 1


@pytest.fixture(scope="module")
def two_champions(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, promoted one after the other by exception."""
    models = Path(shutil.copytree(world.unpromoted, tmp_path_factory.mktemp("two") / "models"))
    promote(models, Waiver("one test year", LATER))
    first = world.trained.bundle
    second = replace(first, refits=first.refits[:3])
    with opened(models) as client:  # log_run writes where the folder was before it was copied
        experiment = client.get_experiment_by_name(STUDY)
        assert experiment is not None
        run_id = client.create_run(experiment.experiment_id).info.run_id
        register(client, STUDY, run_id, {})
        client.set_registered_model_alias(STUDY, "challenger", "2")
    second.save(bundle_place(models, run_id))
    promote(models, Waiver("one test year", LATER))
    return models


def test_a_rollback_brings_the_champion_before(two_champions: Path, tmp_path: Path, world: World) -> None:
    models = Path(shutil.copytree(two_champions, tmp_path / "models"))
    assert champion(models) == 2
    entry = promotion.rollback(models, STUDY, RULES, SIGNED)
    assert (entry.action, entry.model.version, champion(models)) == ("rollback", 1, 1)
    assert chosen(models, STUDY, RULES).model_hash == world.trained.bundle.model_hash
    with pytest.raises(WrongUsage, match="no champion before"):
        promotion.rollback(models, STUDY, RULES, SIGNED)
    promotion.withdraw(models, STUDY, SIGNED)
    assert champion(models) is None
    told = pipeline.ledger_entries(models)
    assert [each["action"] for each in told["entries"]] == [
        "promotion",
        "promotion",
        "rollback",
        "withdrawal",
    ]
    assert told["champions"] == {STUDY: None}


def test_no_rollback_to_a_model_whose_exception_has_ended(
    two_champions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = Path(shutil.copytree(two_champions, tmp_path / "models"))
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=91))
    with pytest.raises(GateRefused, match="that day has passed"):
        promotion.rollback(models, STUDY, RULES, SIGNED)
    assert len(read_ledger(models)) == 2


@pytest.mark.parametrize("act", ["withdraw", "rollback"])
def test_where_nothing_was_promoted_there_is_nothing_to_undo(models: Path, act: str, tmp_path: Path) -> None:
    undo = {
        "withdraw": lambda folder: promotion.withdraw(folder, STUDY, SIGNED),
        "rollback": lambda folder: promotion.rollback(folder, STUDY, RULES, SIGNED),
    }[act]
    with pytest.raises(WrongUsage, match="no champion"):
        undo(models)
    assert read_ledger(models) == ()
    with pytest.raises(WrongUsage, match="--models"):
        undo(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_two_promoters_at_once_leave_one_chain(models: Path) -> None:
    errors: list[EarlyWarningError] = []

    def one() -> None:
        try:
            promote(models)
        except EarlyWarningError as error:
            errors.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(error, MachineRefused) for error in errors)
    entries = read_ledger(models)
    assert len(entries) + len(errors) == 4
    assert entries
    assert champion(models) == 1


def test_a_ledger_that_cannot_be_written_promotes_nothing(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("earlywarning.chain.write_whole", refused)
    with pytest.raises(MachineRefused, match="Permission denied") as refusal:
        promote(models)
    assert refusal.value.exit_code == 5
    assert champion(models) is None
    assert not chosen(models, STUDY, RULES).promoted


def test_a_crash_before_the_alias_moved_leaves_a_champion(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise MachineRefused("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(tracking, "mark_ledger", refused)
        with pytest.raises(MachineRefused, match="in the ledger and counts"):
            promote(models)
    assert champion(models) is None
    assert chosen(models, STUDY, RULES).promoted
    promote(models)
    assert champion(models) == 1


def test_the_commands_say_what_was_done(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: object) -> tuple[int, str]:
        code = cli.main([*map(str, arguments), "--models", str(models)])
        return code, capsys.readouterr().out

    signed = ("--by", "Ada Example", "--reason", "agreed")
    assert run("ledger") == (0, "The ledger is empty: no model has been promoted.\n")
    code, out = run("promote", *signed, "--json")
    assert (code, json.loads(out)["entry"]["action"]) == (0, "promotion")
    assert "withdrawn by Ada Example" in run("withdraw", *signed)[1]
    assert run("rollback", *signed)[0] == 2
    code, out = run("ledger", "--json")
    assert (code, [entry["number"] for entry in json.loads(out)["entries"]]) == (0, [1, 2])
    assert "No champion of secondary" in run("ledger")[1]
    (models / ledger.FILE).write_text("{}\n", encoding="utf-8")
    assert run("ledger")[0] == 4


def test_promoting_from_no_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="earlywarning train"):
        promote(tmp_path / "none")
    assert not (tmp_path / "none").exists()
