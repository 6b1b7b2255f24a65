"""The invented pupils: home first, then everything else, and ethnicity from the home alone."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from earlywarning.synthetic.areas import ENGLISH_AT_HOME, ETHNICITY, areas
from earlywarning.synthetic.arrays import Bools, Dates, Floats, Ints
from earlywarning.synthetic.chance import happens, pick
from earlywarning.synthetic.needs import NEVER, PLAN, SUPPORT, Sen, draw_sen
from earlywarning.synthetic.planted import Planted

CODES = np.array(list(ETHNICITY))
NURSERY, PRIMARY, SECONDARY, SIXTH_FORM, LAST = -1, 0, 7, 12, 13
"""NC years (Reception is 0) in which a phase begins, and the last one."""
OTHER_BOROUGH = (0.06, 0.16)
"""Share of the residents at each borough's schools who live in the other one."""


@dataclass(frozen=True)
class Newcomers:
    """Whom to draw: NC year, borough of the school, chance of living in the two boroughs, if an outsider.

    An outsider is a pupil whom no local primary school knew.
    """

    nc_year: Ints
    borough: Ints
    resident: Floats
    outsider: Bools


@dataclass(frozen=True)
class People:
    """One entry a pupil, in the order in which they first came to the authority.

    ``reception`` is the September of the pupil's Reception year. ``need`` persists and ``temper`` is what of
    it no table shows; ``absence`` and ``health`` are the pupil's own leanings. ``sen`` to ``special`` are as
    in :class:`~earlywarning.synthetic.needs.Sen`.
    """

    reception: Ints
    birth_month: Dates
    boy: Bools
    home: Ints
    ethnicity: Ints
    eal: Bools
    fsm: Bools
    need: Floats
    temper: Floats
    absence: Floats
    health: Floats
    outsider: Bools
    sen: Ints
    sen_type: Ints
    support_from: Floats
    plan_from: Floats
    special: Bools

    def __len__(self) -> int:
        """How many pupils there are."""
        return len(self.reception)

    def and_(self, more: People) -> People:
        """These pupils, then ``more``."""
        pairs = {item.name: (getattr(self, item.name), getattr(more, item.name)) for item in fields(self)}
        return People(**{name: np.concatenate(pair) for name, pair in pairs.items()})


def provision(people: People, pupil: Ints, nc_year: Ints) -> Ints:
    """The SEN provision of each pupil in the middle of an NC year: NEVER, SUPPORT or PLAN."""
    support, plan = people.support_from[pupil] <= nc_year + 0.5, people.plan_from[pupil] <= nc_year + 0.5
    return np.asarray(np.where(plan, PLAN, np.where(support, SUPPORT, NEVER)), dtype=np.int64)


def draw_people(rng: np.random.Generator, year: int, whom: Newcomers, planted: Planted) -> People:
    """Pupils who come to the authority in the academic year that begins in September ``year``."""
    count, borough = len(whom.nc_year), whom.borough
    deprivation = areas().deprivation
    home = _homes(rng, whom)
    reception = year - whom.nc_year
    ethnicity = pick(rng, areas().ethnicity[home])
    fsm = happens(
        rng, 1 / (1 + np.exp(np.array(planted.fsm_none)[borough] - planted.fsm_ward * deprivation[home]))
    )
    boy = rng.random(count) < planted.boys
    # Where a pupil lives, money, sex and chance. Ethnicity is not here, and must never be.
    need = (
        planted.need_ward * (deprivation[home] - planted.ward_middle)
        + planted.need_fsm * (fsm - planted.fsm_middle)
        + planted.need_boy * (boy - planted.boys)
        + rng.normal(0, planted.need_own_sd, count)
    )
    english = np.isin(CODES[ethnicity], ENGLISH_AT_HOME)
    additional = np.where(
        whom.outsider, np.array(planted.eal_outsider)[borough], np.array(planted.eal_local)[borough]
    )
    birth = (
        (reception - 5 - 1970).astype("datetime64[Y]").astype("datetime64[M]")
        + 8
        + rng.integers(0, 12, count)
    )
    sen: Sen = draw_sen(rng, need, boy, borough, planted)
    return People(
        reception=reception,
        birth_month=birth.astype("datetime64[D]"),
        boy=boy,
        home=home,
        ethnicity=ethnicity,
        eal=happens(rng, np.where(english, planted.eal_english, additional)),
        fsm=fsm,
        need=need,
        temper=rng.normal(0, planted.temper_sd, count),
        absence=rng.normal(0, planted.absence_sd, count),
        health=rng.normal(0, planted.health_sd, count),
        outsider=whom.outsider,
        **vars(sen),
    )


def _homes(rng: np.random.Generator, whom: Newcomers) -> Ints:
    """A home for each: in the school's borough, in the other one, or around both."""
    table, borough = areas(), whom.borough
    inside = happens(rng, whom.resident)
    home = happens(rng, np.array(OTHER_BOROUGH)[borough]) ^ borough.astype(np.bool_)
    weights = np.concatenate([table.resident, table.around])
    return pick(rng, weights[np.where(inside, home.astype(np.int64), 2 + borough)])
