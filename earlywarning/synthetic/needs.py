"""Special educational needs of each pupil: they follow need and chance, and begin in some NC year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlywarning.synthetic.arrays import Bools, Floats, Ints
from earlywarning.synthetic.chance import happens, pick
from earlywarning.synthetic.planted import Planted

NEVER, SUPPORT, PLAN = 0, 1, 2
SEMH = "SEMH"
TYPES: dict[str, tuple[float, float, float]] = {
    # weight on support, on support with high need, and with a plan
    SEMH: (0.12, 0.34, 0.16),
    "SLCN": (0.34, 0.22, 0.24),
    "SPLD": (0.22, 0.16, 0.06),
    "MLD": (0.16, 0.14, 0.08),
    "ASD": (0.07, 0.07, 0.36),
    "OTH": (0.05, 0.04, 0.03),
    "PD": (0.02, 0.02, 0.05),
    "HI": (0.02, 0.01, 0.02),
}
HIGH_NEED = 0.8
EARLY, SPECIAL_SCHOOL = 0.85, 0.28
"""Share whose needs are seen by Year 5, and share of pupils with a plan who go to a special school."""


@dataclass(frozen=True)
class Sen:
    """The provision reached in the end, its type, and the NC year (with its fraction) it began in.

    ``support_from`` and ``plan_from`` are infinite where it never began. ``special``: at a special school.
    """

    sen: Ints
    sen_type: Ints
    support_from: Floats
    plan_from: Floats
    special: Bools


def draw_sen(rng: np.random.Generator, need: Floats, boy: Bools, borough: Ints, planted: Planted) -> Sen:
    """Special educational needs for pupils of such need; onset is spread over the primary years."""
    count = len(need)
    support = planted.sen_support_need * need + 0.10 * boy + rng.normal(0, 1, count)
    plan = planted.sen_plan_need * need + 0.20 * boy + rng.normal(0, 1, count)
    some = support > np.array(planted.sen_support_above)[borough]
    sen = np.where(plan > np.array(planted.sen_plan_above)[borough], PLAN, np.where(some, SUPPORT, NEVER))
    weights = np.array(list(TYPES.values())).T
    kind = np.where(sen == PLAN, 2, np.where(need > HIGH_NEED, 1, 0))
    early = happens(rng, np.full(count, EARLY))
    onset = np.where(early, rng.uniform(-0.2, 5.5, count), rng.uniform(5.5, 10.0, count))
    plan_from = np.where(sen == PLAN, onset + rng.uniform(0.8, 3.0, count), np.inf)
    special = (sen == PLAN) & happens(rng, np.full(count, SPECIAL_SCHOOL))
    shares = weights[kind]
    shares[:, list(TYPES).index(SEMH)] *= np.array(planted.sen_semh)[borough]
    return Sen(
        sen=sen.astype(np.int64),
        sen_type=pick(rng, shares),
        support_from=np.where(special, -1.0, np.where(sen > NEVER, onset, np.inf)),
        plan_from=np.where(special, -0.5, plan_from),
        special=special,
    )
