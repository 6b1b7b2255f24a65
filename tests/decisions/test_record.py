"""The record of decisions only grows: nothing is lost, nothing counts twice, and a changed line shows."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from decisions.conftest import Workbook

from earlywarning import cli, files, pipeline, protected
from earlywarning.decisions import Published, needed, published, recorded
from earlywarning.errors import GateRefused, InputRefused, MachineRefused, WrongUsage

Blank = Callable[[], Workbook]
Import = Callable[..., dict[str, object]]


@pytest.fixture
def keep(opened: Published, tmp_path: Path) -> Import:
    """Imports a workbook into the record of the issue."""

    def keep(book: Workbook, **options: object) -> dict[str, object]:
        (tmp_path / "filled.xlsx").write_bytes(book.data)
        return pipeline.import_decisions(tmp_path / "filled.xlsx", issue=opened.folder, **options)

    return keep


def stands(issue: Published) -> dict[str, dict[str, str]]:
    return {ref: dict(answers) for ref, answers in needed(issue.folder.parent, issue.name).decisions.items()}


def lines(issue: Published) -> list[bytes]:
    return path(issue).read_bytes().splitlines(keepends=True)


def path(issue: Published) -> Path:
    return issue.folder.parent / "decisions" / f"{issue.name}.jsonl"


def test_the_same_workbook_twice_changes_nothing(opened: Published, blank: Blank, keep: Import) -> None:
    book = blank().fill(opened.listed[0], action="Mentor", review_date="1/3/2026")
    book.nominate(1, reference="Alder 3", school="Alder Lane School", why="Quiet")
    first = keep(book)
    before = lines(opened)
    second = keep(book)
    assert (first["new"], first["same"], first["exit_code"]) == (2, 0, 0)
    assert (second["new"], second["same"], second["exit_code"]) == (0, 2, 0)
    assert lines(opened) == before
    assert second["mark"] == first["mark"]


def test_a_later_copy_adds_and_an_empty_cell_takes_nothing_away(
    opened: Published, blank: Blank, keep: Import
) -> None:
    first, second = opened.listed[:2]
    keep(blank().fill(first, action="Mentor"))
    told = keep(blank().fill(first, owner="Ada").fill(second, agree="Disagree"))
    assert (told["new"], told["changed"]) == (1, 1)
    assert stands(opened) == {first: {"action": "Mentor", "owner": "Ada"}, second: {"agree": "Disagree"}}
    assert len(lines(opened)) == 2


def test_two_copies_that_differ_are_told_apart_and_nothing_is_overwritten(
    opened: Published, blank: Blank, keep: Import
) -> None:
    first, second = opened.listed[:2]
    keep(blank().fill(first, action="Mentor", owner="Ada"))
    other = blank().fill(first, action="Tutor", owner="Ada").fill(second, action="Both")
    told = keep(other)
    (conflict,) = told["not_kept"]  # type: ignore[misc]
    assert told["exit_code"] == 3
    assert told["conflicts"] == 1
    assert (conflict["row"], conflict["column"]) == (other.row(first)[1], "Agreed action")
    assert not any(word in json.dumps(told) for word in (first, "Mentor", "Tutor"))
    assert stands(opened) == {first: {"action": "Mentor", "owner": "Ada"}, second: {"action": "Both"}}
    told = keep(other, replace=True)
    assert told["exit_code"] == 0
    assert stands(opened)[first] == {"action": "Tutor", "owner": "Ada"}
    assert b"Mentor" in lines(opened)[0], "what was decided earlier stays in the record"


def test_rows_not_understood_are_named_and_the_rest_is_kept(
    opened: Published, blank: Blank, keep: Import
) -> None:
    bad, good = opened.listed[:2]
    told = keep(blank().fill(bad, action="Mentor", review_date="soon").fill(good, action="Tutor"))
    assert told["exit_code"] == 3
    assert stands(opened) == {good: {"action": "Tutor"}}
    told = keep(blank().fill(bad, action="Mentor", review_date="1/3/26").fill(good, action="Tutor"))
    assert (told["exit_code"], told["new"], told["same"]) == (0, 1, 1)


def test_a_workbook_that_is_refused_keeps_nothing(opened: Published, blank: Blank, keep: Import) -> None:
    book = blank().fill(opened.listed[0], action="Mentor")
    del book.book["Nominations"]
    with pytest.raises(InputRefused):
        keep(book)
    assert not path(opened).exists()
    with pytest.raises(InputRefused, match="No decisions were imported"):
        needed(opened.folder.parent, opened.name)


def test_a_changed_record_is_refused_and_not_added_to(opened: Published, blank: Blank, keep: Import) -> None:
    keep(blank().fill(opened.listed[0], action="Mentor"))
    keep(blank().fill(opened.listed[1], action="Tutor"))
    changed = [lines(opened)[0].replace(b"Mentor", b"Tutor "), lines(opened)[1]]
    path(opened).write_bytes(b"".join(changed))
    with pytest.raises(GateRefused, match="entry 1 is not what was written"):
        keep(blank().fill(opened.listed[2], action="Both"))
    assert lines(opened) == changed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode bits")
def test_the_record_is_the_owners_only(opened: Published, blank: Blank, keep: Import) -> None:
    keep(blank().fill(opened.listed[0], action="Mentor"))
    for each in path(opened).parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600
    assert stat.S_IMODE(path(opened).parent.stat().st_mode) == 0o700


def test_a_crash_while_writing_leaves_what_was_there(
    opened: Published, blank: Blank, keep: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(blank().fill(opened.listed[0], action="Mentor"))
    before = lines(opened)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files.os, "fsync", full)
        with pytest.raises(MachineRefused, match="No space left on device"):
            keep(blank().fill(opened.listed[1], action="Tutor"))
    assert lines(opened) == before


def test_a_list_filled_in_where_it_was_published_can_be_imported(
    opened: Published, blank: Blank, keep: Import
) -> None:
    book = blank().fill(opened.listed[0], action="Mentor")
    (opened.folder / "panel.xlsx").write_bytes(book.data)
    assert keep(book)["new"] == 1
    with pytest.raises(InputRefused, match="somebody changed it there"):
        published(opened.folder).file("panel.xlsx")


def test_a_folder_that_is_no_issue_or_was_changed_is_refused(opened: Published, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="is no issue"):
        published(tmp_path)
    (opened.folder / "listing.parquet").write_bytes(b"another")
    with pytest.raises(InputRefused, match=r"listing\.parquet .* is not the file that was published"):
        published(opened.folder)
    (opened.folder / "manifest.json").write_text("[]")
    with pytest.raises(InputRefused, match="no manifest"):
        published(opened.folder)


def test_a_workbook_with_a_password_needs_the_right_one(
    opened: Published, blank: Blank, keep: Import, tmp_path: Path
) -> None:
    data = protected.protect(blank().fill(opened.listed[0], action="Mentor").data, "a long password")
    (tmp_path / "filled.xlsx").write_bytes(data)
    for name, text in (("right", "a long password\n"), ("wrong", "another\n"), ("empty", "\n")):
        (tmp_path / name).write_text(text)

    def imported(password: str | None) -> dict[str, object]:
        given = tmp_path / password if password else None
        return pipeline.import_decisions(tmp_path / "filled.xlsx", issue=opened.folder, password_file=given)

    for password, said in ((None, "has a password"), ("wrong", "does not open the workbook")):
        with pytest.raises(InputRefused, match=said):
            imported(password)
    with pytest.raises(WrongUsage, match="it is empty"):
        imported("empty")
    with pytest.raises(WrongUsage, match="cannot be read"):
        imported("missing")
    assert recorded(opened.folder.parent, opened.name) is None
    assert imported("right")["new"] == 1
    (tmp_path / "filled.xlsx").write_bytes(data[: len(data) // 2])
    with pytest.raises(InputRefused, match="damaged"):
        imported("right")


def test_the_command_says_what_was_not_kept_and_ends_with_3(
    opened: Published, blank: Blank, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "filled.xlsx").write_bytes(blank().fill(opened.listed[0], agree="Maybe").data)
    given = ["decisions", "import", str(tmp_path / "filled.xlsx"), "--issue", str(opened.folder)]
    assert cli.main(given) == 3
    out, err = capsys.readouterr()
    assert "column 'Agree with listing?': it is not one of the choices. Allowed: Agree, Disagree" in out
    assert err == ""
    assert opened.listed[0] not in out
    assert cli.main(["decisions", "import", str(tmp_path / "none.xlsx"), "--issue", str(opened.folder)]) == 3
