"""panel.xlsx: the workbook in which a panel reads, decides and records."""

from __future__ import annotations

import datetime as dt
import io
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from earlywarning.explain.phrases import say
from earlywarning.files import write_whole
from earlywarning.watchlist.columns import (
    DECISION,
    LOOK_FURTHER,
    NOMINATION_COLUMNS,
    PLACE,
    REASONS,
    VIEW,
    Column,
)
from earlywarning.watchlist.cover import BAND_WORDS, INVENTED, cover
from earlywarning.watchlist.issue import BANDS, Band, Issue, ListedPupil
from earlywarning.watchlist.printable import printable

LONGEST = 32_000  # a cell holds 32,767 characters
NOMINATIONS = 15
HEADER_ROW = 2
FONT = {"font_name": "Arial", "font_size": 10}
LINE = 13.0  # points that a line of it needs
TALLEST = 409.0  # points: no row can be taller
ROOM_TO_WRITE = 48.0  # points: a hand needs space
COVER_WIDTH = 92
PRINT_SCALE = 74  # per cent, at which either half of a pupil's columns fits across A4


def write(issue: Issue, path: Path) -> None:
    """Nothing; writes the workbook to ``path``, the same bytes for the same issue.

    Every text is written as text, so that no cell becomes a formula or a link.
    """
    memory = io.BytesIO()  # no copy with pupils in it is left in the machine's temporary folder
    book = Book(issue, memory)
    book.cover()
    book.context()
    for band in BANDS:
        book.pupils(band)
    book.nominations()
    book.not_assessed()
    book.in_progress()
    book.close()
    write_whole(path, memory.getvalue())


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

    def cover(self) -> None:
        """Nothing; adds the sheet a reader opens first."""
        sheet = self._sheet("Read me first")
        sheet.set_portrait()
        sheet.set_column(0, 0, COVER_WIDTH)
        sheet.hide_gridlines(2)
        lines = [(self.issue.title, self.title), (self.issue.marking, self.text)]
        if self.issue.synthetic:
            lines.append((INVENTED, self.banner))
        for section in cover(self.issue):
            last_section = len(lines)
            lines.append((section.heading, self.section))
            lines += [(line, self.text) for line in section.paragraphs]
            lines += [(f"• {point}", self.text) for point in section.points]
        sheet.set_print_scale(100)
        sheet.set_h_pagebreaks([last_section])  # the list of inputs is long: it starts a page
        for row, (line, look) in enumerate(lines):
            least = 30 if look in (self.section, self.banner) else LINE
            self._row(sheet, row, [line], [COVER_WIDTH], look, least)

    def context(self) -> None:
        """Nothing; adds the counts by school and year group."""
        headings = (
            ("Area", 26),
            ("School or year group", 34),
            ("On roll", 10),
            ("Assessed", 10),
            ("Suspensions visible for", 13),
            ("Suspended in the last three terms", 17),
            ("Share suspended", 11),
            ("On this list", 10),
        )
        sheet = self._table("In context", "In context", "Look here before you look at any pupil.", headings)
        for row, line in enumerate(self.issue.context, HEADER_ROW + 1):
            self._write(sheet, row, 0, self.issue.area_name(line.area), self.cell)
            self._write(sheet, row, 1, line.name, self.cell)
            for column, count in enumerate((line.on_roll, line.assessed, line.visible, line.suspended), 2):
                sheet.write_number(row, column, count, self.number)
            if line.visible:
                sheet.write_number(row, 6, line.suspended / line.visible, self.share)
            else:
                self._write(sheet, row, 6, "not visible", self.cell)
            sheet.write_number(row, 7, line.listed, self.number)

    def pupils(self, band: Band) -> None:
        """Nothing; adds one band's pupils, what there is to read left of what there is to fill in."""
        pupils = self.issue.in_band(band)
        area = Column("Area", 13, lambda pupil: self.issue.area_name(pupil.area))
        read = (*PLACE, area, *VIEW, *REASONS)
        columns = (*read, *LOOK_FURTHER, *DECISION)
        note = f"{BAND_WORDS[band].capitalize()}. Ordered by area, school and year, not by need."
        sheet = self._table(band.capitalize(), band.capitalize(), note, _headings(columns), len(PLACE))
        for row, pupil in enumerate(pupils, HEADER_ROW + 1):
            self._fill(sheet, row, columns, pupil)
        last = HEADER_ROW + max(len(pupils), 1)
        self._choices(sheet, columns, last)
        sheet.autofilter(HEADER_ROW, 0, last, len(columns) - 1)
        sheet.freeze_panes(HEADER_ROW + 1, len(PLACE))
        # On paper: what to read on one page, what to decide on the next, the place repeated on both.
        sheet.repeat_columns(0, len(PLACE) - 1)
        sheet.set_v_pagebreaks([len(read)])
        sheet.set_print_scale(PRINT_SCALE)

    def nominations(self) -> None:
        """Nothing; adds blank rows for pupils who are missing from the list."""
        title = "Nominations: not listed, but should be"
        note = (
            "Places are kept for pupils whom a professional would add. No names: this copy is pseudonymous."
        )
        sheet = self._table("Nominations", title, note, _headings(NOMINATION_COLUMNS))
        for row in range(HEADER_ROW + 1, HEADER_ROW + 1 + NOMINATIONS):
            self._fill(sheet, row, NOMINATION_COLUMNS, None)
        self._choices(sheet, NOMINATION_COLUMNS, HEADER_ROW + NOMINATIONS)

    def not_assessed(self) -> None:
        """Nothing; adds the pupils about whom there was not enough information."""
        rows = self.issue.in_order(self.issue.not_assessed)
        note = f"{len(rows):,} pupils. Not assessed does not mean that all is well."
        headings = (("Reference", 14), ("School", 30), ("Year", 9), ("Area", 26), ("Why", 60))
        sheet = self._table("Not assessed, and why", "Not assessed, and why", note, headings)
        for row, one in enumerate(rows, HEADER_ROW + 1):
            values = (one.ref, one.school, one.group, self.issue.area_name(one.area), one.why)
            self._row(sheet, row, values, [width for _, width in headings])

    def in_progress(self) -> None:
        """Nothing; adds the permanent exclusions under way, which are not scored."""
        rows = self.issue.in_order(self.issue.in_progress)
        note = f"{len(rows):,} pupils. These pupils are not scored and not on the list."
        place = (("Reference", 14), ("School", 30), ("Year", 9), ("Area", 26))
        headings = (*place, ("Since", 20), ("Stage", 40))
        sheet = self._table(
            "Perm. exclusions in progress", "Permanent exclusions in progress", note, headings
        )
        for row, one in enumerate(rows, HEADER_ROW + 1):
            area = self.issue.area_name(one.area)
            values = (one.ref, one.school, one.group, area, say(one.since), one.stage)
            self._row(sheet, row, values, [width for _, width in headings])

    def _sheet(self, name: str) -> Worksheet:
        sheet = self.workbook.add_worksheet(name)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        invented = "   INVENTED DATA" if self.issue.synthetic else ""
        sheet.set_header(f"&L{_in_margin(self.issue.marking)}{invented}&R&A")
        sheet.set_footer(f"&L{_in_margin(self.issue.title)}&RPage &P of &N")
        return sheet

    def _table(
        self, name: str, title: str, note: str, headings: Sequence[tuple[str, float]], note_at: int = 0
    ) -> Worksheet:
        """A sheet with a title, a note and a row of headings that stays in view and on every page."""
        sheet = self._sheet(name)
        sheet.set_landscape()
        self._write(sheet, 0, 0, f"{title} (INVENTED DATA)" if self.issue.synthetic else title, self.title)
        self._write(sheet, 1, note_at, note, self.plain)
        for column, (_, width) in enumerate(headings):
            sheet.set_column(column, column, width)
        names, widths = zip(*headings, strict=True)
        self._row(sheet, HEADER_ROW, names, widths, self.head)
        sheet.repeat_rows(HEADER_ROW)
        sheet.freeze_panes(HEADER_ROW + 1, 0)
        return sheet

    def _fill(self, sheet: Worksheet, row: int, columns: Sequence[Column], pupil: ListedPupil | None) -> None:
        texts = [column.value(pupil) if column.value and pupil else "" for column in columns]
        self._row(sheet, row, texts, [column.width for column in columns], least=ROOM_TO_WRITE)
        for place, column in enumerate(columns):
            if column.value is None:
                sheet.write_blank(row, place, None, self.date if column.date else self.cell)

    def _choices(self, sheet: Worksheet, columns: Sequence[Column], last: int) -> None:
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
                rule |= {
                    "validate": "date",
                    "criteria": ">=",
                    "value": self.issue.as_of_date,
                    "error_message": f"A date from {say(self.issue.as_of_date)} on.",
                }
            if "validate" in rule:
                sheet.data_validation(HEADER_ROW + 1, place, last, place, rule)

    def _row(
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
            self._write(sheet, row, column, text, look or self.cell)

    def _write(self, sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
        text = printable(text)
        sheet.write_string(row, column, text if len(text) <= LONGEST else text[:LONGEST] + " … (cut)", look)

    def _format(self, **look: object) -> Format:
        return self.workbook.add_format({**FONT, "border_color": "#B1B4B6", **look})


def _headings(columns: Iterable[Column]) -> list[tuple[str, float]]:
    return [(column.heading, column.width) for column in columns]


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
