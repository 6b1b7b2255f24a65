"""A filled workbook is read row by row: what is understood is kept, and of the rest it is said why not."""

from __future__ import annotations

import datetime as dt
import io
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from decisions.conftest import HEADINGS, MET, NOMINATED, SHORT, Workbook
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from earlywarning.decisions import Published, Understood, filled, understand
from earlywarning.decisions.form import DECISIONS, FORMS, NOMINATIONS, PLACEMENTS, SHOWN_ONLY
from earlywarning.errors import InputRefused
from earlywarning.watchlist.columns import (
    DECISION,
    IN_PROGRESS,
    LEFT,
    LOOK_FURTHER,
    NOMINATION_COLUMNS,
    NOT_ASSESSED,
    PLACE,
    REASONS,
    REGISTER,
    SHOWN,
    SINCE,
    VIEW,
)

Blank = Callable[[], Workbook]


def read(workbook: Workbook, issue: Published) -> Understood:
    return understand(filled(workbook.data), issue)


def faults(read: Understood) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.column, fault.rule) for fault in read.faults]


def test_every_column_that_a_panel_fills_in_has_a_field() -> None:
    sheets = {
        DECISIONS: (*VIEW, *DECISION),
        NOMINATIONS: NOMINATION_COLUMNS,
        PLACEMENTS: REGISTER,
        SHOWN_ONLY: SHOWN,
    }
    assert set(sheets) == set(FORMS)
    for form, columns in sheets.items():
        asked = {column.heading for column in columns if column.value is None} - {form.key}
        assert {each.heading for each in form.fields} == asked, form.name
    others = (*PLACE, *SINCE, *REASONS, *LOOK_FURTHER, *IN_PROGRESS, *NOT_ASSESSED, *LEFT)
    assert all(column.value for column in others), "a page that is filled in and read by nobody"
    assert {each.heading for each in DECISIONS.fields} == set(SHORT.values())
    assert {each.name: each.heading for each in NOMINATIONS.fields[:6]} | {
        "reference": NOMINATIONS.key
    } == NOMINATED


def test_what_was_filled_in_reads_back(opened: Published, blank: Blank) -> None:
    first, second = opened.listed[:2]
    book = blank().fill(
        first,
        own_view="Known to the school",
        discussed_on=dt.datetime(2026, 1, 15),
        action="Mentor, weekly",
        owner="J. Example",
        review_date=dt.date(2026, 3, 1),
        agree="agree ",
    )
    book.fill(second, agree="Disagree", why_not="doing well NOW", discussed_on="15/1/2026")
    book.nominate(1, reference="Alder 3", school="Alder Lane School", year="Year 8", why="Quiet, and sad")
    found = read(book, opened)
    assert found.faults == ()
    assert found.absent == 0
    assert {each.ref: each.answers for each in found.decisions} == {
        first: {
            "own_view": "Known to the school",
            "discussed_on": "2026-01-15",
            "action": "Mentor, weekly",
            "owner": "J. Example",
            "review_date": "2026-03-01",
            "agree": "Agree",
        },
        second: {"discussed_on": "2026-01-15", "agree": "Disagree", "why_not": "Doing well now"},
    }
    assert [(each.ref, each.answers["why"]) for each in found.nominations] == [("Alder 3", "Quiet, and sad")]


@pytest.mark.parametrize(
    "value",
    [
        dt.datetime(2026, 10, 3, 9, 30),
        46298,
        46298.75,
        "46298",
        "3/10/2026",
        "03/10/26",
        " 3.10.2026 ",
        "3 - 10 - 2026",
        "2026-10-03",
        "2026-10-03 00:00:00",
        "3 October 2026",
        "3rd Oct 2026",
        "Sat 3 Oct. 2026",
        "Saturday, 3 october 26",
        "3-Oct-26",
    ],
    ids=str,
)
def test_a_date_is_read_however_it_was_written(value: object, opened: Published, blank: Blank) -> None:
    found = read(blank().fill(opened.listed[0], review_date=value), opened)
    assert [each.answers for each in found.decisions] == [{"review_date": "2026-10-03"}]


