"""The invented schools: how many, where, and each one's own practice."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from earlywarning.synthetic.areas import KENSINGTON, SHARING, areas
from earlywarning.synthetic.arrays import Bools, Floats, Ints, Strings
from earlywarning.synthetic.chance import pick
from earlywarning.synthetic.names import school_names
from earlywarning.synthetic.planted import Planted

PUPILS = 33_774
"""DfE headcount 2023/24 of Westminster (20,826) and Kensington and Chelsea (12,948)."""
HOSPITAL = "hospital"
COUNTS = (
    # kind of school, how many (Westminster, Kensington and Chelsea), how the number grows with the pupils
    ("nursery", (3, 3), 1.0),
    ("primary", (40, 26), 0.75),
    ("secondary", (12, 7), 0.50),
    ("special", (3, 2), 0.90),
    (HOSPITAL, (1, 0), 1.0),
    ("alternative_provision", (2, 1), 0.50),
)
NEEDED = ("primary", "secondary", "special", "alternative_provision")
"""Kinds of which there is at least one school in each borough, however small the authority."""
SMALL = 0.10
"""The hospital school's capacity beside an ordinary special school's."""


@dataclass(frozen=True)
class Schools:
    """One entry a school; ``borough`` is 0 for Westminster, 1 for Kensington and Chelsea.

    ``strictness`` multiplies the chance of a suspension after a serious incident, ``recording`` how many
    minor incidents are written down, ``bias`` how much of the planted response bias the school shows.
    ``points`` is the size of a point in its system, ``weekly`` says that its register reaches the authority
    once a week.
    """

    school_id: Strings
    name: Strings
    borough: Ints
    phase: Strings
    ward: Ints
    capacity: Floats
    strictness: Floats
    recording: Floats
    praise: Floats
    bias: Floats
    points: Ints
    weekly: Bools
    hands_over: Bools
    sixth_form: Bools

    @property
    def la(self) -> Strings:
        """The code of each school's authority."""
        return np.array(SHARING)[self.borough]

    def of(self, phase: str) -> Ints:
        """The numbers of the schools of one phase."""
        return np.flatnonzero(self.phase == phase)


def draw_schools(rng: np.random.Generator, pupils: int, planted: Planted, block: int = 0) -> Schools:
    """The schools of an authority with so many pupils; ``block`` keeps their names and numbers apart."""
    many = [school_count(kind, borough, pupils) for kind, *_ in COUNTS for borough in (0, 1)]
    kind = np.repeat([kind for kind, *_ in COUNTS for _ in (0, 1)], many)
    borough = np.repeat(np.tile([0, 1], len(COUNTS)), many)
    count, table = len(kind), areas()
    phase = np.where(kind == HOSPITAL, "special", kind)
    ward = pick(rng, table.resident[borough])
    return Schools(
        school_id=np.array([f"s{block:02d}{n + 1:03d}" for n in range(count)]),
        name=school_names(rng, kind, block),
        borough=borough,
        phase=phase,
        ward=ward,
        capacity=rng.uniform(0.7, 1.3, count) * np.where(kind == HOSPITAL, SMALL, 1.0),
        strictness=_strictness(rng, borough, phase, table.deprivation[ward], planted),
        recording=np.exp(_spread(rng, count, 0.45)),
        praise=np.exp(_spread(rng, count, 0.50)),
        bias=rng.uniform(0.3, 1.7, count),
        points=rng.choice([1, 1, 2, 5, 10], count),
        weekly=rng.random(count) < 0.2,
        hands_over=rng.random(count) < 0.85,
        sixth_form=(phase == "secondary") & (rng.random(count) < 0.8),
    )


def school_count(kind: str, borough: int, pupils: int) -> int:
    """Schools of one kind in a borough; bigger authorities have bigger schools as well as more of them.

    >>> sum(school_count(kind, borough, PUPILS) for kind, *_ in COUNTS for borough in (0, 1))
    100
    """
    at_full_size, growth = {name: (many[borough], growth) for name, many, growth in COUNTS}[kind]
    return max(int(kind in NEEDED), round(at_full_size * float((pupils / PUPILS) ** growth)))


def _spread(rng: np.random.Generator, count: int, sd: float) -> Floats:
    """Normal quantiles in random order: schools differ by the same amount under every seed."""
    return np.asarray(rng.permutation(_quantiles(count, sd)))


def _quantiles(count: int, sd: float) -> Floats:
    return np.array([sd * NormalDist().inv_cdf((n + 0.5) / count) for n in range(count)])


def _strictness(
    rng: np.random.Generator, borough: Ints, phase: Strings, deprivation: Floats, planted: Planted
) -> Floats:
    """Strictness: schools of a phase vary about their borough's mean.

    Schools in poorer wards tend to be stricter. One Westminster secondary is far above the rest; in
    Kensington and Chelsea two primary schools give most of the suspensions and nearly half give none.
    The mean of a borough and phase holds however few schools there are.
    """
    strictness = np.ones(len(phase))
    for kind, means in planted.strictness:
        for which, mean in enumerate(means):
            mine = np.flatnonzero((borough == which) & (phase == kind))
            if len(mine) == 0:
                continue
            leaning = planted.strictness_ward * deprivation[mine] + rng.normal(0, 1, len(mine))
            level = np.empty(len(mine))
            level[np.argsort(leaning)] = _quantiles(len(mine), planted.strictness_sd)
            if (which, kind) == (0, "secondary"):
                level[np.argmax(level)] += planted.strictest
            factor = np.exp(level)
            if (SHARING[which], kind) == (KENSINGTON, "primary"):
                factor = _two_give_most(factor, planted)
            strictness[mine] = mean * factor / factor.mean()
    return strictness


def _two_give_most(factor: Floats, planted: Planted) -> Floats:
    """The mildest primary schools never suspend, and the two strictest do so far more than the rest."""
    factor, order = factor.copy(), np.argsort(factor)
    never = int(planted.primaries_without * len(factor))
    factor[order[:never]] = 0.0
    if len(factor) > never + 2:
        factor[order[-2:]] *= planted.two_primaries / factor[order[-2:]] * factor[order[never:-2]].mean()
    return factor
