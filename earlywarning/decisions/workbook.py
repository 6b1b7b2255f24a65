"""A filled workbook, opened: its sheets to fill in, found by what stands in their headings."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from earlywarning.decisions.cells import Seen
from earlywarning.decisions.form import FORMS, Form, plain
from earlywarning.errors import InputRefused

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LARGEST = 100 * 1024 * 1024  # bytes, unpacked: a panel's workbook has about one
MOST_ROWS = 20_000
HEADINGS_WITHIN = 50  # rows from the top
_TITLES = {plain(title): (title, form) for form in FORMS for title in form.titles}


@dataclass(frozen=True)
class Row:
    """A row with something in it: where it stands, and its cells by heading."""

    sheet: str
    number: int
    cells: Mapping[str, Seen] = field(repr=False)


@dataclass(frozen=True)
class Filled:
    """A workbook as it came back: rows by their form. ``epoch`` is the day it counts dates from."""

    rows: Mapping[str, tuple[Row, ...]] = field(repr=False)
    epoch: dt.datetime


def filled(data: bytes, without: Sequence[str] = ()) -> Filled:
    """The rows of the sheets that a panel fills in, wherever these stand now.

    ``without`` are headings that the issue's own workbook has not, being older than they are.

    Raises:
        InputRefused: it is no workbook, or a sheet or a column that was there to be filled in is gone.
    """
    _refuse_strange(data)
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(data))
    except Exception as error:  # noqa: BLE001 - openpyxl raises whatever its parsers meet; text stays out
        raise InputRefused(
            f"The workbook cannot be read ({type(error).__name__}): it is damaged, or no .xlsx. Open it, "
            "save it as an Excel workbook (.xlsx) and import that."
        ) from None
    rows: dict[str, list[Row]] = {}
    for number, sheet in enumerate(book.worksheets, start=1):
        form = _form(sheet)
        if form is not None:
            known = _TITLES.get(plain(sheet.title))
            title = known[0] if known else f"number {number}"  # renamed by hand, it may name anybody
            wanted = [heading for heading in form.headings if heading not in without]
            rows.setdefault(form.name, []).extend(_rows(sheet, title, form.key, wanted))
    lost = [form.called for form in FORMS if form.needed and form.name not in rows]
    if lost:
        raise InputRefused(
            f"The workbook has no sheet for {' and none for '.join(lost)}: it was deleted, or its headings "
            "were, or this is another workbook. Nothing was kept. Put it back from the issue's own "
            "panel.xlsx and import again."
        )
    return Filled({name: tuple(found) for name, found in rows.items()}, book.epoch)


def _refuse_strange(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise InputRefused(
            "The file is no Excel workbook (.xlsx). Open it where it was filled in, save it as one, and "
            "import that."
        ) from None
    if unpacked > LARGEST:
        raise InputRefused(
            f"The workbook unpacks to more than {LARGEST // 1024**2} MB; a panel's has about one. Copy what "
            "was filled in to the issue's own panel.xlsx and import that."
        )


def _form(sheet: Worksheet) -> Form | None:
    """What is filled in on a sheet; None where nothing is."""
    here = {heading for found in _heads(sheet) for heading in found}
    for form in FORMS:
        if here & {plain(heading) for heading in form.own}:
            return form
    known = _TITLES.get(plain(sheet.title))
    return known[1] if known else None


def _heads(sheet: Worksheet) -> Iterator[list[str]]:
    """The first rows, as headings are compared."""
    for row in sheet.iter_rows(max_row=min(HEADINGS_WITHIN, sheet.max_row)):
        yield [plain(str(cell.value)) if cell.value is not None else "" for cell in row]


def _rows(sheet: Worksheet, title: str, key: str, headings: Sequence[str]) -> Iterator[Row]:
    """The rows of a sheet, those too that sorting has put above the headings."""
    if sheet.max_row > MOST_ROWS:
        raise InputRefused(
            f"Sheet '{title}' has {sheet.max_row:,} rows. Delete the empty rows under the last pupil, save "
            "and import again. Nothing was kept."
        )
    head, places = _places(sheet, title, headings)
    merged = {
        (row, column)
        for area in sheet.merged_cells.ranges
        if area.max_row > area.min_row
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number == head:
            continue
        found = {
            heading: Seen(None, "m")
            if (number, place + 1) in merged
            else Seen(cells[place].value, cells[place].data_type)
            for heading, place in places.items()
        }
        filled_in = [heading for heading, cell in found.items() if not cell.empty]
        if filled_in and (number > head or (key in filled_in and len(filled_in) > 1)):
            yield Row(title, number, found)


def _places(sheet: Worksheet, title: str, headings: Sequence[str]) -> tuple[int, dict[str, int]]:
    """The row of headings, and where each stands in it.

    Raises:
        InputRefused: naming those that are gone, or stand twice.
    """
    wanted = {plain(heading): heading for heading in headings}
    head, row = max(enumerate(_heads(sheet), start=1), key=lambda found: len(wanted.keys() & set(found[1])))
    if lost := [f"'{heading}'" for low, heading in wanted.items() if low not in row]:
        raise InputRefused(
            f"Sheet '{title}' has lost the column {', '.join(lost)}. Nothing was kept. Put it and its "
            "heading back (the issue's own panel.xlsx has it) and import again."
        )
    if twice := [f"'{heading}'" for low, heading in wanted.items() if row.count(low) > 1]:
        raise InputRefused(
            f"Sheet '{title}' has the column {', '.join(twice)} twice. Nothing was kept. Leave one of them "
            "and import again."
        )
    return head, {heading: row.index(low) for low, heading in wanted.items()}
