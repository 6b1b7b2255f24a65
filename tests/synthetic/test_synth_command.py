"""``earlywarning synth`` as typed: switches arrive, JSON is JSON, targets decide, a kill leaves nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from earlywarning import cli, invented
from earlywarning.synthetic import generate
from earlywarning.synthetic.schools import PUPILS
from earlywarning.synthetic.switches import Switches
from earlywarning.synthetic.targets import KEY, published

from .conftest import Invented

SMALL = ("--pupils", "500", "--years", "3")


def run(capsys: pytest.CaptureFixture[str], out: Path, *arguments: str) -> tuple[int, str, str]:
    code = cli.main(["synth", str(out), *arguments])
    return code, *capsys.readouterr()


def strict(text: str) -> Any:
    """The one JSON object in ``text``; NaN and infinities are no JSON."""

    def refuse(word: str) -> None:
        pytest.fail(f"{word} is not JSON")

    assert text.endswith("}\n") and text.count("\n") == 1
    return json.loads(text, parse_constant=refuse)


def mean_of(folder: Path, column: str) -> float:
    return float(Invented(folder).sql(f"SELECT avg({column}) AS mean FROM {{outlook}} AS o")["mean"].item())


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ordinary") / "data"
    generate(folder, pupils=500, years=3, seed=1)
    return folder


def test_json_says_what_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, tmp_path / "data", *SMALL, "--seed", "4", "--json")
    told = strict(out)
    assert (code, err) == (0, "")
    assert told["folder"] == str(tmp_path / "data") and Path(told["folder"]).is_dir()
    assert (told["pupils"], told["seed"], told["synthetic"]) == (500, 4, True)
    assert told["years"] == ["2023/24", "2024/25", "2025/26"] and told["extracted_on"] == "2026-08-31"
    assert told["rows"]["outlook"] > 4000 and "targets" not in told
    assert (tmp_path / "data" / "truth" / "outlook.parquet").is_file()


def test_without_json_a_sentence_says_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, tmp_path / "data", *SMALL, "--format", "csv")
    assert (code, err) == (0, "")
    assert out.startswith(f"Invented authority written to {tmp_path / 'data'} (") and out.endswith(
        " rows).\n"
    )
    assert (tmp_path / "data" / "attendance.csv").is_file()


def test_no_switch_is_the_ordinary_world(
    ordinary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, tmp_path / "data", *SMALL, "--bias", "label", "--bias-size", "1")[0] == 0
    for path in ordinary.rglob("*.parquet"):
        assert (tmp_path / "data" / path.relative_to(ordinary)).read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("flags", "switches"),
    [
        (("--no-signal",), Switches(no_signal=True)),
        (("--bias", "measurement"), Switches(bias="measurement")),
        (("--bias", "none"), Switches(bias="none")),
        (("--bias-size", "2.5"), Switches(bias_size=2.5)),
        (("--silent-school",), Switches(silent_school=True)),
        (("--policy-change", "2025-01-01"), Switches(policy_change=pd.Timestamp("2025-01-01").date())),
        (("--drift",), Switches(drift=True)),
        (("--supported",), Switches(supported=True)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_every_switch_reaches_the_generator(
    flags: tuple[str, ...],
    switches: Switches,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[dict[str, Any]] = []

    def watched(out: Path, **arguments: Any) -> Any:
        seen.append(arguments)
        return generate(out, pupils=500, years=3)

    monkeypatch.setattr(invented, "generate", watched)
    assert run(capsys, tmp_path / "data", *flags, "--pupils", "700", "--years", "4", "--seed", "9")[0] == 0
    (one,) = seen
    assert one["switches"] == switches
    assert (one["pupils"], one["years"], one["seed"], one["format"]) == (700, 4, 9, "parquet")


def test_the_truth_of_another_world_is_another(
    ordinary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ("--bias", "none", "--drift", "--supported", "--policy-change", "2024-01-01", "--silent-school")
    assert run(capsys, tmp_path / "data", *SMALL, *flags)[0] == 0
    assert mean_of(tmp_path / "data", "probability") > 1.2 * mean_of(ordinary, "probability")
    for name, ours, theirs in (
        ("without_bias", True, False),
        ("without_support", False, True),
    ):
        same = f"(abs(probability - {name}) < 1e-12)::INT"
        assert (mean_of(tmp_path / "data", same) == 1) is ours
        assert (mean_of(ordinary, same) == 1) is theirs


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((*SMALL, "--check-targets"), "not 500 and 3"),
        (("--pupils", "33775", "--check-targets"), "33774"),
        (("--years", "7", "--check-targets"), "6 years"),
        (("--check-targets", "--simulations", "4"), "simulations is 4"),
        (("--check-targets", "--simulations", "-1"), "simulations is -1"),
        (("--check-targets", "--drift"), "--bias"),
        (("--check-targets", "--silent-school"), "ordinary world"),
        ((*SMALL, "--no-signal", "--drift"), "--drift"),
        ((*SMALL, "--bias", "sideways"), "label, measurement, none"),
        ((*SMALL, "--bias-size", "nan"), "bias-size is nan"),
        ((*SMALL, "--bias-size", "inf"), "bias-size is inf"),
        ((*SMALL, "--bias-size", "-1"), "bias-size is -1"),
        ((*SMALL, "--bias-size", "0"), "--bias none"),
        ((*SMALL, "--bias", "none", "--bias-size", "2"), "has no size"),
        ((*SMALL, "--policy-change", "2030-01-01"), "2023-10-30 to 2026-06-01"),
        ((*SMALL, "--policy-change", "0001-01-01"), "2023-10-30 to 2026-06-01"),
        (("--pupils", "499"), "500 to 1000000"),
        (("--pupils", "99999999999999999999"), "500 to 1000000"),
        (("--years", "0"), "3 to 10"),
        ((*SMALL, "--seed", "-1"), "seed is -1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_is_refused_with_code_2_and_nothing_written(
    arguments: tuple[str, ...],
    word: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if "--check-targets" in arguments:
        # It is refused before minutes are spent on the published size.
        monkeypatch.setattr(invented, "generate", lambda *_, **__: pytest.fail("generated first"))
    code, out, err = run(capsys, tmp_path / "data", *arguments, "--json")
    told = strict(out)
    assert (code, told["error"], told["exit_code"]) == (2, "WrongUsage", 2)
    assert word in told["message"] and err == f"earlywarning: {told['message']}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--seed", "1e9"),
        ("--pupils", "many"),
        ("--years", "3.5"),
        ("--bias-size", "much"),
        ("--policy-change", "2025-13-01"),
        ("--policy-change", "1 January"),
        ("--format", "xlsx"),
        ("--simulations", "x"),
    ],
    ids=" ".join,
)
def test_what_is_no_number_or_date_is_refused_by_the_option_s_name(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["synth", str(tmp_path / "data"), *arguments, "--json"])
    out, err = capsys.readouterr()
    assert ended.value.code == 2 and strict(out)["exit_code"] == 2
    assert f"argument {arguments[0]}: " in err and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a file", "a file/data", "full"])
def test_a_place_that_is_taken_is_left_as_it_is(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    code, out, err = run(capsys, tmp_path / name, *SMALL)
    assert code == 2
    assert out == "" and err.startswith("earlywarning: ") and "Traceback" not in err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a file", "full", "mine"]


@pytest.mark.parametrize("name", ["with a slash/", "made/on/the/way", "Gemüse – 日本 😀", "one/../two"])
def test_unusual_names_are_taken(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["synth", f"{tmp_path}/{name}", *SMALL, "--json"])
    told = strict(capsys.readouterr().out)
    assert code == 0 and (Path(told["folder"]) / "extract.toml").is_file()
    assert not list(tmp_path.rglob("*.partial"))


@pytest.fixture
def held_against(monkeypatch: pytest.MonkeyPatch, ordinary: Path) -> pd.DataFrame:
    """A quick stand-in for the published size: every figure is met until a test says otherwise."""
    found = published()
    value = found[["low", "high"]].mean(axis=1).astype(float).fillna(1.5)
    found = found.assign(expected=value, this_seed=value, sd=0.1, must_hold=True, ok=True)

    def made(out: Path, **arguments: Any) -> Any:
        assert (arguments["pupils"], arguments["years"]) == (PUPILS, 6)
        return generate(out, pupils=500, years=3)

    def checked(out: Path, switches: Switches, many: int, done: Any) -> pd.DataFrame:
        assert (out / "extract.toml").is_file() and many == 7
        done(many, many)
        return found

    monkeypatch.setattr(invented, "generate", made)
    monkeypatch.setattr(invented, "checked_targets", checked)
    return found


CHECK = ("--check-targets", "--simulations", "7")


def test_targets_are_printed_one_object_each(
    held_against: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held_against.loc[5, ["expected", "sd"]] = np.nan
    code, out, _ = run(capsys, tmp_path / "data", *CHECK, "--json")
    told = strict(out)
    assert code == 0 and "exit_code" not in told
    assert len(told["targets"]) == len(held_against) == 105
    for row in told["targets"]:
        assert {"target", "area", "published", "expected", "this_seed", "sd", "ok"} <= set(row)
        assert row["ok"] is True and isinstance(row["this_seed"], float)
    assert told["targets"][5]["expected"] is None and told["targets"][5]["sd"] is None
    assert [[row[name] for name in KEY] for row in told["targets"]] == held_against[KEY].to_numpy().tolist()


def test_a_target_that_is_missed_gives_code_4_and_keeps_the_folder(
    held_against: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held_against.loc[3, ["ok", "this_seed"]] = [False, 99.0]
    code, out, _ = run(capsys, tmp_path / "data", *CHECK, "--json")
    told = strict(out)
    assert code == told["exit_code"] == 4
    missed = [row for row in told["targets"] if not row["ok"]]
    assert [row["this_seed"] for row in missed] == [99.0]
    assert (tmp_path / "data" / "extract.toml").is_file()
    code, out, _ = run(capsys, tmp_path / "again", *CHECK)
    lines = [line for line in out.splitlines() if line.endswith("NOT MET")]
    assert code == 4 and len(lines) == 1 and held_against.loc[3, "target"] in lines[0]
    assert out.endswith("104 of 105 hold.\n")


def test_a_target_that_need_not_hold_fails_nothing(
    held_against: pd.DataFrame, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held_against.loc[3, ["ok", "must_hold"]] = False
    code, out, _ = run(capsys, tmp_path / "data", *CHECK, "--bias", "none")
    assert code == 0 and out.count("(need not hold)") == 1 and "NOT MET" not in out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot kill a process half way by signal")
def test_a_kill_half_way_leaves_no_folder_and_the_next_run_succeeds(tmp_path: Path) -> None:
    out = tmp_path / "data"
    command = [
        sys.executable,
        "-c",
        "import sys; from earlywarning.cli import main; sys.exit(main())",
        "synth",
    ]
    with subprocess.Popen([*command, str(out), "--pupils", "4000", "--years", "5"]) as process:
        try:
            end = time.monotonic() + 60
            while not list(tmp_path.glob(".data.*.partial/behaviour.parquet")) and time.monotonic() < end:
                assert process.poll() is None
                time.sleep(0.02)
        finally:
            os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()
    assert (
        left.name.startswith(".data.") and left.suffix == ".partial" and not (left / "extract.toml").exists()
    )
    again = subprocess.run([*command, str(out), *SMALL, "--json"], capture_output=True, text=True, check=True)
    assert strict(again.stdout)["folder"] == str(out) and (out / "extract.toml").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["data", left.name])
