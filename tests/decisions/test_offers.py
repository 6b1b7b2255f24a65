"""What schools get where the policy allows it: agreed offers for their own pupils, and nothing else."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from decisions.conftest import Workbook

from earlywarning import cli, pipeline
from earlywarning.decisions import Published, filled, keep, understand
from earlywarning.decisions.offers import file_names
from earlywarning.errors import GateRefused, InputRefused, MachineRefused, WrongUsage
from earlywarning.watchlist import Issue


@pytest.fixture
def decided(opened: Published, blank: Callable[[], Workbook]) -> Published:
    """The issue with an offer for every second pupil, the others declined."""
    book = blank()
    for number, ref in enumerate(opened.listed):
        if number % 2:
            book.fill(ref, agree="Disagree", own_view="secret", why_not="Doing well now")
        else:
            book.fill(
                ref, action=f"=Offer {number}", owner="O'Brien", review_date="1/3/2026", own_view="secret"
            )
    keep(opened, understand(filled(book.data), opened), "w" * 64)
    return opened


def test_each_school_gets_its_own_agreed_offers_and_nothing_else(
    decided: Published, issue: Issue, tmp_path: Path
) -> None:
    told = pipeline.offers(decided.folder, out=tmp_path / "out", allowed=True)
    agreed = [ref for number, ref in enumerate(decided.listed) if number % 2 == 0]
    assert told["pupils"] == len(agreed)
    seen = {}
    for path in sorted(Path(told["offers"]).iterdir()):
        (sheet,) = openpyxl.load_workbook(path).worksheets
        cells = [[cell.value for cell in row] for row in sheet.iter_rows(values_only=False)]
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
        assert cells[5] == ["Reference", "Year", "Agreed offer", "Owner", "Review date"]
        assert "INVENTED DATA" in cells[1][0]
        for ref, year, action, owner, due in cells[6:]:
            place = decided.places[ref]
            assert str(cells[0][0]) == f"Offers agreed for {place.school}"
            assert (year, owner, due) == (place.group, "O'Brien", "1 March 2026")
            seen[ref] = action
        text = str(cells)
        assert not any(word in text for word in ("secret", "Disagree", "discuss first", "also consider"))
        assert not any(reason.sentence in text for pupil in issue.pupils for reason in pupil.reasons.raises)
    assert seen == {ref: f"=Offer {2 * number}" for number, ref in enumerate(agreed)}


def test_the_same_offers_are_the_same_bytes_for_their_owner_only(decided: Published, tmp_path: Path) -> None:
    first, second = (
        Path(pipeline.offers(decided.folder, out=tmp_path / name, allowed=True)["offers"])
        for name in ("1", "2")
    )
    for path in first.iterdir():
        assert path.read_bytes() == (second / path.name).read_bytes()
        if os.name != "nt":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if os.name != "nt":
        assert stat.S_IMODE(first.stat().st_mode) == 0o700
    with pytest.raises(WrongUsage, match="already there"):
        pipeline.offers(decided.folder, out=tmp_path / "1", allowed=True)


def test_they_are_off_unless_the_policy_says_otherwise(
    decided: Published, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GateRefused, match="per_school_files = true"):
        pipeline.offers(decided.folder, out=tmp_path / "out", allowed=False)
    assert cli.main(["offers", str(decided.folder), "--out", str(tmp_path / "out")]) == 4
    assert "Files for schools are off" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_decisions_or_offers_and_inside_the_issue_they_are_refused(
    opened: Published, blank: Callable[[], Workbook], tmp_path: Path
) -> None:
    with pytest.raises(InputRefused, match="No decisions were imported"):
        pipeline.offers(opened.folder, out=tmp_path, allowed=True)
    book = blank().fill(opened.listed[0], agree="Disagree")
    keep(opened, understand(filled(book.data), opened), "w" * 64)
    with pytest.raises(InputRefused, match="No action was agreed"):
        pipeline.offers(opened.folder, out=tmp_path, allowed=True)
    book.fill(opened.listed[0], action="Mentor")
    keep(opened, understand(filled(book.data), opened), "w" * 64)
    with pytest.raises(WrongUsage, match="inside the issue"):
        pipeline.offers(opened.folder, out=opened.folder / "schools", allowed=True)


def test_a_full_disk_leaves_no_half_of_them(
    decided: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def full(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) > 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("earlywarning.pipeline.offering.write_whole", full)
    with pytest.raises(MachineRefused, match="No space left"):
        pipeline.offers(decided.folder, out=tmp_path / "out", allowed=True)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "school", ["../../etc/passwd", "C:\\x", "مدرسة", "=1+1", "", "x" * 300, "CON", "a\x00b"]
)
def test_a_file_is_named_in_plain_letters_whatever_the_school_is_called(school: str) -> None:
    first, second = file_names([("A", school), ("B", school)])
    assert first != second
    for name in (first, second):
        assert all(letter.isascii() and (letter.isalnum() or letter in "-.") for letter in name)
        assert len(name) < 80
        assert io.BytesIO(name.encode())