def test_a_date_counted_from_1904_is_the_same_date(opened: Published, blank: Blank) -> None:
    book = blank().fill(opened.listed[0], review_date=46298 - 1462)
    book.book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    assert read(book, opened).decisions[0].answers == {"review_date": "2026-10-03"}


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("review_date", "next half term", "it is not a date"),
        ("review_date", "10/23/2026", "it is not a date"),
        ("review_date", "31 Nov 2026", "it is not a date"),
        ("review_date", "3 Ju 2026", "it is not a date"),
        ("review_date", 12, "the date is not one that can be meant"),
        ("review_date", True, "it is not a date"),
        ("review_date", dt.date(2062, 3, 1), "the date is not one that can be meant"),
        ("discussed_on", "15/1/2025", "the date is not one that can be meant"),
        ("agree", "Yes", "it is not one of the choices"),
    ],
    ids=str,
)
def test_a_cell_that_cannot_be_understood_refuses_its_row_alone(
    name: str, value: object, rule: str, opened: Published, blank: Blank
) -> None:
    bad, good = opened.listed[:2]
    book = blank().fill(bad, **{name: value, "action": "A secret plan"}).fill(good, action="Mentor")
    found = read(book, opened)
    assert faults(found) == [(book.row(bad)[1], SHORT[name], rule)]
    assert [each.ref for each in found.decisions] == [good]
    said = str(found.faults[0])
    assert book.row(bad)[0] in said
    assert "Allowed: " in said
    assert not any(word in said for word in (bad, "secret", *([value] if isinstance(value, str) else [])))


def test_a_formula_an_error_and_merged_rows_are_refused(opened: Published, blank: Blank) -> None:
    book = blank()
    rows = [ref for ref in opened.listed if book.row(ref)[0] == "Also consider"]
    sheet, column = book.book["Also consider"], book.place("Also consider", "Agreed action")
    sheet.cell(book.row(rows[0])[1], column).value = "=1+1"
    error = sheet.cell(book.row(rows[1])[1], column)
    error.value, error.data_type = "#REF!", "e"
    book.fill(rows[2], action="Both").fill(rows[3], owner="Ada")
    first = book.row(rows[2])[1]
    sheet.merge_cells(start_row=first, end_row=first + 1, start_column=column, end_column=column)
    found = read(book, opened)
    assert [rule for _, _, rule in faults(found)] == [
        "it holds a formula",
        "it holds an error of the spreadsheet",
        "it is merged with cells of other rows",
        "it is merged with cells of other rows",
    ]
    assert found.decisions == ()


def test_the_order_and_the_shape_of_sheets_do_not_matter(opened: Published, blank: Blank) -> None:
    book = blank()
    for number, ref in enumerate(opened.listed):
        book.fill(ref, action=f"Plan {number}")
    plain = {each.ref: each.answers for each in read(book, opened).decisions}
    sheet = book.book["Also consider"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADINGS + 1)]
    for place, row in enumerate(reversed(rows)):
        for column, value in enumerate(row, start=1):
            sheet.cell(HEADINGS + 1 + place, column).value = value
    sheet.insert_rows(HEADINGS + 3, 2)
    sheet.insert_rows(1, 4)
    sheet.insert_cols(1)
    sheet.cell(HEADINGS + 4, 4).value = " REFERENCE\n"  # where the first page breaks; not a heading row
    head = next(row for row in sheet.iter_rows() if any(cell.value == "Agreed action" for cell in row))
    for cell in head:
        cell.value = f"  {cell.value}\n".upper() if cell.value else None
    sheet.cell(HEADINGS + 4, 4).value = None
    for each in list(book.book.worksheets)[::-1]:
        book.book.move_sheet(each, -len(book.book.worksheets))
    book.book["Discuss first"].title = "Ours"
    found = read(book, opened)
    assert found.faults == ()
    assert {each.ref: each.answers for each in found.decisions} == plain


