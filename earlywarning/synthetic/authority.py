"""What stays the same while the story is told: the seed, the schools, the years, and what is planted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from earlywarning.synthetic.calendar import EXTRACTED_ON, SchoolYear, school_years
from earlywarning.synthetic.chance import stream
from earlywarning.synthetic.planted import PLANTED, Planted
from earlywarning.synthetic.schools import Schools, draw_schools


@dataclass(frozen=True)
class Silence:
    """A school that sent nothing of one feed from one day to another, both included."""

    feed: str
    school: int
    start: np.datetime64
    end: np.datetime64


@dataclass(frozen=True)
class Authority:
    """An invented authority of ``size`` pupils over some academic years."""

    seed: int
    size: int
    years: tuple[SchoolYear, ...]
    schools: Schools
    silences: tuple[Silence, ...]
    planted: Planted = PLANTED
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
        return stream(self.seed, *topic)


def found(seed: int, size: int, years: int, planted: Planted = PLANTED) -> Authority:
    """The authority of a seed: its schools, and the two secondary schools that fall silent for a while.

    One sends no registers for six weeks of 2026, the other no behaviour events for most of two half terms.
    """
    schools = draw_schools(stream(seed, "schools"), size, planted)
    secondary = schools.of("secondary")
    milder = secondary[np.argsort(schools.strictness[secondary])]
    silences = (
        Silence(
            "attendance",
            int(milder[len(milder) // 2]),
            np.datetime64("2026-02-16"),
            np.datetime64("2026-04-05"),
        ),
        Silence("behaviour", int(milder[0]), np.datetime64("2024-11-04"), np.datetime64("2025-01-31")),
    )
    return Authority(seed, size, school_years(years), schools, silences, planted)
