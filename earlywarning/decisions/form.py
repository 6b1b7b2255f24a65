"""What a panel fills in, field by field: its name in the record, and its column on the sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from earlywarning.watchlist.columns import DECISION, NOMINATION_COLUMNS, PLACE, VIEW, Column

_COLUMNS = {column.heading: column for column in (*NOMINATION_COLUMNS, *VIEW, *DECISION)}


@dataclass(frozen=True)
class Field:
    """One thing that is filled in: called ``name`` in the record of decisions."""

    name: str
    column: Column

    @property
    def heading(self) -> str:
        """The column's heading."""
        return self.column.heading


REFERENCE = PLACE[0].heading
FIELDS = tuple(
    Field(name, _COLUMNS[heading])
    for name, heading in (
        ("own_view", "Your own view (before you read on)"),
        ("discussed_on", "Discussed on"),
        ("action", "Agreed action"),
        ("owner", "Owner"),
        ("review_date", "Review date"),
        ("agree", "Agree with listing?"),
        ("why_not", "If not, why"),
    )
)
"""What is filled in for a pupil on the list."""
NOMINATION_FIELDS = tuple(
    Field(name, _COLUMNS[heading])
    for name, heading in (
        ("reference", "Your reference (no names)"),
        ("school", "School"),
        ("year", "Year"),
        ("area", "Area"),
        ("in_place", "Already in place"),
        ("why", "Why this pupil should be talked about"),
        ("nominated_by", "Nominated by"),
        ("discussed_on", "Discussed on"),
        ("action", "Agreed action"),
        ("owner", "Owner"),
        ("review_date", "Review date"),
    )
)
"""What is filled in for a pupil who is not on the list but should be."""


def plain(text: str) -> str:
    r"""A heading, or the name of a sheet, as it is compared: however it was spaced, in capitals or not.

    >>> plain(" Agreed\n ACTION ") == plain("Agreed action")
    True
    """
    return re.sub(r"\s+", " ", text).strip().casefold()
