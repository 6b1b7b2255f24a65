"""panel.xlsx: the workbook in which a panel reads, decides and records."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from earlywarning.files import write_whole
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
    Column,
)
from earlywarning.watchlist.cover import ABOUT, BAND_WORDS, INVENTED, cover
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.notes import (
    HAND_OVER_NOTE,
    nominations_note,
    not_assessed_note,
    register_note,
    shown_note,
    since_note,
)
from earlywarning.watchlist.outputs.book import HEADER_ROW, LINE, Book, can_be_chosen
from earlywarning.watchlist.rows import BANDS, Band, Placed

COVER_WIDTH = 84  # at which it fits across A4 in the wider letters of a machine without Arial
PRINT_SCALE = 65  # per cent, at which either half of a pupil's columns fits across A4, without Arial too


def write(issue: Issue, path: Path) -> None:
    """Nothing; writes the workbook to ``path``, the same bytes for the same issue.

    Every text is written as text, so that no cell becomes a formula or a link.
    """
    memory = io.BytesIO()  # no copy with pupils in it is left in the machine's temporary folder
    book = Book(issue, memory)
    _cover(book)
    _context(book)
    for band in BANDS:
        _pupils(book, band)
    _nominations(book)
    if issue.since:
        _listing(book, "Since the last list", since_note(issue.since), issue.since.left, LEFT)
    listed = Column("On the list as well?", 12, issue.where)
    _listing(book, "Placements", register_note(issue), issue.register, (listed, *REGISTER))
    _listing(
        book,
        "Permanent exclusions in progress",
        f"{len(issue.in_progress):,} pupils. These pupils are not scored and not on the list.",
        issue.in_progress,
        IN_PROGRESS,
        name="Perm. exclusions in progress",
    )
    if issue.shown_of:
        _listing(book, "Shown, not scored", shown_note(issue), issue.shown, SHOWN)
    _listing(book, "Not assessed, and why", not_assessed_note(issue), issue.not_assessed, NOT_ASSESSED)
    if issue.hand_over:
        _hand_over(book)
    book.close()
    write_whole(path, memory.getvalue())


def _cover(book: Book) -> None:
    """The sheet a reader opens first."""
    sheet = book.sheet("Read me first")
    sheet.set_portrait()
    sheet.set_column(0, 0, COVER_WIDTH)
    sheet.hide_gridlines(2)
    lines = [(book.issue.title, book.title), (book.issue.marking, book.text)]
    if book.issue.synthetic:
        lines.append((INVENTED, book.banner))
    new_page = 0
    for section in cover(book.issue):
        if section.heading == ABOUT:
            new_page = len(lines)
        lines.append((section.heading, book.section))
        lines += [(line, book.text) for line in section.paragraphs]
        lines += [(f"• {point}", book.text) for point in section.points]
    sheet.set_print_scale(100)
    sheet.set_h_pagebreaks([new_page])  # what a panel needs is on one page, where it comes from on the next
    for row, (line, look) in enumerate(lines):
        least = 30 if look in (book.section, book.banner) else LINE
        book.row(sheet, row, [line], [COVER_WIDTH], look, least)


def _context(book: Book) -> None:
    """The counts by school, year group, ward and what else the study tells."""
    headings = (
        ("Area", 26),
        ("By", 14),
        ("Name", 44),
        ("On roll", 10),
        ("Assessed", 10),
        ("Suspensions visible for", 13),
        ("Suspended in the last three terms", 17),
        ("Share suspended", 11),
        ("On this list", 10),
    )
    note = "Look here before you look at any pupil. Small counts are shown: they are for this panel alone."
    sheet = book.table("In context", "In context", note, headings)
    for row, line in enumerate(book.issue.context, HEADER_ROW + 1):
        for column, text in enumerate((book.issue.area_name(line.area), line.kind, line.name)):
            book.write(sheet, row, column, text, book.cell)
        for column, count in enumerate((line.on_roll, line.assessed, line.visible, line.suspended), 3):
            sheet.write_number(row, column, count, book.number)
        if line.visible:
            sheet.write_number(row, 7, line.suspended / line.visible, book.share)
        else:
            book.write(sheet, row, 7, "not visible", book.cell)
        sheet.write_number(row, 8, line.listed, book.number)
    sheet.autofilter(HEADER_ROW, 0, HEADER_ROW + max(len(book.issue.context), 1), len(headings) - 1)


def _pupils(book: Book, band: Band) -> None:
    """One band's pupils, what there is to read left of what there is to fill in."""
    pupils = book.issue.in_band(band)
    read = (*PLACE, _area(book, 12), *SINCE, *VIEW, *REASONS)
    columns = (*read, *LOOK_FURTHER, *DECISION)
    note = f"{BAND_WORDS[band].capitalize()}. Ordered by area, school and year, not by need."
    sheet = book.table(band.capitalize(), band.capitalize(), note, _headings(columns), len(PLACE))
    for row, pupil in enumerate(pupils, HEADER_ROW + 1):
        book.fill(sheet, row, columns, pupil)
    last = HEADER_ROW + max(len(pupils), 1)
    book.choices(sheet, columns, last)
    sheet.autofilter(HEADER_ROW, 0, last, len(columns) - 1)
    sheet.freeze_panes(HEADER_ROW + 1, len(PLACE))
    # On paper: what to read on one page, what to decide on the next, the place repeated on both.
    sheet.repeat_columns(0, len(PLACE) - 1)
    sheet.set_v_pagebreaks([len(read)])
    sheet.set_print_scale(PRINT_SCALE)


def _nominations(book: Book) -> None:
    """As many blank rows as places are kept for pupils who are missing from the list."""
    names = tuple(area.name for area in book.issue.areas)
    areas = names if can_be_chosen(names) else ()
    columns = [replace(c, choices=areas) if c.heading == "Area" else c for c in NOMINATION_COLUMNS]
    title = "Nominations: not listed, but should be"
    sheet = book.table("Nominations", title, nominations_note(book.issue), _headings(columns))
    kept = sum(area.nominations for area in book.issue.areas)
    for row in range(HEADER_ROW + 1, HEADER_ROW + 1 + kept):
        book.fill(sheet, row, columns, None)
    book.choices(sheet, columns, HEADER_ROW + max(kept, 1))


def _listing(
    book: Book, title: str, note: str, rows: Sequence[Placed], further: Sequence[Column], name: str = ""
) -> None:
    """A sheet with a row a pupil: the place, and what ``further`` columns say or leave to fill in."""
    columns = (*PLACE, _area(book, 22), *further)
    sheet = book.table(name or title, title, note, _headings(columns))
    for row, one in enumerate(book.issue.in_order(rows), HEADER_ROW + 1):
        book.fill(sheet, row, columns, one, LINE)
    book.choices(sheet, columns, HEADER_ROW + max(len(rows), 1))


def _hand_over(book: Book) -> None:
    """A blank sheet for one child, to be copied for each whose parents agree."""
    columns = (Column("What is asked", 46, str), Column("What was agreed", 86))
    sheet = book.table("Hand-over sheet", "Hand-over to the new school", HAND_OVER_NOTE, _headings(columns))
    for row, prompt in enumerate(book.issue.hand_over, HEADER_ROW + 1):
        book.fill(sheet, row, columns, prompt)


def _area(book: Book, width: float) -> Column:
    return Column("Area", width, lambda row: book.issue.area_name(row.area))


def _headings(columns: Iterable[Column]) -> list[tuple[str, float]]:
    return [(column.heading, column.width) for column in columns]
