"""The ledger shows whatever was done to it, and is written whole, by one at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from earlywarning import files, ledger
from earlywarning.errors import GateRefused, MachineRefused, WrongUsage
from earlywarning.ledger import Entry, Model, Succession, append, as_read, held, read, said, succession

ACTIONS = ("refusal", "promotion", "promotion", "withdrawal", "rollback")


def entry(action: str = "promotion", version: int = 1, study: str = "secondary") -> Entry:
    return Entry(
        number=0,
        at="2026-09-01T09:30:00+00:00",
        study=study,
        action=action,
        by="Ada Example",
        reason="agreed in the board",
        model=Model(version, f"run{version}", "m" * 64, "b" * 64, "d" * 64, synthetic=True),
        evidence={"gain": 0.1, "told": ["Tested on 2024/25: 238 events."]},
        missing=("its gain may be chance",) if action == "refusal" else (),
        exception=None,
        expires=None,
        before="",
    )


def written(folder: Path) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    with held(folder):
        for version, action in enumerate(ACTIONS):
            entries.append(append(folder, entries, entry(action, version)))
    return tuple(entries)


def lines(folder: Path) -> list[bytes]:
    return (folder / ledger.FILE).read_bytes().splitlines(keepends=True)


def rewrite(folder: Path, changed: list[bytes]) -> None:
    (folder / ledger.FILE).write_bytes(b"".join(changed))


def test_what_was_written_is_read_and_numbered_and_chained(tmp_path: Path) -> None:
    entries = written(tmp_path)
    assert read(tmp_path, {"secondary": entries[-1].mark}) == entries
    assert [each.number for each in entries] == [1, 2, 3, 4, 5]
    assert [each.before for each in entries[1:]] == [each.hash for each in entries[:-1]]
    assert read(tmp_path / "elsewhere", {}) == ()


def test_the_same_entries_are_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        folder.mkdir()
        written(folder)
    assert lines(first) == lines(second)


@pytest.mark.parametrize("number", range(1, len(ACTIONS) + 1))
@pytest.mark.parametrize(
    "tamper",
    [
        lambda line: line.replace(b"Ada", b"Eve"),
        lambda line: line.replace(b'"gain":0.1', b'"gain":0.2'),
        lambda line: line.replace(b'":', b'": ', 1),
        lambda line: line.replace(b"\n", b"\r\n"),
        lambda line: line[:40],
        lambda line: b"\n",
        lambda line: b"[]\n",
    ],
    ids=["a name", "a figure", "a space", "a line ending", "half a line", "an empty line", "another thing"],
)
def test_a_changed_line_is_named_by_its_number(
    tmp_path: Path, number: int, tamper: Callable[[bytes], bytes]
) -> None:
    written(tmp_path)
    changed = lines(tmp_path)
    changed[number - 1] = tamper(changed[number - 1])
    rewrite(tmp_path, changed)
    with pytest.raises(GateRefused, match=f"entry {number} is not what was written") as refusal:
        read(tmp_path, {})
    assert refusal.value.exit_code == 4


def test_a_line_changed_and_sealed_again_breaks_the_one_after(tmp_path: Path) -> None:
    entries = written(tmp_path)
    changed = lines(tmp_path)
    changed[1] = replace(entries[1], by="Eve Example").sealed().line()
    rewrite(tmp_path, changed)
    with pytest.raises(GateRefused, match="entry 3 is not"):
        read(tmp_path, {})
    changed = [*lines(tmp_path)[:1], replace(entries[4], number=2, before=entries[0].hash).sealed().line()]
    rewrite(tmp_path, changed)
    with pytest.raises(GateRefused, match="entry 5 is not there"):
        read(tmp_path, {"secondary": entries[-1].mark})


@pytest.mark.parametrize("number", range(1, len(ACTIONS) + 1))
def test_a_line_taken_out_is_missed_even_the_last(tmp_path: Path, number: int) -> None:
    mark = written(tmp_path)[-1].mark
    left = lines(tmp_path)
    del left[number - 1]
    rewrite(tmp_path, left)
    with pytest.raises(GateRefused, match=f"entry {number} is not"):
        read(tmp_path, {"secondary": mark})


@pytest.mark.parametrize("number", range(1, len(ACTIONS)))
def test_lines_that_changed_places_are_refused(tmp_path: Path, number: int) -> None:
    written(tmp_path)
    moved = lines(tmp_path)
    moved[number - 1], moved[number] = moved[number], moved[number - 1]
    rewrite(tmp_path, moved)
    with pytest.raises(GateRefused, match=f"entry {number} is not"):
        read(tmp_path, {})


def test_a_line_written_twice_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    rewrite(tmp_path, [*lines(tmp_path), lines(tmp_path)[-1]])
    with pytest.raises(GateRefused, match="entry 6 is not"):
        read(tmp_path, {})


def test_a_ledger_that_is_gone_is_missed(tmp_path: Path) -> None:
    mark = written(tmp_path)[-1].mark
    (tmp_path / ledger.FILE).unlink()
    with pytest.raises(GateRefused, match="entry 5 is not there"):
        read(tmp_path, {"secondary": mark})


def test_a_mark_that_lags_behind_is_no_fault(tmp_path: Path) -> None:
    """A crash after the entry and before the mark: the ledger is what counts."""
    entries = written(tmp_path)
    assert read(tmp_path, {"secondary": entries[3].mark}) == entries


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode bits")
def test_the_ledger_is_the_owners_only(tmp_path: Path) -> None:
    written(tmp_path)
    for name in (ledger.FILE, ledger.LOCK):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_crash_while_writing_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = written(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(MachineRefused, match="No space left on device"), held(tmp_path):
        append(tmp_path, entries, entry())
    assert read(tmp_path, {"secondary": entries[-1].mark}) == entries
    assert {path.name for path in tmp_path.iterdir()} == {ledger.FILE, ledger.LOCK}


def test_a_second_writer_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(MachineRefused, match="Another run is writing"), held(tmp_path):
        pass
    with held(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_code_5(tmp_path: Path) -> None:
    (tmp_path / ledger.LOCK).mkdir()  # holds for root too, whom no permission stops
    with pytest.raises(MachineRefused, match="cannot be written") as refusal, held(tmp_path):
        pass
    assert refusal.value.exit_code == 5


@pytest.mark.parametrize(
    "text",
    ["", "  ", "two\nlines", "\x1b[31mred", "turned \u202e round", "x" * 2001],
)
def test_words_that_no_page_can_show_are_refused(text: str) -> None:
    with pytest.raises(WrongUsage, match="--reason"):
        said("reason", text)


@pytest.mark.parametrize("pupil", ["p0123456789abcdef", "A999000024001", "h80120001100a"])
def test_no_pupil_goes_into_the_ledger_or_the_refusal(pupil: str) -> None:
    with pytest.raises(WrongUsage, match="looks like a pupil's number") as refusal:
        said("reason", f"for {pupil}, please")
    assert pupil not in str(refusal.value)
    assert said("by", " Zoë O'Brien ") == "Zoë O'Brien"


@pytest.mark.parametrize(
    ("history", "champion"),
    [
        ("", None),
        ("refuse 1", None),
        ("promote 1", 1),
        ("promote 1, refuse 2", 1),
        ("promote 1, promote 2", 2),
        ("promote 1, promote 2, roll back", 1),
        ("promote 1, withdraw", None),
        ("promote 1, promote 2, withdraw", None),
        ("promote 1, promote 2, withdraw, roll back", 1),
        ("promote 1, promote 2, withdraw, promote 3, roll back", 1),
        ("promote 1, promote 2, promote 1, roll back", 2),
        ("promote 1, promote 1, roll back", None),
    ],
)
def test_who_is_champion(history: str, champion: int | None) -> None:
    names = {
        "refuse": "refusal",
        "promote": "promotion",
        "withdraw": "withdrawal",
        "roll back": "rollback",
    }
    entries = []
    for done in filter(None, history.split(", ")):
        what = done.rstrip(" 123")
        version = int(done[-1]) if done[-1].isdigit() else 9
        entries += [entry(names[what], version), entry("promotion", 7, study="transition")]
    found = succession(entries, "secondary").champion
    assert (found and found.model.version) == champion
    assert Succession().before == Succession()


def test_it_is_printed_as_people_read_it(tmp_path: Path) -> None:
    told = "\n".join(as_read(written(tmp_path)))
    for needed in (
        "1. 1 September 2026, 09:30 UTC: secondary version 0 refused promotion, asked for by Ada Example.",
        "Reason: agreed in the board",
        "INVENTED DATA",
        "Tested on 2024/25: 238 events.",
        "Missing: its gain may be chance.",
        "Champion of secondary: version 1, by entry 2.",
        "entry 5 has the hash",
    ):
        assert needed in told
    assert as_read(()) == ["The ledger is empty: no model has been promoted."]
