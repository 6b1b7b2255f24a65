"""What a panel fills in, field by field: its name in the record, and its column on the sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from earlywarning.watchlist.columns import (
    CLOSED,
    DECISION,
    NOMINATION_COLUMNS,
    PLACE,
    REGISTER,
    SHOWN,
    VIEW,
    Column,
)
from earlywarning.watchlist.rows import BANDS

_COLUMNS = {column.heading: column for column in (*NOMINATION_COLUMNS, *REGISTER, *SHOWN, *VIEW, *DECISION)}


@dataclass(frozen=True)
class Field:
    """One thing that is filled in: called ``name`` in the record of decisions."""

    name: str
    column: Column

    @property
    def heading(self) -> str:
        """The column's heading."""
        return self.column.heading


@dataclass(frozen=True)
class Form:
    """One kind of sheet that is filled in, called ``name`` in the record of decisions.

    It is known by one of its ``titles``, or by a heading of ``own``, which no other kind has. ``key`` is the
    heading of what says for whom; ``apart`` are headings that tell two rows of one pupil apart. A workbook
    without a sheet that is ``needed`` is refused; ``called`` is how that is said.
    """

    name: str
    called: str
    titles: tuple[str, ...]
    own: tuple[str, ...]
    key: str
    fields: tuple[Field, ...]
    apart: tuple[str, ...] = ()
    needed: bool = False

    @property
    def headings(self) -> tuple[str, ...]:
        """Every column that is read."""
        return (self.key, *self.apart, *(each.heading for each in self.fields))


def _fields(**headings: str) -> tuple[Field, ...]:
    return tuple(Field(name, _COLUMNS[heading]) for name, heading in headings.items())


REFERENCE = PLACE[0].heading
OWN_REFERENCE = "Your reference (no names)"
DECISIONS = Form(
    "decisions",
    "pupils on the list",
    tuple(band.capitalize() for band in BANDS),
    ("Your own view (before you read on)", "Agree with listing?", "If not, why"),
    REFERENCE,
    _fields(
        already_supported="Already supported?",
        own_view="Your own view (before you read on)",
        discussed_on="Discussed on",
        action="Agreed action",
        owner="Owner",
        review_date="Review date",
        closed_on=CLOSED.heading,
        agree="Agree with listing?",
        why_not="If not, why",
    ),
    needed=True,
)
NOMINATIONS = Form(
    "nominations",
    "nominations",
    ("Nominations",),
    (OWN_REFERENCE, "Why this pupil should be talked about", "Nominated by"),
    OWN_REFERENCE,
    _fields(
        school="School",
        year="Year",
        area="Area",
        in_place="Already in place",
        why="Why this pupil should be talked about",
        nominated_by="Nominated by",
        discussed_on="Discussed on",
        action="Agreed action",
        owner="Owner",
        review_date="Review date",
        closed_on=CLOSED.heading,
    ),
    needed=True,
)
PLACEMENTS = Form(
    "placements",
    "placements",
    ("Placements",),
    ("Reintegration: what is planned, by when", "Reviewed on"),
    REFERENCE,
    _fields(
        reintegration="Reintegration: what is planned, by when", reviewed_on="Reviewed on", owner="Owner"
    ),
    apart=("Route", "Since"),
)
SHOWN_ONLY = Form(
    "shown",
    "pupils who are shown and not scored",
    ("Shown, not scored",),
    ("What is known",),
    REFERENCE,
    _fields(action="Agreed action", owner="Owner", closed_on=CLOSED.heading),
)
FORMS = (DECISIONS, NOMINATIONS, PLACEMENTS, SHOWN_ONLY)


def plain(text: str) -> str:
    r"""A heading, or the name of a sheet, as it is compared: however it was spaced, in capitals or not.

    >>> plain(" Agreed\n ACTION ") == plain("Agreed action")
    True
    """
    return re.sub(r"\s+", " ", text).strip().casefold()
