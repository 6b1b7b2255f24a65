"""What stands in one cell of a filled workbook, whoever typed it and whatever saved it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from earlywarning.explain.phrases import say
from earlywarning.watchlist.columns import LONGEST_OPEN, Column
from earlywarning.watchlist.printable import printable

_RETURN = "_x000D_"  # how Excel writes a carriage return, and openpyxl leaves it
WRITTEN = "a date such as 3 October 2026 or 3/10/2026, day first"


@dataclass(frozen=True)
class Seen:
    """A cell as it was read. ``kind`` is openpyxl's (s, n, d, b, e, f), or m: merged with another row."""

    value: Any
    kind: str = "s"

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return self.kind != "m" and (self.value is None or not str(self.value).strip())


@dataclass(frozen=True)
class Dates:
    """The days that a date may be, and the day that a spreadsheet counts from.

    What is over by ``today`` may lie before ``first``.
    """

    first: dt.date
    last: dt.date
    epoch: dt.datetime
    today: dt.date

    def of(self, column: Column) -> tuple[dt.date, dt.date]:
        """The first and the last day that may stand in a column."""
        return (self.first - LONGEST_OPEN, self.today) if column.past else (self.first, self.last)


class NotUnderstood(ValueError):
    """A cell that cannot be read: the ``rule`` it breaks, and what is ``allowed``. Its text is not kept."""

    def __init__(self, rule: str, allowed: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.allowed = allowed


def understood(cell: Seen, column: Column, dates: Dates) -> str:
    """What the cell says: text, one of the column's choices, or a date as 2026-10-03; "" for nothing.

    Raises:
        NotUnderstood: it is a formula, an error, merged, no date or none that can be meant, no choice.
    """
    if cell.empty:
        return ""
    refuse_unreadable(cell)
    if column.date:
        return _date(cell.value, dates.epoch, *dates.of(column)).isoformat()
    said = text(cell.value)
    return _choice(said, column) if column.choices else said


def refuse_unreadable(cell: Seen) -> None:
    """Nothing; raises :class:`NotUnderstood` for a formula, an error and a cell merged with other rows."""
    if cell.kind == "f":
        raise NotUnderstood("it holds a formula", "the text or the date itself")
    if cell.kind == "e":
        raise NotUnderstood("it holds an error of the spreadsheet", "the text or the date itself")
    if cell.kind == "m":
        raise NotUnderstood("it is merged with cells of other rows", "a cell of its own for each pupil")


def text(value: Any) -> str:
    """What was typed, as text: 7 and not 7.0, a date as people say it, nothing that no page can show.

    >>> text(7.0), text(" O'Brien "), text(True)
    ('7', "O'Brien", 'Yes')
    """
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.datetime | dt.date):
        return say(value.date() if isinstance(value, dt.datetime) else value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return printable(str(value).replace(_RETURN, "")).strip()


def _choice(said: str, column: Column) -> str:
    typed = re.sub(r"\s+", " ", said).rstrip(" .!").casefold()
    for choice in column.choices:
        if typed == choice.casefold():
            return choice
    if column.strict:
        raise NotUnderstood("it is not one of the choices", ", ".join(column.choices))
    return said


def _date(value: Any, epoch: dt.datetime, first: dt.date, last: dt.date) -> dt.date:
    found = _as_date(value, epoch)
    if found is None:
        raise NotUnderstood("it is not a date", WRITTEN)
    if not first <= found <= last:
        raise NotUnderstood("the date is not one that can be meant", f"from {say(first)} to {say(last)}")
    return found


def _as_date(value: Any, epoch: dt.datetime) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _counted(float(value), epoch)
    return _spelt(re.sub(r"\s+", " ", str(value)).strip(" ."), epoch)


def _counted(days: float, epoch: dt.datetime) -> dt.date | None:
    """The day that a spreadsheet counts: the number that is left when a cell loses its format."""
    return (epoch + dt.timedelta(days=int(days))).date() if 30_000 <= days < 80_000 else None


def _spelt(said: str, epoch: dt.datetime) -> dt.date | None:
    if re.fullmatch(r"\d{5}(\.\d+)?", said):
        return _counted(float(said), epoch)
    if found := re.fullmatch(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T]00:00(?::00)?)?", said):
        return _day(found[1], found[2], found[3])
    if found := re.fullmatch(r"(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{4}|\d{2})", said):
        return _day(found[3], found[2], found[1])
    if found := re.fullmatch(
        r"(?:[a-z]{3,9},? )?(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?,?[ -](\d{4}|\d{2})", said.lower()
    ):
        months = [name for name in _MONTHS if name.startswith(found[2]) or found[2] == "sept" == name[:4]]
        return _day(found[3], _MONTHS.index(months[0]) + 1, found[1]) if len(months) == 1 else None
    return None


def _day(year: str, month: str | int, day: str) -> dt.date | None:
    try:
        return dt.date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


# Not the calendar module's: those change with the machine's language.
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
