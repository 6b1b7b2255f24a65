"""Incidents: how often, on which day, and how a school writes them down."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from earlywarning.synthetic.arrays import Bools, Floats, Ints, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.chance import scatter
from earlywarning.synthetic.lines import Lines
from earlywarning.synthetic.need import year_level
from earlywarning.synthetic.people import SECONDARY
from earlywarning.synthetic.planted import Planted

MINOR, SERIOUS, POSITIVE = range(3)
CATEGORIES: dict[str, tuple[float, float, float]] = {
    # share of minor, of serious and of positive events
    "disruption": (0.30, 0.18, 0.0),
    "defiance": (0.16, 0.22, 0.0),
    "lateness": (0.16, 0.0, 0.0),
    "homework": (0.14, 0.0, 0.0),
    "uniform": (0.08, 0.0, 0.0),
    "mobile phone": (0.08, 0.02, 0.0),
    "truancy": (0.05, 0.03, 0.0),
    "verbal abuse": (0.03, 0.19, 0.0),
    "fighting": (0.0, 0.22, 0.0),
    "bullying": (0.0, 0.05, 0.0),
    "damage": (0.0, 0.05, 0.0),
    "smoking or vaping": (0.0, 0.04, 0.0),
    "effort": (0.0, 0.0, 0.40),
    "achievement": (0.0, 0.0, 0.30),
    "kindness": (0.0, 0.0, 0.20),
    "leadership": (0.0, 0.0, 0.10),
}
SIZE = np.array([1, 4, 1])
"""Points of a minor, a serious and a positive event, before the school's own scale."""
MOST_A_DAY = 3.0
TIME_KNOWN = 0.7


@dataclass(frozen=True)
class Incidents:
    """One entry an incident: the line, the day, which kind (minor, serious, positive) and its category."""

    line: Ints
    day: Ints
    kind: Ints
    category: Ints

    def and_(self, more: Incidents) -> Incidents:
        """These, then ``more``."""
        pairs = {name: (values, getattr(more, name)) for name, values in vars(self).items()}
        return Incidents(**{name: np.concatenate(pair) for name, pair in pairs.items()})

    def take(self, which: Bools) -> Incidents:
        """Some of the incidents."""
        return Incidents(**{name: values[which] for name, values in vars(self).items()})

    def later(self, days: int) -> Incidents:
        """The same incidents so many day numbers later."""
        return replace(self, day=self.day + days)


def serious_rate(nc_year: Ints, level: Floats, planted: Planted) -> Floats:
    """Expected serious incidents a school day, of the shape of ``level`` (lines first).

    ``level`` is need, temper, drift and shock. However high it is, there are only so many incidents that a
    school takes as serious: the rate levels off at ``serious_most``.
    """
    of_year = year_level(nc_year, planted).reshape(-1, *[1] * (level.ndim - 1))
    raw = planted.serious_per_day * np.exp(planted.signal * (level + of_year))
    return np.asarray(raw / (1 + raw / planted.serious_most))


def draw_serious(rng: np.random.Generator, rate: Floats, exposed: Bools) -> Incidents:
    """Serious incidents; ``exposed`` (lines, days) is who is in school, days count from its first column."""
    line, day = scatter(rng, rng.poisson(rate * exposed.sum(axis=1)), exposed)
    return of_kind(rng, line, day, SERIOUS)


@dataclass(frozen=True)
class Seen:
    """What schools see of each line in a half term: ``tilt`` multiplies how much of it is written down.

    ``exposed`` (lines, days) is who is in school.
    """

    roll: Lines
    need: Floats
    tilt: Floats
    exposed: Bools


def draw_recorded(rng: np.random.Generator, authority: Authority, seen: Seen) -> Incidents:
    """Minor and positive events, as often as each school writes them down; days as in ``draw_serious``."""
    planted, schools, roll, need = authority.planted, authority.schools, seen.roll, seen.need
    older = roll.nc_year >= SECONDARY
    minor = planted.minor_per_day * np.exp(
        planted.minor_need * need + 0.5 * year_level(roll.nc_year, planted)
    )
    minor *= np.where(older, 1.0, planted.minor_primary) * schools.recording[roll.school] * seen.tilt
    good = planted.positive_per_day * np.exp(planted.positive_need * need)
    good *= np.where(older, 1.0, planted.positive_primary) * schools.praise[roll.school]
    kinds = []
    for rate, kind in ((minor, MINOR), (good, POSITIVE)):
        counts = rng.poisson(np.minimum(rate, MOST_A_DAY) * seen.exposed.sum(axis=1))
        kinds.append(of_kind(rng, *scatter(rng, counts, seen.exposed), kind))
    return kinds[0].and_(kinds[1])


def of_kind(rng: np.random.Generator, line: Ints, day: Ints, kind: int) -> Incidents:
    """Incidents of one kind with their categories drawn."""
    share = np.array([shares[kind] for shares in CATEGORIES.values()])
    return Incidents(line, day, np.full(len(line), kind), rng.choice(len(share), len(line), p=share))


def times(rng: np.random.Generator, count: int) -> tuple[Ints, Strings]:
    """A time of day for most events, as positions (-1 where it is not known) and the times."""
    words = np.array([f"{9 + n // 12:02d}:{n % 12 * 5:02d}" for n in range(78)])
    position = rng.integers(0, len(words), count)
    return np.where(rng.random(count) < TIME_KNOWN, position, -1), words
