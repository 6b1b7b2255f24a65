"""What the panel's sheets hold, column by column: what there is to read, and what there is to fill in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from earlywarning.explain.phrases import say
from earlywarning.explain.reasons import Reason
from earlywarning.watchlist.rows import ListedPupil

SUPPORTED = ("Enough in place", "More is needed", "Nothing in place", "Not known")
"""No choice holds a comma: a workbook would read it as two."""
LONGEST_OPEN = dt.timedelta(days=2 * 366)
"""How long before an issue's day an action may have been closed that is still open on it."""
AGREE = ("Agree", "Disagree", "Not discussed")
WHY_NOT = (
    "Already well supported",
    "Facts are wrong or out of date",
    "Doing well now",
    "Another service leads",
    "Other (please say)",
)


@dataclass(frozen=True)
class Column:
    """One column of a sheet of rows; ``value`` fills it, or the panel does where there is none.

    A ``date`` lies on or after the issue's day; one that is ``past`` may lie before it, not in the future.
    """

    heading: str
    width: float
    value: Callable[[Any], str] | None = None
    choices: tuple[str, ...] = ()
    strict: bool = False
    date: bool = False
    past: bool = False


def _reasons(reasons: Iterable[Reason]) -> str:
    return _lines(
        f"{reason.theme.capitalize()}: {reason.sentence} {reason.usual}".rstrip() for reason in reasons
    )


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(f"• {line}" for line in lines)


def _in_place(pupil: ListedPupil) -> str:
    return _lines([*(pupil.in_place or ("Nothing recorded",)), *pupil.facts])


def _not_visible(pupil: ListedPupil) -> str:
    received = [f"{feed} to {say(last)}" for feed, last in pupil.data_to.items() if last is not None]
    return _lines([*pupil.reasons.not_visible, *(["Received: " + "; ".join(received)] if received else [])])


def _since_last(pupil: ListedPupil) -> str:
    return pupil.since_last or "No list before this one"


PLACE = (
    Column("Reference", 14, lambda row: row.ref),
    Column("School", 18, lambda row: row.school),
    Column("Year", 8, lambda row: row.group),
)
SINCE = (Column("Since last list", 13, _since_last),)
VIEW = (
    Column("Already in place", 21, _in_place),
    Column("Already supported?", 12, choices=SUPPORTED, strict=True),
    Column("Your own view (before you read on)", 21),
)
REASONS = (
    Column("Points towards talking", 36, lambda pupil: _reasons(pupil.reasons.raises)),
    Column("Points the other way", 25, lambda pupil: _reasons(pupil.reasons.lowers)),
)
LOOK_FURTHER = (
    Column("Not visible", 22, _not_visible),
    Column("Questions worth asking", 25, lambda pupil: _lines(pupil.reasons.questions)),
)
CLOSED = Column("Action closed on", 11, date=True, past=True)
DECISION = (
    Column("Discussed on", 11, date=True),
    Column("Agreed action", 22),
    Column("Owner", 12),
    Column("Review date", 11, date=True),
    CLOSED,
    Column("Agree with listing?", 11, choices=AGREE, strict=True),
    Column("If not, why", 15, choices=WHY_NOT),
)
NOMINATION_COLUMNS = (
    Column("Your reference (no names)", 14),
    Column("School", 20),
    Column("Year", 8),
    Column("Area", 13),
    Column("Already in place", 24),
    Column("Why this pupil should be talked about", 46),
    Column("Nominated by", 16),
    *DECISION[:5],
)
REGISTER = (
    Column("Route", 20, lambda row: row.route.capitalize()),
    Column("Setting", 20, lambda row: row.setting.capitalize()),
    Column("Since", 13, lambda row: say(row.since)),
    Column("Weeks out", 8, lambda row: say(row.weeks)),
    Column("Review", 24, lambda row: row.review),
    Column("Reintegration: what is planned, by when", 30),
    Column("Reviewed on", 11, date=True),
    Column("Owner", 12),
)
IN_PROGRESS = (
    Column("Since", 20, lambda row: say(row.since)),
    Column("Stage", 40, lambda row: row.stage),
)
NOT_ASSESSED = (Column("Why", 60, lambda row: row.why),)
LEFT = (Column("Why it is no longer listed", 60, lambda row: row.why.capitalize()),)
SHOWN = (
    Column("What is known", 50, lambda row: _lines(row.facts)),
    Column("Already in place", 30, lambda row: _lines(row.in_place or ("Nothing recorded",))),
    Column("Agreed action", 24),
    Column("Owner", 12),
    CLOSED,
)
