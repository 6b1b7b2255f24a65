"""Need over time: what persists, what drifts by half term, and the shock of starting secondary school."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from earlywarning.synthetic.arrays import Floats, Ints
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.people import SECONDARY, People
from earlywarning.synthetic.planted import Planted

HALF_TERMS = 6


@dataclass(frozen=True)
class Moving:
    """What moves in need in a year: drift, the shock of Year 7, less what help takes off: (pupils, 6)."""

    drift: Floats
    shock: Floats
    help: Floats

    def need(self, people: People, pupil: Ints, half: int) -> Floats:
        """The whole need of each pupil in a half term."""
        moved = self.drift[pupil, half] + self.shock[pupil, half] - self.help[pupil, half]
        return np.asarray(people.need[pupil] + moved)


@dataclass
class Drift:
    """The part of need that moves: one step a half term, remembered with ``need_memory``."""

    authority: Authority
    now: Floats = field(default_factory=lambda: np.empty(0))

    def year(self, year: SchoolYear, count: int) -> Floats:
        """The drift of ``count`` pupils in the six half terms of a year: (pupils, 6).

        Pupils not met before begin at a draw from the long-run distribution.
        """
        rng = self.authority.stream("drift", year.first)
        planted = self.authority.planted
        newcomers = rng.normal(0, planted.need_drift_sd, count - len(self.now))
        level = np.concatenate([self.now, newcomers])
        steps = np.empty((count, HALF_TERMS))
        for half in range(HALF_TERMS):
            level = planted.need_memory * level + step_sd(planted) * rng.normal(size=count)
            steps[:, half] = level
        self.now = level
        return steps


def step_sd(planted: Planted) -> float:
    """Standard deviation of one step of the drift, so that its long-run spread is ``need_drift_sd``."""
    return float(planted.need_drift_sd * np.sqrt(1 - planted.need_memory**2))


def shock(people: People, nc_year: Ints, alone: Floats, planted: Planted) -> Floats:
    """What starting Year 7 adds in its six half terms, zero in every other year: (pupils, 6)."""
    shaken = planted.shock_need * np.maximum(people.need, 0) + planted.shock_alone * alone
    first = np.where(nc_year == SECONDARY, planted.shock_start + shaken, 0.0)
    return np.asarray(first[:, None] * planted.shock_memory ** np.arange(HALF_TERMS))


def year_level(nc_year: Ints, planted: Planted) -> Floats:
    """The log of the year-group profile; pupils outside Reception to Year 13 get the nearest year's."""
    profile = np.log(np.array(planted.year_profile))
    return np.asarray(profile[np.clip(nc_year, 0, len(profile) - 1)])
