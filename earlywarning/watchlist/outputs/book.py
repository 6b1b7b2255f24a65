"""A workbook under way: how things look in it, how rows are written, and what a cell may hold."""

from __future__ import annotations

import datetime as dt
import io
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from earlywarning.explain.phrases import say
from earlywarning.watchlist.columns import LONGEST_OPEN, Column
from earlywarning.watchlist.cover import INVENTED
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.printable import printable

LONGEST = 32_000  # a cell holds 32,767 characters
LONGEST_CHOICES = 255  # of a drop-down, all of them together
HEADER_ROW = 2
FONT = {"font_name": "Arial", "font_size": 10}
LINE = 13.0  # points that a line of it needs
TALLEST = 409.0  # points: no row can be taller
ROOM_TO_WRITE = 48.0  # points: a hand needs space


class Book:
    """A workbook under way: its sheets in order, and how things look in it."""

    def __init__(self, issue: Issue, memory: io.BytesIO) -> None:
        """An empty workbook that is written to ``memory``."""
        self.issue = issue
        self.workbook: Workbook = xlsxwriter.Workbook(
            memory, {"in_memory": True, "default_format_properties": dict(FONT)}
        )
        self.workbook.set_properties(
            {
                "title": printable(issue.title),
                "comments": INVENTED if issue.synthetic else printable(issue.marking),
                "created": dt.datetime.combine(issue.extracted_on, dt.time()),
            }
        )
        self.plain = self._format()
        self.text = self._format(text_wrap=True, valign="top")
        self.cell = self._format(text_wrap=True, valign="top", border=1)
        self.date = self._format(text_wrap=True, valign="top", border=1, num_format="d mmm yyyy")
        self.number = self._format(valign="top", border=1, num_format="#,##0")
        self.share = self._format(valign="top", border=1, num_format="0%")
        self.head = self._format(bold=True, text_wrap=True, valign="top", border=1, bg_color="#F3F2F1")
        self.title = self._format(bold=True, font_size=14)
        self.section = self._format(bold=True, font_size=12, valign="bottom")
        self.banner = self._format(bold=True, text_wrap=True, valign="vcenter", border=2)

    def close(self) -> None:
        """Nothing; finishes the file in memory."""
        self.workbook.close()

    def sheet(self, name: str) -> Worksheet:
        """A sheet for A4, with the marking on every page."""
        sheet = self.workbook.add_worksheet(name)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        invented = "   INVENTED DATA" if self.issue.synthetic else ""
        sheet.set_header(f"&L{_in_margin(self.issue.marking)}{invented}&R&A")
        sheet.set_footer(f"&L{_in_margin(self.issue.title)}&RPage &P of &N")
        return sheet

    def table(
        self, name: str, title: str, note: str, headings: Sequence[tuple[str, float]], note_at: int = 0
    ) -> Worksheet:
        """A sheet with a title, a note and a row of headings that stays in view and on every page."""
        sheet = self.sheet(name)
        sheet.set_landscape()
        self.write(sheet, 0, 0, f"{title} (INVENTED DATA)" if self.issue.synthetic else title, self.title)
        self.write(sheet, 1, note_at, note, self.plain)
        for column, (_, width) in enumerate(headings):
            sheet.set_column(column, column, width)
        names, widths = zip(*headings, strict=True)
        self.row(sheet, HEADER_ROW, names, widths, self.head)
        sheet.repeat_rows(HEADER_ROW)
        sheet.freeze_panes(HEADER_ROW + 1, 0)
        return sheet

    def fill(
        self,
        sheet: Worksheet,
        row: int,
        columns: Sequence[Column],
        thing: object,
        least: float = ROOM_TO_WRITE,
    ) -> None:
        """Nothing; writes what the columns say of ``thing`` and leaves the others to fill in."""
        texts = [column.value(thing) if column.value else "" for column in columns]
        self.row(sheet, row, texts, [column.width for column in columns], least=least)
        for place, column in enumerate(columns):
            if column.value is None:
                sheet.write_blank(row, place, None, self.date if column.date else self.cell)

    def choices(self, sheet: Worksheet, columns: Sequence[Column], last: int) -> None:
        """Nothing; holds the rows up to ``last`` to the choices and dates of the columns."""
        for place, column in enumerate(columns):
            rule: dict[str, Any] = {"error_title": column.heading}
            if column.choices:
                rule |= {
                    "validate": "list",
                    "source": list(column.choices),
                    "error_type": "stop" if column.strict else "information",
                    "error_message": f"Choose one of: {', '.join(column.choices)}.",
                }
            elif column.date:
                first = self.issue.as_of_date - (LONGEST_OPEN if column.past else dt.timedelta())
                rule |= {
                    "validate": "date",
                    "criteria": ">=",
                    "value": first,
                    "error_message": f"A date from {say(first)} on.",
                }
            if "validate" in rule:
                sheet.data_validation(HEADER_ROW + 1, place, last, place, rule)

    def row(
        self,
        sheet: Worksheet,
        row: int,
        texts: Sequence[str],
        widths: Sequence[float],
        look: Format | None = None,
        least: float = LINE,
    ) -> None:
        """Nothing; writes a row of texts and makes it as high as the longest of them needs."""
        lines = max(_lines_needed(text, width) for text, width in zip(texts, widths, strict=True))
        sheet.set_row(row, min(max(lines * LINE + 2, least), TALLEST))
        for column, text in enumerate(texts):
            self.write(sheet, row, column, text, look or self.cell)

    def write(self, sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
        """Nothing; writes text as text, so that no cell becomes a formula or a link."""
        text = printable(text)
        sheet.write_string(row, column, text if len(text) <= LONGEST else text[:LONGEST] + " … (cut)", look)

    def _format(self, **look: object) -> Format:
        return self.workbook.add_format({**FONT, "border_color": "#B1B4B6", **look})


def can_be_chosen(names: Sequence[str]) -> bool:
    """Whether a drop-down can hold ``names``: they stand between quotes, with commas, in 255 characters.

    >>> can_be_chosen(["Northfold", "Southmere"]), can_be_chosen(["Fold, North"]), can_be_chosen(['"'])
    (True, False, False)
    """
    whole = ",".join(names)
    return len(whole) <= LONGEST_CHOICES and all(
        printable(name).strip() == name and not set(name) & {",", '"', "\n"} and name for name in names
    )


def _lines_needed(text: str, width: float) -> int:
    """Lines that ``text`` takes in a column of ``width``: spreadsheets do not all fit rows to wrapped text.

    >>> _lines_needed("one two three", 8), _lines_needed("", 8)
    (2, 1)
    """
    shown = "".join("xx" if unicodedata.east_asian_width(letter) in "WF" else letter for letter in text)
    return sum(max(1, len(textwrap.wrap(line, int(width * 1.08)))) for line in shown.split("\n"))


def _in_margin(text: str) -> str:
    # & starts a code in headers and footers, and the whole may have 255 characters.
    return printable(text).replace("\n", " ")[:90].replace("&", "&&")
