"""Names meet the list in one marked copy, on record, and nowhere else."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from decisions.conftest import Workbook
from markupsafe import escape

from earlywarning import cli, files, identity, pipeline, protected
from earlywarning.decisions import Published, filled, understand
from earlywarning.errors import GateRefused, InputRefused, MachineRefused, WrongUsage
from earlywarning.naming import copies_of, named_page
from earlywarning.watchlist import panel_refs
from earlywarning.watchlist.outputs import OUTPUTS
from earlywarning.watchlist.outputs.page import _hash

KEY = b"a key for tests"
IDS = [f"p{number:05d}" for number in range(80)]
HOSTILE = (
    "=1+1",
    "O'Brien, Sinéad",
    "مدرسة",
    "🙂",
    "<b>&amp;",
    "../../x",
    "007",
    "Long " * 60,
    "a\nb",
    "@SUM(A1)",
)
Name = Callable[..., dict[str, object]]


@pytest.fixture
def names(opened: Published, tmp_path: Path) -> dict[str, str]:
    """A name for everyone on roll, by reference, and the file that holds them."""
    refs = panel_refs(IDS, KEY, opened.name)
    listed = dict(zip(opened.listed, HOSTILE, strict=True))
    given = [listed.get(ref, f"Pupil Invented{number}") for number, ref in enumerate(refs)]
    with (tmp_path / "names.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([("pupil_id", "name"), *zip(IDS, given, strict=True)])
    return {ref: " ".join(name.split()) for ref, name in zip(refs, given, strict=True)}


@pytest.fixture
def name(opened: Published, names: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Name:
    monkeypatch.setattr(identity, "load_or_create_key", lambda **_: KEY)

    def name(**changed: object) -> dict[str, object]:
        asked = {
            "by": "Ada Example", "recipient": "Zoë O'Brien & Co", "reason": "panel of 15 January",
            "names": tmp_path / "names.csv", "out": tmp_path / "named",
        }  # fmt: skip
        return pipeline.name(opened.folder, **{**asked, **changed})

    return name


def test_every_reference_has_its_name_and_every_page_its_mark(
    opened: Published, names: dict[str, str], name: Name
) -> None:
    told = name()
    book = openpyxl.load_workbook(str(told["copy"]))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}, "a formula would be 'f'"
    values = {str(cell.value) for cell in cells}
    known = names.keys() & opened.places.keys()
    assert set(opened.listed) < known
    assert {f"{ref}\n{names[ref]}" for ref in known} <= values
    assert not known & values
    mark = "Copy 1, for Zoë O'Brien & Co only"
    assert mark in str(book.worksheets[0]["A2"].value)
    assert "holds pupils' names" in str(book.worksheets[0]["A2"].value)
    for sheet in book:
        assert str(sheet.oddFooter.left.text).endswith(mark.replace("&", "&&"))
        assert "Pupils to talk about" in str(sheet.oddFooter.left.text)
        assert str(sheet.oddFooter.right.text) == "Page &P of &N"


def test_the_page_to_print_has_every_name_as_text_and_the_mark_on_every_sheet(
    opened: Published, names: dict[str, str], name: Name
) -> None:
    own = opened.file("panel.html").decode()
    page = Path(str(name()["page"])).read_text(encoding="utf-8")
    mark = "Copy 1, for Zoë O&#39;Brien &amp; Co only"
    for ref in names.keys() & opened.places.keys():
        named = f'>{ref} <bdi class="name">{escape(names[ref])}</bdi><'
        assert page.count(named) == own.count(f">{ref}<") > 0
        assert f">{ref}<" not in page
    assert own.count('<p class="on-paper">') == page.count(f'on-paper"><strong>{mark}</strong> · ') > 0
    assert f"<title>{mark}: " in page and f"<strong>{mark}.</strong> This copy holds" in page
    foot = page[page.rindex("@bottom-left") : page.index("</style>")]
    assert "Copy\\20 1\\2c \\20 for" in foot
    policy = html.unescape(page[: page.index("<style>")])
    allowed = re.search(r"style-src '(sha256-[^']+)'; script-src '(sha256-[^']+)'", policy)
    assert allowed and allowed[2] in own and allowed[1] not in own


def test_a_page_whose_marks_have_no_known_place_is_not_copied_unmarked(names: dict[str, str]) -> None:
    whole = f"<head><meta {_hash('x')}><style>x</style><title></title></head><h1></h1><footer>\n  <p></p>"
    assert b"for A" in named_page(whole.encode(), names, "for A", "")
    for part in ("<title>", "</h1>", "<footer>\n  <p>", "<style>x</style>", _hash("x")):
        with pytest.raises(InputRefused, match="another version"):
            named_page(whole.replace(part, "").encode(), names, "for A", "")


def test_the_copy_prints_and_works_as_the_issues_own(opened: Published, name: Name) -> None:
    own = openpyxl.load_workbook(io.BytesIO(opened.file("panel.xlsx")))
    copy = openpyxl.load_workbook(str(name()["copy"]))
    assert copy.sheetnames == own.sheetnames
    for sheet, other in zip(copy, own, strict=True):
        for part in ("freeze_panes", "print_title_rows", "print_title_cols", "dimensions"):
            assert getattr(sheet, part) == getattr(other, part)
        assert sheet.auto_filter.ref == other.auto_filter.ref
        assert [str(b.id) for b in sheet.col_breaks.brk] == [str(b.id) for b in other.col_breaks.brk]
        rules, others = (
            {(str(rule.sqref), rule.formula1) for rule in each.data_validations.dataValidation}
            for each in (sheet, other)
        )
        assert rules == others
        assert str(sheet.oddHeader.left.text) == str(other.oddHeader.left.text)


def test_decisions_in_a_named_copy_come_back_without_a_name(
    opened: Published, names: dict[str, str], name: Name
) -> None:
    book = Workbook(Path(str(name()["copy"])).read_bytes())
    first = opened.listed[0]
    for sheet in ("Discuss first", "Also consider"):
        for row in range(4, book.book[sheet].max_row + 1):
            if str(book.book[sheet].cell(row, 1).value).startswith(first):
                book.put(sheet, row, "Agreed action", "Mentor")
    found = understand(filled(book.data), opened)
    assert [(each.ref, each.answers) for each in found.decisions] == [(first, {"action": "Mentor"})]
    assert found.absent == 0


def test_each_copy_is_on_record_with_a_number_and_no_pupil(
    opened: Published, names: dict[str, str], name: Name, capsys: pytest.CaptureFixture[str]
) -> None:
    told = [name(), name(recipient="Bo"), name(out=Path(str(opened.folder.parent.parent / "other")))]
    assert [each["number"] for each in told] == [1, 2, 3]
    entries = copies_of(opened.folder.parent)
    named = len(names.keys() & opened.places.keys())
    assert [(e["copy"], e["by"], e["recipient"], e["reason"], e["named"]) for e in entries] == [
        (1, "Ada Example", "Zoë O'Brien & Co", "panel of 15 January", named),
        (2, "Ada Example", "Bo", "panel of 15 January", named),
        (3, "Ada Example", "Zoë O'Brien & Co", "panel of 15 January", named),
    ]
    assert {e["issue_hash"] for e in entries} == {opened.hash}
    written = (opened.folder.parent / "copies.jsonl").read_text(encoding="utf-8") + json.dumps(told)
    assert "Invented1" not in written
    assert not any(ref in written for ref in names)
    assert {path.name for path in opened.folder.iterdir()} == set(OUTPUTS)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode bits")
def test_copy_and_record_are_the_owners_only(opened: Published, name: Name) -> None:
    path = Path(str(name()["copy"]))
    assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((opened.folder.parent / "copies.jsonl").stat().st_mode) == 0o600


def test_a_copy_with_a_password_opens_with_it_alone(name: Name, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("a long password\n")
    told = name(password_file=tmp_path / "password")
    data = Path(str(told["copy"])).read_bytes()
    assert protected.is_protected(data)
    assert b"Invented" not in data
    openpyxl.load_workbook(io.BytesIO(protected.opened(data, "a long password")))
    assert told["page"] is None
    assert [path.name for path in Path(str(told["copy"])).parent.iterdir()] == [Path(str(told["copy"])).name]
    assert "no page to print" in " ".join(map(str, told["lines"])).lower()  # type: ignore[call-overload]
    with pytest.raises(InputRefused, match="does not open"):
        protected.opened(data, "A long password")
    (tmp_path / "password").write_text("short\n")
    with pytest.raises(WrongUsage, match="12 characters"):
        name(password_file=tmp_path / "password")


@pytest.mark.parametrize("inside", ["", "named", "../secondary-2025-12-31/named"])
def test_no_copy_and_no_names_inside_an_issue(
    inside: str, opened: Published, name: Name, tmp_path: Path
) -> None:
    with pytest.raises(WrongUsage, match="--out lies inside"):
        name(out=opened.folder / inside)
    names = opened.folder / "names.csv"
    names.write_text("pupil_id,name\n")
    with pytest.raises(WrongUsage, match="--names lies inside"):
        name(names=names)
    assert copies_of(opened.folder.parent) == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no column 'pupil_id' and none 'name'"),
        (b"pupil_id,forename\np00001,Ada\n", "no column 'name'"),
        (b"pupil_id;name\np00001;Ada\n", "semicolons.*comma delimited"),
        ("pupil_id,name\np00001,Sinéad\n".encode("cp1252"), "not UTF-8"),
        (b"pupil_id,name\np00001,O'Brien, Sin\n", "1 rows with more or fewer cells"),
        (b'pupil_id,name\np00001,"Ada\n', "quotation mark"),
        (b"pupil_id,name\np00001,Ada\np00001,Bo\n", "1 pupils two different names"),
        (b"pupil_id,name\nq1,Ada\n", "None of the 1 pupils"),
        (b"pupil_id,name\np00001,\n", "None of the 0 pupils"),
        (b"PAR1broken", "damaged"),
    ],
)
def test_a_names_file_that_cannot_be_used_is_refused(
    data: bytes, said: str, opened: Published, name: Name, tmp_path: Path
) -> None:
    (tmp_path / "bad").write_bytes(data)
    with pytest.raises(InputRefused, match=said) as refusal:
        name(names=tmp_path / "bad")
    assert not any(word in str(refusal.value) for word in ("Ada", "Sin", "p00001"))
    assert copies_of(opened.folder.parent) == (), "nothing was made, so nothing is on record"
    with pytest.raises(InputRefused, match="cannot be read"):
        name(names=tmp_path / "missing")


def test_a_parquet_of_names_will_do_and_pupils_without_a_name_are_counted(
    opened: Published, names: dict[str, str], name: Name, tmp_path: Path
) -> None:
    refs = dict(zip(panel_refs(IDS, KEY, opened.name), IDS, strict=True))
    ids = [refs[opened.listed[0]], refs[opened.listed[1]], None]
    pq.write_table(pa.table({"pupil_id": ids, "name": ["A", None, "C"]}), tmp_path / "n")
    told = name(names=tmp_path / "n")
    listed = len(opened.listed)
    assert (told["named"], told["listed"], told["listed_without_a_name"]) == (1, listed, listed - 1)
    assert f"Named on the list: 1 of {listed}; {listed - 1} are not in the names file" in str(told["lines"])


def test_a_names_file_with_nobody_of_the_list_makes_no_copy(
    opened: Published, names: dict[str, str], name: Name, tmp_path: Path
) -> None:
    elsewhere = opened.places.keys() - set(opened.listed)
    refs = zip(panel_refs(IDS, KEY, opened.name), IDS, strict=True)
    ids = [pupil_id for ref, pupil_id in refs if ref in elsewhere]
    pq.write_table(pa.table({"pupil_id": ids, "name": ["A"] * len(ids)}), tmp_path / "n")
    with pytest.raises(InputRefused, match=f"None of the {len(opened.listed)} pupils on the list"):
        name(names=tmp_path / "n")
    assert copies_of(opened.folder.parent) == ()


def test_no_copy_is_made_of_a_changed_list_or_beside_a_changed_record(opened: Published, name: Name) -> None:
    name()
    record = opened.folder.parent / "copies.jsonl"
    record.write_bytes(record.read_bytes().replace(b"Ada", b"Eve"))
    with pytest.raises(GateRefused, match="entry 1 is not"):
        name()
    (opened.folder / "panel.xlsx").write_bytes(b"filled in here")
    with pytest.raises(InputRefused, match="somebody changed it there"):
        name()


def test_a_copy_that_cannot_be_written_leaves_its_number_used(
    opened: Published, name: Name, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(path: Path, data: bytes) -> None:
        if path.suffix == ".html":
            raise OSError(28, "No space left on device")
        files.write_whole(path, data)

    with monkeypatch.context() as patch:
        patch.setattr("earlywarning.pipeline.naming.write_whole", full)
        with pytest.raises(MachineRefused, match="number stays on record"):
            name()
    assert not list((tmp_path / "named").iterdir())
    assert name()["number"] == 2
    assert files.write_whole is not full


@pytest.mark.parametrize("option", ["recipient", "reason", "by"])
def test_words_are_asked_for_and_no_pupils_number_is_taken(
    option: str, opened: Published, name: Name
) -> None:
    for text in ("", "for A999000024001"):
        with pytest.raises(WrongUsage, match=f"--{option}"):
            name(**{option: text})
    assert copies_of(opened.folder.parent) == ()


def test_the_command_says_where_and_names_nobody(
    opened: Published,
    names: dict[str, str],
    name: Name,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = ["name", opened.folder, "--by", "Ada", "--recipient", "Bo", "--reason", "panel", "--names",
             tmp_path / "names.csv", "--out", tmp_path / "named"]  # fmt: skip
    assert cli.main([str(each) for each in given]) == 0
    out, err = capsys.readouterr()
    listed = len(opened.listed)
    assert f"Named on the list: {listed} of {listed}.\n" in out
    assert f"elsewhere in the workbook: {len(names.keys() & opened.places.keys()) - listed}\n" in out
    assert "Invented1" not in out + err
