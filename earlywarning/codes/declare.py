"""What a code set is: frozen values read from one CSV file, each with the days on which it is in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One code in one period of its life.

    A code that was redefined has one entry a period. ``valid_from`` and ``valid_to`` are inclusive, None
    where open. ``replaced_by`` is the code it is read as today ("" for a code that stands for itself).
    ``extra`` holds the set's own columns, such as ``counts_possible`` or ``major``.
    """

    code: str
    label: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    replaced_by: str
    extra: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class CodeSet:
    """A set of codes by name, in the order of its file."""

    name: str
    entries: tuple[Code, ...]

    def allowed(self, on: dt.date | None = None) -> frozenset[str]:
        """The codes in force on a day, or on any day when none is given.

        >>> from earlywarning import codes
        >>> "C2" in codes.load("attendance").allowed(dt.date(2024, 8, 18))
        False
        """
        return frozenset(entry.code for entry in self.entries if on is None or _covers(entry, on))

    def label(self, code: str) -> str:
        """What the code means today (the label of its latest period); ``KeyError`` when it is not in the set.

        >>> from earlywarning import codes
        >>> codes.load("suspension_reason").label("DB")
        'persistent or general disruptive behaviour'
        """
        return {entry.code: entry.label for entry in self._oldest_first()}[code]

    def having(self, extra: str, value: str = "1") -> frozenset[str]:
        """The codes whose own column ``extra`` holds ``value`` in any period.

        >>> from earlywarning import codes
        >>> sorted(codes.load("attendance").having("counts_unauthorised"))
        ['G', 'N', 'O', 'U']
        """
        if not any(extra in entry.extra for entry in self.entries):
            raise KeyError(f"code set {self.name!r} has no column {extra!r}")
        return frozenset(entry.code for entry in self.entries if entry.extra[extra] == value)

    def values(self, extra: str) -> dict[str, str]:
        """Each code's value in the set's own column ``extra``, from its latest period.

        >>> from earlywarning import codes
        >>> codes.load("ethnicity").values("major")["BCRB"]
        'Black'
        """
        return {entry.code: entry.extra[extra] for entry in self._oldest_first()}

    def replacements(self) -> dict[str, str]:
        """The old codes and the codes they are read as.

        >>> from earlywarning import codes
        >>> codes.load("suspension_category").replacements()
        {'FIXD': 'SUSP'}
        """
        return {entry.code: entry.replaced_by for entry in self.entries if entry.replaced_by}

    def periods(self) -> dict[tuple[dt.date | None, dt.date | None], frozenset[str]]:
        """The codes that are not always in force, by the first and last day on which they are.

        >>> from earlywarning import codes
        >>> [sorted(held) for (first, last), held in codes.load("attendance").periods().items()
        ...  if last == dt.date(2013, 8, 31)]
        [['F']]
        """
        grouped: dict[tuple[dt.date | None, dt.date | None], set[str]] = {}
        for code in sorted(self.allowed()):
            spans = [(entry.valid_from, entry.valid_to) for entry in self.entries if entry.code == code]
            first = None if any(a is None for a, _ in spans) else min(a for a, _ in spans if a)
            last = None if any(b is None for _, b in spans) else max(b for _, b in spans if b)
            if (first, last) != (None, None):
                grouped.setdefault((first, last), set()).add(code)
        return {span: frozenset(held) for span, held in grouped.items()}

    def _oldest_first(self) -> list[Code]:
        return sorted(self.entries, key=lambda entry: entry.valid_from or dt.date.min)


def _covers(entry: Code, day: dt.date) -> bool:
    return (entry.valid_from or dt.date.min) <= day <= (entry.valid_to or dt.date.max)
