"""What stays the same while the story is told: the seed, the schools, the years, and what is planted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from earlywarning.synthetic.calendar import EXTRACTED_ON, SchoolYear, school_years
from earlywarning.synthetic.chance import stream
from earlywarning.synthetic.planted import Planted
from earlywarning.synthetic.schools import Schools, draw_schools
from earlywarning.synthetic.switches import Switches

SCHOOL_FEEDS = ("attendance", "behaviour", "suspensions", "placements")


@dataclass(frozen=True)
class Silence:
    """A school that sent nothing of one feed from one day to another, both included."""

    feed: str
    school: int
    start: np.datetime64
    end: np.datetime64


@dataclass(frozen=True)
class Authority:
    """An invented authority of ``size`` pupils over some academic years.

    ``block`` numbers the authorities that lie side by side in one large folder, from 0.
    """

    seed: int
    size: int
    years: tuple[SchoolYear, ...]
    schools: Schools
    silences: tuple[Silence, ...]
    switches: Switches = field(default_factory=Switches)
    planted: Planted = field(default_factory=lambda: Switches().planted())
    block: int = 0
    extracted_on: np.datetime64 = field(default=np.datetime64(EXTRACTED_ON))

    @property
    def following(self) -> SchoolYear:
        """The year after the last, whose dates are published ahead."""
        return self.year_after(self.years[-1])

    @staticmethod
    def year_after(year: SchoolYear) -> SchoolYear:
        """The next academic year."""
        return SchoolYear(year.first + 1)

    def stream(self, *topic: str | int) -> np.random.Generator:
        """The random stream of one topic."""
        return stream(self.seed, *(("block", self.block) if self.block else ()), *topic)


def found(seed: int, size: int, years: int, switches: Switches | None = None, block: int = 0) -> Authority:
    """The authority of a seed: its schools and who of them falls silent.

    One secondary sends no registers for six weeks of 2026, another no behaviour events for most of two half
    terms; with ``silent_school`` a third sends nothing at all in the last academic year.
    """
    switches = switches or Switches()
    planted = switches.planted()
    drawn = stream(seed, *(("block", block) if block else ()), "schools")
    schools = draw_schools(drawn, size, planted, block)
    return Authority(
        seed, size, school_years(years), schools, _silences(schools, switches), switches, planted, block
    )


def _silences(schools: Schools, switches: Switches) -> tuple[Silence, ...]:
    secondary = schools.of("secondary")
    milder = secondary[np.argsort(schools.strictness[secondary], kind="stable")].tolist()
    middle = len(milder) // 2
    some = [
        Silence("attendance", milder[middle], np.datetime64("2026-02-16"), np.datetime64("2026-04-05")),
        Silence("behaviour", milder[0], np.datetime64("2024-11-04"), np.datetime64("2025-01-31")),
    ]
    if switches.silent_school:
        start, end = np.datetime64("2025-09-01"), np.datetime64(EXTRACTED_ON + dt.timedelta(1))
        some += [Silence(feed, milder[-1 - middle // 2], start, end) for feed in SCHOOL_FEEDS]
    return tuple(some)
