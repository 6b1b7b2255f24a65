"""What the panel agreed to offer, a file a school: no band, no reason, nobody without an offer."""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import xlsxwriter

from earlywarning.decisions.listing import Published
from earlywarning.decisions.record import Answers, Recorded
from earlywarning.explain.phrases import say
from earlywarning.watchlist.cover import INVENTED
from earlywarning.watchlist.printable import printable

HEADINGS = (("Reference", 16), ("Year", 10), ("Agreed offer", 60), ("Owner", 24), ("Review date", 18))
PURPOSE = "Offers of help, agreed with people who know the pupil. Never grounds for a sanction or a move."
FONT = {"font_name": "Arial", "font_size": 10}


@dataclass(frozen=True)
class Offer:
    """One agreed offer, as a school may see it."""

    ref: str = field(repr=False)
    group: str
    action: str = field(repr=False)
    owner: str = field(repr=False)
    review_date: str

    def cells(self) -> tuple[str, ...]:
        """The offer in the order of the headings."""
        return (self.ref, self.group, self.action, self.owner, self.review_date)


def offers_by_school(issue: Published, record: Recorded) -> dict[tuple[str, str], tuple[Offer, ...]]:
    """The offers agreed for pupils listed or shown, by area and school, each in the order of the pages.

    A pupil with no agreed action is in none; a nominated pupil has no reference of the issue's and neither.
    """
    found: dict[tuple[str, str], list[Offer]] = {}
    for ref, place in issue.places.items():
        answers = record.with_a_reference.get(ref, {})
        if "action" in answers:
            found.setdefault((place.area, place.school), []).append(_offer(ref, place.group, answers))
    return {school: tuple(offers) for school, offers in sorted(found.items())}


def file_names(schools: Sequence[tuple[str, str]]) -> list[str]:
    """A file name for each area and school: plain letters, each another.

    >>> file_names([("Northfold", "St Dunwich's School"), ("Northfold", "../../etc")])
    ['01-st-dunwich-s-school.xlsx', '02-etc.xlsx']
    """
    return [f"{number:02d}-{_plain(school)}.xlsx" for number, (_, school) in enumerate(schools, start=1)]


def sheet(issue: Published, school: tuple[str, str], offers: Sequence[Offer]) -> bytes:
    """One school's workbook, the same bytes for the same offers; every cell is text."""
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory, {"in_memory": True, "default_format_properties": dict(FONT)})
    # A fixed day: the same offers are the same bytes.
    book.set_properties({"title": "Offers agreed", "created": _midnight(issue)})
    look: Mapping[str, object] = {**FONT, "text_wrap": True, "valign": "top", "border": 1}
    cell, head = book.add_format(look), book.add_format({**look, "bold": True, "bg_color": "#F3F2F1"})
    title, plain = book.add_format({**FONT, "bold": True, "font_size": 14}), book.add_format(FONT)
    page = book.add_worksheet("Offers agreed")
    page.set_paper(9)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_footer(f"&L{printable(issue.marking)[:90].replace('&', '&&')}&RPage &P of &N")
    lines = [
        (f"Offers agreed for {school[1]}", title),
        (f"{issue.marking}. {INVENTED}" if issue.synthetic else issue.marking, plain),
        (f"Agreed by the panel of {say(issue.panel_date)}. Destroy by {say(issue.destroy_after)}.", plain),
        (PURPOSE, plain),
    ]
    for row, (text, style) in enumerate(lines):
        page.write_string(row, 0, printable(text), style)
    for column, (heading, width) in enumerate(HEADINGS):
        page.set_column(column, column, width)
        page.write_string(len(lines) + 1, column, heading, head)
    for row, offer in enumerate(offers, start=len(lines) + 2):
        for column, text in enumerate(offer.cells()):
            page.write_string(row, column, printable(text)[:32_000], cell)
    book.close()
    return memory.getvalue()


def _offer(ref: str, group: str, answers: Answers) -> Offer:
    due = answers.get("review_date")
    return Offer(
        ref,
        group,
        answers["action"],
        answers.get("owner", ""),
        say(dt.date.fromisoformat(due)) if due else "",
    )


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:60] or "school"


def _midnight(issue: Published) -> dt.datetime:
    return dt.datetime.combine(issue.panel_date, dt.time())