def test_rows_that_sorting_put_above_the_headings_are_read(opened: Published, blank: Blank) -> None:
    book = blank()
    for number, ref in enumerate(opened.listed):
        book.fill(ref, action=f"Plan {number}")
    plain = {each.ref: each.answers for each in read(book, opened).decisions}
    sheet = book.book["Also consider"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADINGS)]
    for place, row in enumerate((*rows[1:], rows[0])):
        for column, value in enumerate(row, start=1):
            sheet.cell(HEADINGS + place, column).value = value
    found = read(book, opened)
    assert (found.faults, found.absent) == ((), 0)
    assert {each.ref: each.answers for each in found.decisions} == plain


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("agree", " AGREE. ", "Agree"),
        ("already_supported", "more  is\nneeded", "More is needed"),
        ("why_not", "Doing well now!", "Doing well now"),
        ("why_not", "Moved. Ask Ada!", "Moved. Ask Ada!"),
        ("action", 42.0, "42"),
    ],
)
def test_a_choice_is_known_however_it_is_spaced_and_ended(
    name: str, typed: object, kept: str, opened: Published, blank: Blank
) -> None:
    found = read(blank().fill(opened.listed[0], **{name: typed}), opened)
    assert [each.answers for each in found.decisions] == [{name: kept}]


def test_a_reference_merged_over_two_pupils_says_so(opened: Published, blank: Blank) -> None:
    book = blank()
    first, second = [ref for ref in opened.listed if book.row(ref)[0] == "Also consider"][:2]
    book.fill(first, action="One").fill(second, action="Two")
    row = book.row(first)[1]
    book.book["Also consider"].merge_cells(start_row=row, end_row=row + 1, start_column=1, end_column=1)
    assert faults(read(book, opened)) == [
        (row + more, "Reference", "it is merged with cells of other rows") for more in (0, 1)
    ]


def test_references_are_read_as_people_write_them(opened: Published, blank: Blank) -> None:
    ref = opened.listed[0]
    for written in (ref.lower(), ref.replace("-", ""), ref.replace("-", " – "), f"{ref}\nO'Brien, Sinéad"):
        book = blank().fill(ref, action="Mentor")
        sheet, row = book.row(ref)
        book.put(sheet, row, "Reference", written)
        assert [each.ref for each in read(book, opened).decisions] == [ref]


def test_rows_for_nobody_for_pupils_never_listed_and_for_one_pupil_twice(
    opened: Published, blank: Blank
) -> None:
    apart = next(ref for ref, place in opened.places.items() if not place.listed)
    book, (first, second, third, *_) = blank(), opened.listed
    sheet = book.row(first)[0]
    book.fill(second, action="One").fill(third, action="Mentor")
    last = book.book[sheet].max_row
    for number, (ref, action) in enumerate(
        [(None, "Whom?"), ("ZZZ-ZZZ-ZZZ", "Never listed"), (apart, "Not assessed"), (second, "Other")],
        start=1,
    ):
        book.put(sheet, last + number, "Reference", ref)
        book.put(sheet, last + number, "Agreed action", action)
    book.put(sheet, last + 5, "Reference", "ZZZ-ZZZ-ZZ2")  # nothing filled in: nothing to keep
    found = read(book, opened)
    unlisted = "the reference is not on this issue's list"
    rules = {rule for _, _, rule in faults(found)}
    assert [(row, rule) for row, _, rule in faults(found) if row > last] == [
        (last + 1, "something is filled in, and no reference says for whom"),
        (last + 2, unlisted),
        (last + 3, unlisted),
        (last + 4, "the reference stands in two rows that differ"),
    ]
    assert len(rules) == 3
    assert [each.ref for each in found.decisions] == [third]


def test_a_nomination_needs_a_reference_that_is_nobodys_number_and_not_on_the_list(
    opened: Published, blank: Blank
) -> None:
    book = blank()
    for row, ref in enumerate([None, "A999000024001", "p0123456789abcdef", opened.listed[0], "007"], start=1):
        book.nominate(row, reference=ref, school="Alder Lane School", why="Worried")
    found = read(book, opened)
    assert [(row - HEADINGS, rule) for row, _, rule in faults(found)] == [
        (1, "something is filled in, and no reference says for whom"),
        (2, "it looks like a pupil's number"),
        (3, "it looks like a pupil's number"),
        (4, "this pupil is on the list"),
    ]
    assert [each.ref for each in found.nominations] == ["007"]


