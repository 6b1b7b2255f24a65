"""The copy of the panel's workbook with names in it, marked on every page with whom it is for."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from earlywarning.watchlist.printable import printable

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LINE = 13.0  # points that a line of text needs
TALLEST = 409.0  # points: no row can be taller
MOST_IN_MARGIN = 70  # characters: beside the title and the page number, on an upright page
NAMED = (
    "This copy holds pupils' names. Do not pass it on, and destroy it when the issue is to be destroyed. "
    "It is on record who made it, for whom and why."
)


def marked_copy(workbook: bytes, names: Mapping[str, str], mark: str) -> bytes:
    """The issue's ``workbook`` with each name of ``names`` under its reference, and ``mark`` on every page.

    Sheets, columns, drop-downs and what is printed stay as they are, so that it can be filled in and
    imported like the issue's own.
    """
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(workbook))
    for number, sheet in enumerate(book.worksheets):
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and (name := names.get(cell.value)):
                    _put(sheet, cell.row, cell.column, f"{cell.value}\n{name}")
        if number == 0:
            _mark_cover(sheet, mark)
        _mark(sheet, mark)
    memory = io.BytesIO()
    book.save(memory)
    return memory.getvalue()


def _mark_cover(sheet: Worksheet, mark: str) -> None:
    """Nothing; adds ``mark`` and what it means under the marking, which follows the title of the cover."""
    marking = sheet.cell(2, 1).value or ""
    _put(sheet, 2, 1, f"{marking}\n{mark}.\n{NAMED}".strip())


def _put(sheet: Worksheet, row: int, column: int, text: str) -> None:
    """Nothing; writes ``text`` as text, and makes its row high enough for it."""
    from openpyxl.utils import get_column_letter

    cell = sheet.cell(row, column, printable(text))
    cell.data_type = "s"  # never a formula
    width = int(sheet.column_dimensions[get_column_letter(column)].width * 1.08)
    lines = sum(max(1, len(textwrap.wrap(line, width))) for line in text.split("\n"))
    place = sheet.row_dimensions[row]
    place.height = min(max(place.height or LINE, lines * LINE + 2), TALLEST)


def _mark(sheet: Worksheet, mark: str) -> None:
    """Nothing; adds ``mark`` to what stands at the foot of every page of the sheet, on the left."""
    from openpyxl.worksheet.header_footer import HeaderFooterItem

    short = textwrap.shorten(printable(mark), MOST_IN_MARGIN, placeholder="…")
    footer = sheet.oddFooter or HeaderFooterItem()
    before = f"{footer.left.text} · " if footer.left.text else ""
    footer.left.text = before + short.replace("&", "&&")
    sheet.oddFooter = footer
