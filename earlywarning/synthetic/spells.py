"""Spells as the authority knows them on the day of the extract, and when it knew each pupil."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlywarning.synthetic.arrays import Bools, Dates
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.lines import Lines

NEVER = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class Seen:
    """For each pupil the first and the last day on a roll of the authority."""

    arrived: Dates
    left: Dates


@dataclass(frozen=True)
class Spells:
    """Start, end (NaT while open), and when each became known; one entry a spell."""

    start: Dates
    end: Dates
    known: Dates
    end_known: Dates

    def known_by(self, day: np.datetime64) -> Bools:
        """Which spells the authority knows of on ``day``."""
        return np.asarray(self.known <= day)

    def columns(self, day: np.datetime64) -> dict[str, Dates]:
        """The four columns of a spell table on ``day``; an end not known yet is left out: seen as open."""
        open_still = np.isnat(self.end) | (self.end_known > day)
        return {
            "start_date": self.start,
            "end_date": np.where(open_still, NEVER, self.end),
            "known_from": self.known,
            "end_known_from": np.where(open_still, NEVER, self.end_known),
        }


def seen_in(rolls: list[tuple[SchoolYear, Lines]], pupils: int) -> Seen:
    """When each pupil arrived and left, over all years."""
    arrived = np.full(pupils, np.datetime64("2100-01-01"))
    left = np.full(pupils, np.datetime64("1900-01-01"))
    for year, roll in rolls:
        np.minimum.at(arrived, roll.pupil, year.days[roll.first])
        np.maximum.at(left, roll.pupil, year.days[roll.last])
    return Seen(arrived, left)