def test_what_is_filled_in_on_the_pages_beside_the_list_comes_back_too(
    opened: Published, blank: Blank
) -> None:
    book = blank()
    register = book.book["Placements"]
    route, since = (book.place("Placements", heading) for heading in ("Route", "Since"))
    (first, ref), *others = [
        (row, str(register.cell(row, 1).value))
        for row in range(HEADINGS + 1, register.max_row + 1)
        if register.cell(row, 1).value
    ]
    for row, _ in [(first, ref), *others]:
        book.put("Placements", row, "Reintegration: what is planned, by when", f"Plan {row}")
        book.put("Placements", row, "Reviewed on", "3/2/2026")
    shown = [row for row in book.book["Shown, not scored"].iter_rows(min_row=HEADINGS + 1) if row[0].value]
    book.put("Shown, not scored", shown[0][0].row or 0, "Agreed action", "College visit")
    found = read(book, opened)
    assert found.faults == ()
    placed = {each.ref: each.answers for each in found.answers["placements"]}
    assert len(placed) == 1 + len(others), "a pupil may have two placements"
    key = f"{ref} {register.cell(first, route).value} {register.cell(first, since).value}"
    assert placed[key] == {"reintegration": f"Plan {first}", "reviewed_on": "2026-02-03"}
    assert [(each.ref, each.answers) for each in found.answers["shown"]] == [
        (shown[0][0].value, {"action": "College visit"})
    ]


def test_a_pupil_whose_row_was_deleted_is_counted(opened: Published, blank: Blank) -> None:
    book = blank()
    sheet, row = book.row(opened.listed[0])
    book.book[sheet].delete_rows(row)
    assert read(book, opened).absent == 1


def test_a_workbook_of_another_issue_is_refused(opened: Published, blank: Blank) -> None:
    book = blank()
    for cell in (row[0] for sheet in book.book for row in sheet.iter_rows(max_col=1)):
        if cell.value in opened.places:
            cell.value = "222-222-222"
    with pytest.raises(InputRefused, match="it is the workbook of another issue"):
        read(book, opened)


@pytest.mark.parametrize("heading", ["Reference", "Agreed action", "Review date"])
def test_a_deleted_column_refuses_the_workbook(heading: str, opened: Published, blank: Blank) -> None:
    book = blank()
    book.book["Also consider"].delete_cols(book.place("Also consider", heading))
    with pytest.raises(InputRefused, match=f"'Also consider' has lost the column '{heading}'"):
        read(book, opened)


def test_every_column_deleted_at_once_is_not_taken_for_another_page(opened: Published, blank: Blank) -> None:
    book = blank()
    book.book["Also consider"].delete_cols(5, 30)
    with pytest.raises(InputRefused, match="has lost the column"):
        read(book, opened)


def test_a_column_twice_or_a_sheet_gone_refuses_the_workbook(opened: Published, blank: Blank) -> None:
    book = blank()
    book.book["Also consider"].cell(HEADINGS, 60).value = "Agreed action"
    with pytest.raises(InputRefused, match="'Agreed action' twice"):
        read(book, opened)
    book = blank()
    del book.book["Nominations"]
    with pytest.raises(InputRefused, match="no sheet for nominations"):
        read(book, opened)


