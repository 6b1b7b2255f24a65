"""Arguments in, exit code out: every refusal is one clear message, and no pupil is in it."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import World

from earlywarning import cli, pipeline
from earlywarning.cli import places
from earlywarning.features import FAMILIES


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def copied(extracts: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(extracts, tmp_path / "data"))


def change(folder: Path, table: str, rows: list[int], column: str, value: object) -> None:
    """Give ``column`` of some rows another value."""
    path = folder / f"{table}.parquet"
    frame = pq.read_table(path)
    values = frame[column].to_pylist()
    for row in rows:
        values[row] = value
    number = frame.schema.get_field_index(column)
    field = frame.schema.field(column)
    pq.write_table(frame.set_column(number, field, pa.array(values, field.type)), path)


def test_json_is_one_object_on_standard_output(extracts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", extracts, "--json")
    assert code == 0
    told = json.loads(out)
    assert out.count("\n") == 1
    assert told["synthetic"] is True
    assert all(t["read"] == t["used"] + t["quarantined"] for t in told["tables"].values())


@pytest.mark.parametrize("table", ["attendance", "pupils", "suspensions", "terms"])
def test_a_missing_table_is_refused_with_code_3(
    copied: Path, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (copied / f"{table}.parquet").unlink()
    code, out, err = run(capsys, "check", copied)
    assert (code, out) == (3, "")
    assert table in err
    assert "Traceback" not in err


def test_an_empty_table_is_refused_with_code_3(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copied / "pupils.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    code, _, err = run(capsys, "check", copied)
    assert code == 3
    assert "pupils" in err


def test_a_missing_column_is_refused_with_code_3(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = copied / "attendance.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["code"]), path)
    code, _, err = run(capsys, "check", copied)
    assert code == 3
    assert "attendance" in err
    assert "code" in err


def test_a_file_damaged_inside_is_refused_with_code_3(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied / "enrolments.parquet"
    data = bytearray(path.read_bytes())
    end = len(data) // 2  # the footer, by which a file is recognised, is left
    data[4:end] = b"\0" * (end - 4)
    path.write_bytes(bytes(data))
    code, _, err = run(capsys, "check", copied)
    assert code == 3
    assert "damaged" in err or "cannot be read" in err


def test_terms_that_reach_no_issue_are_refused_with_code_3(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied / "terms.parquet"
    pq.write_table(pq.read_table(path).slice(0, 1), path)
    code, _, err = run(capsys, "train", copied, "--models", copied.parent / "models")
    assert code == 3
    assert "terms" in err


def test_a_few_bad_rows_are_set_aside_and_many_are_refused(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(copied, "suspensions", [0, 1], "reason1", "ZZ")
    code, out, _ = run(capsys, "check", copied, "--json", "--quarantine", tmp_path / "aside.csv")
    assert code == 0
    assert json.loads(out)["tables"]["suspensions"]["quarantined"] == 2
    assert (tmp_path / "aside.csv").read_text(encoding="utf-8").count("reason1") == 2
    change(copied, "suspensions", list(range(100)), "reason1", "ZZ")
    code, out, err = run(capsys, "check", copied, "--json")
    assert code == 3
    assert json.loads(out)["exit_code"] == 3
    assert "suspensions" in err
    assert "reason1" in err


def test_no_message_names_a_pupil(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = set(pq.read_table(copied / "pupils.parquet")["pupil_id"].to_pylist())
    change(copied, "enrolments", list(range(2000)), "nc_year", "99")
    code, out, err = run(capsys, "check", copied)
    assert code == 3
    assert not [pupil for pupil in known if pupil in out + err]


def test_a_date_outside_the_data_is_refused_with_code_3(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = tmp_path / "all.toml"
    settings.write_text(f"[features]\nfamilies = {json.dumps(list(FAMILIES))}\n")
    code, _, err = run(
        capsys,
        "score",
        world.data,
        "--config",
        settings,
        "--as-of",
        "2030-01-01",
        "--out",
        tmp_path / "out",
        "--models",
        world.models,
    )
    assert code == 3
    assert "2030-01-01" in err
    assert not (tmp_path / "out").exists()


def test_wrong_usage_is_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "mine.toml"
    settings.write_text("[list]\ncapcity = 30\n")
    code, _, err = run(capsys, "check", tmp_path, "--config", settings)
    assert code == 2
    assert "Did you mean 'capacity'?" in err
    with pytest.raises(SystemExit, match="2"):
        cli.main(["score", "data", "--as-of", "yesterday", "--out", "x"])


def test_a_folder_that_is_not_there_is_refused_with_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "check", tmp_path / "nowhere")[0] == 3


def test_a_bug_says_where_and_not_what(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("p0123456789abcdef")

    monkeypatch.delenv(cli.DEBUG, raising=False)
    monkeypatch.setattr(pipeline, "check_extracts", broken)
    code, out, err = run(capsys, "check", tmp_path)
    assert (code, out) == (1, "")
    assert "KeyError" in err
    assert "p0123456789abcdef" not in err


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interrupted_run_is_code_130(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, raised: BaseException
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise raised  # the second is what DuckDB makes of the first

    monkeypatch.setattr(pipeline, "check_extracts", stopped)
    assert cli.main(["check", str(tmp_path)]) == 130


def test_the_machine_refusing_is_code_5(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/a/path/p0123456789abcdef")

    monkeypatch.setattr(pipeline, "check_extracts", full)
    code, _, err = run(capsys, "check", tmp_path)
    assert code == 5
    assert "p0123456789abcdef" not in err


def leaves(parser: argparse.ArgumentParser, *words: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command that does something, by the words it is called with."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield " ".join(words), parser
    for name, command in (each for action in below for each in action.choices.items()):
        yield from leaves(command, *words, name)


COMMANDS = dict(leaves(cli._parser()))
PLACES = {
    f"{words} {(*action.option_strings, action.metavar)[0]}": (words, action, kind)
    for words, command in COMMANDS.items()
    for action, kind in command.get_default("places") or ()
}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_json_and_help_with_exit_codes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main([*command.split(), "--help"])
    out = capsys.readouterr().out
    assert "exit codes" in out
    assert "--json" in out


def test_a_group_of_commands_names_them(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["decisions"])
    assert "required: import|audit" in capsys.readouterr().err


def called_with(command: str, chosen: argparse.Action, value: Path, folder: Path) -> list[str]:
    """The command with everything it requires in order, and ``value`` for ``chosen``."""
    (folder / "there").mkdir()
    (folder / "a-file").write_text("")
    right = {places.INPUT_FOLDER: "there", places.OWN_FOLDER: "new"}
    kinds = dict(COMMANDS[command].get_default("places"))
    given = command.split()
    for action in COMMANDS[command]._actions:
        if action is chosen:
            said = str(value)
        elif not action.required:
            continue
        elif action in kinds:
            said = str(folder / right.get(kinds[action], "a-file"))
        else:
            said = "2025-12-31"
        given += [*action.option_strings[:1], said]
    return given


@pytest.mark.parametrize("place", PLACES)
def test_a_file_for_a_folder_or_a_folder_for_a_file_is_named(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, action, kind = PLACES[place]
    wrong = tmp_path / ("a-file" if kind.folder else "there")
    code, out, err = run(capsys, *called_with(command, action, wrong, tmp_path))
    assert (code, out) == (3 if kind in (places.INPUT_FILE, places.INPUT_FOLDER) else 2, "")
    met = "file" if kind.folder else "folder"
    assert err.startswith(f"earlywarning: {place.split()[-1]}: '{wrong}' is a {met}. Give a ")


@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_there_has_one_exit_code_in_every_command(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, action, kind = PLACES[place]
    lost = tmp_path / ("a-file" if kind.made and kind.folder else "nowhere") / "x"
    code, out, err = run(capsys, *called_with(command, action, lost, tmp_path), "--json")
    assert code == (3 if kind in (places.INPUT_FILE, places.INPUT_FOLDER) else 2)
    assert json.loads(out)["exit_code"] == code
    assert err.startswith(f"earlywarning: {place.split()[-1]}: ")


@pytest.mark.parametrize("place", [place for place, (_, _, kind) in PLACES.items() if not kind.made])
def test_what_may_not_be_read_names_the_option_with_code_5(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command, action, kind = PLACES[place]
    closed = tmp_path / "closed"
    closed.mkdir() if kind.folder else closed.write_text("")
    monkeypatch.setattr("os.access", lambda path, how: path != closed)
    code, _, err = run(capsys, *called_with(command, action, closed, tmp_path))
    assert code == 5
    assert f"{place.split()[-1]}: the machine refused '{closed}' (Permission denied)" in err


def test_the_machine_refusing_under_an_option_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def closed(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "aside.csv"))

    monkeypatch.setattr(pipeline, "check_extracts", closed)
    code, _, err = run(capsys, "check", tmp_path, "--quarantine", tmp_path / "aside.csv")
    assert code == 5
    assert "--quarantine: the machine refused: Permission denied" in err
