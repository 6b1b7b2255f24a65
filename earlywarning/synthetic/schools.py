"""The invented schools: how many, where, and each one's own practice."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from earlywarning.synthetic.areas import KENSINGTON, WESTMINSTER, areas
from earlywarning.synthetic.arrays import Bools, Floats, Ints, Strings
from earlywarning.synthetic.chance import pick
from earlywarning.synthetic.names import school_names
from earlywarning.synthetic.planted import Planted

WESTMINSTER_SHARE = 0.62
COUNTS = (
    ("primary", 18, 0.75, 2),
    ("secondary", 8, 0.60, 2),
    ("special", 1, 0.90, 1),
    ("alternative_provision", 1, 0.50, 1),
)
"""Phase, schools in an authority of 6,000 pupils, how the number grows with the pupils, and the fewest."""


@dataclass(frozen=True)
class Schools:
    """One entry a school; ``strictness`` multiplies the chance of a suspension after a serious incident.

    ``recording`` multiplies how many minor incidents are written down, ``bias`` how much of the planted
    response bias the school shows, ``points`` is the size of a point in its system, ``weekly`` says that its
    register reaches the authority once a week.
    """

    school_id: Strings
    name: Strings
    la: Strings
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

    def of(self, phase: str) -> Ints:
        """The numbers of the schools of one phase."""
        return np.flatnonzero(self.phase == phase)


def draw_schools(rng: np.random.Generator, pupils: int, planted: Planted) -> Schools:
    """The schools of an authority with so many pupils."""
    phase = np.repeat([rule[0] for rule in COUNTS], [school_count(pupils, *rule[1:]) for rule in COUNTS])
    la = np.concatenate([_boroughs(int((phase == kind).sum())) for kind, *_ in COUNTS])
    count, table = len(phase), areas()
    return Schools(
        school_id=np.array([f"s{n + 1:04d}" for n in range(count)]),
        name=school_names(rng, phase),
        la=la,
        phase=phase,
        ward=pick(rng, (table.la == la[:, None]) * table.resident),
        capacity=rng.uniform(0.7, 1.3, count),
        strictness=_strictness(rng, la, phase, planted),
        recording=np.exp(_spread(rng, count, 0.45)),
        praise=np.exp(_spread(rng, count, 0.50)),
        bias=rng.uniform(0.3, 1.7, count),
        points=rng.choice([1, 1, 2, 5, 10], count),
        weekly=rng.random(count) < 0.2,
        hands_over=rng.random(count) < 0.85,
        sixth_form=(phase == "secondary") & (rng.random(count) < 0.8),
    )


def school_count(pupils: int, at_6000: int, growth: float, fewest: int) -> int:
    """Schools of one phase; bigger authorities have bigger schools as well as more of them."""
    return max(fewest, round(at_6000 * float((pupils / 6000) ** growth)))


def _boroughs(count: int) -> Strings:
    westminster = max(1, round(count * WESTMINSTER_SHARE))
    return np.array([WESTMINSTER] * westminster + [KENSINGTON] * (count - westminster))


def _spread(rng: np.random.Generator, count: int, sd: float) -> Floats:
    """Normal quantiles in random order: schools differ by the same amount under every seed."""
    quantiles = [sd * NormalDist().inv_cdf((n + 0.5) / count) for n in range(count)]
    return np.asarray(rng.permutation(quantiles))


def _strictness(rng: np.random.Generator, la: Strings, phase: Strings, planted: Planted) -> Floats:
    """Strictness: schools of a phase vary about their borough's mean, one Westminster secondary far above.

    The mean holds however few schools there are, so that a small authority resembles a large one.
    """
    strictness = np.ones(len(la))
    for borough, mean in planted.strictness_mean:
        for kind, shift in planted.strictness_phase:
            mine = np.flatnonzero((la == borough) & (phase == kind))
            level = _spread(rng, len(mine), planted.strictness_sd)
            if (borough, kind) == (WESTMINSTER, "secondary"):
                level[np.argmax(level)] += planted.strictest
            if len(mine):
                strictness[mine] = np.exp(level) * mean * np.exp(shift) / np.exp(level).mean()
    return strictness