@pytest.mark.parametrize("data", [b"", b"not a workbook", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_workbook_is_refused(data: bytes) -> None:
    with pytest.raises(InputRefused, match="no Excel workbook"):
        filled(data)


def test_a_damaged_workbook_and_one_that_unpacks_to_too_much_are_refused(blank: Blank) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as parts:
        parts.writestr("xl/workbook.xml", "<broken")
    with pytest.raises(InputRefused, match="cannot be read"):
        filled(memory.getvalue())
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", b"\0" * (101 * 1024 * 1024))
    with pytest.raises(InputRefused, match="unpacks to more than 100 MB"):
        filled(memory.getvalue())


def test_a_sheet_with_endless_rows_is_refused_at_once(opened: Published, blank: Blank) -> None:
    book = blank()
    book.book["Nominations"].cell(1_000_000, 1).value = " "
    with pytest.raises(InputRefused, match="Delete the empty rows"):
        read(book, opened)


LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Cn"])
OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
HOSTILE = (
    "=1+1",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "O'Brien",
    "007",
    "مدرسة النور",
    "🙂👩‍👩‍👧",
    "../../etc/passwd",
    "C:\\x\\y",
    "&amp; & Co",
    "two\nlines\tand a tab",
    "x" * 32_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:12])
def test_hostile_text_reads_back(text: str, opened: Published, blank: Blank) -> None:
    ref = opened.listed[0]
    book = blank().fill(ref, own_view=text, action=text, owner=text, why_not=text)
    book.nominate(1, reference=text[:200], why=text, school=text)
    found = read(book, opened)
    assert found.faults == ()
    assert set(found.decisions[0].answers.values()) == {text}
    assert found.nominations[0].ref == text[:200]
    assert found.nominations[0].answers == {"why": text, "school": text}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(LETTERS, max_size=60), min_size=30, max_size=30))
@example(texts=["\u202eRTL", "\u200b", "a\u2066b"] * 10)
@example(texts=["\u202e", "", "_x000D_"] * 10)
def test_any_text_reads_back(texts: list[str], opened: Published, blank: Blank) -> None:
    names, book = ("own_view", "action", "owner"), blank()
    wanted = {}
    for place, ref in enumerate(opened.listed):
        typed = dict(zip(names, texts[3 * place :], strict=False))
        book.fill(ref, **typed)
        wanted[ref] = {name: said for name, text in typed.items() if (said := shown(text))}
    found = read(book, opened)
    assert found.faults == ()
    assert {each.ref: each.answers for each in found.decisions} == {
        ref: answers for ref, answers in wanted.items() if answers
    }


def shown(text: str) -> str:
    """What a page can show of it; what Excel writes for a carriage return is none, whoever typed it."""
    return text.replace("_x000D_", "").translate(OVERRIDES).strip()


def test_a_carriage_return_that_excel_wrote_is_no_text(opened: Published, blank: Blank) -> None:
    found = read(blank().fill(opened.listed[0], action="one_x000D_\ntwo"), opened)
    assert found.decisions[0].answers == {"action": "one\ntwo"}


def test_a_workbook_saved_by_libreoffice_reads_the_same(
    opened: Published, blank: Blank, tmp_path: Path, program: Callable[..., str]
) -> None:
    office = program("soffice", "libreoffice")
    book = blank()
    for number, ref in enumerate(opened.listed):
        book.fill(
            ref,
            own_view=HOSTILE[number % len(HOSTILE)],
            discussed_on=MET,
            review_date=[dt.datetime(2026, 10, 3), "3/10/2026", 46298][number % 3],
            closed_on=[None, dt.datetime(2026, 2, 3), "3/2/2026"][number % 3],
            agree="Agree",
            action=f"Plan {number}",
        )
    book.nominate(1, reference="007", school="O'Brien's", why="=1+1", discussed_on=MET)
    before = read(book, opened)
    assert len(before.decisions) == len(opened.listed)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "panel.xlsx").write_bytes(book.data)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    saved = ["--convert-to", "xlsx", "--outdir", str(tmp_path / "out"), str(tmp_path / "in" / "panel.xlsx")]
    subprocess.run([office, profile, "--headless", *saved], check=True, capture_output=True, timeout=180)
    data = (tmp_path / "out" / "panel.xlsx").read_bytes()
    assert data != book.data
    after = understand(filled(data), opened)
    assert {each.ref: each.answers for each in after.decisions} == {
        each.ref: each.answers for each in before.decisions
    }
    rules = openpyxl.load_workbook(io.BytesIO(data))["Also consider"].data_validations.dataValidation
    assert any("Not discussed" in str(rule.formula1) for rule in rules), "the drop-downs are still there"
    closed = openpyxl.utils.get_column_letter(book.place("Also consider", "Action closed on"))
    assert any(rule.type == "date" and str(rule.sqref).startswith(closed) for rule in rules)
    assert {each.answers["closed_on"] for each in after.decisions if "closed_on" in each.answers} == {
        "2026-02-03"
    }
