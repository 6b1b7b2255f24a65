"""Roll lines: one pupil on one school's roll for a run of days within one academic year."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from earlywarning.synthetic.arrays import Bools, Ints

SINGLE, MAIN, SUBSIDIARY = 0, 1, 2
STATUS = ("C", "M", "S")


@dataclass(frozen=True)
class Lines:
    """One entry a line. ``first`` and ``last`` are day numbers of the year, both included.

    ``away`` says that the pupil is taught elsewhere meanwhile (mark D). A change of school, status or place
    ends a line and begins another.
    """

    pupil: Ints
    school: Ints
    nc_year: Ints
    status: Ints
    first: Ints
    last: Ints
    away: Bools

    def __len__(self) -> int:
        """How many lines there are."""
        return len(self.pupil)

    def and_(self, more: Lines) -> Lines:
        """These lines, then ``more``."""
        pairs = {item.name: (getattr(self, item.name), getattr(more, item.name)) for item in fields(self)}
        return Lines(**{name: np.concatenate(pair) for name, pair in pairs.items()})

    def take(self, which: Ints | Bools) -> Lines:
        """Some of the lines, in the order asked for."""
        return Lines(**{item.name: getattr(self, item.name)[which] for item in fields(self)})

    def ending(self, which: Ints, last: Ints) -> Lines:
        """The lines with some of them ended on another day."""
        end = self.last.copy()
        end[which] = last
        return replace(self, last=end)

    def on(self, low: int, high: int) -> Bools:
        """Whether each line is on roll on each day from ``low`` to ``high - 1``: (lines, days)."""
        days = np.arange(low, high)
        return np.asarray((self.first[:, None] <= days) & (days <= self.last[:, None]))


def lines(pupil: Ints, school: Ints, nc_year: Ints, first: Ints | int, last: Ints | int) -> Lines:
    """Singly registered lines."""
    count = len(pupil)
    whole = np.zeros(count, dtype=np.int64)
    return Lines(pupil, school, nc_year, whole, whole + first, whole + last, np.zeros(count, dtype=np.bool_))
