"""The invented pupils: home first, then everything else, and ethnicity from the home alone."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from earlywarning.synthetic.areas import ENGLISH_AT_HOME, ETHNICITY, KENSINGTON, WESTMINSTER, areas
from earlywarning.synthetic.arrays import Bools, Dates, Floats, Ints
from earlywarning.synthetic.chance import happens, pick
from earlywarning.synthetic.needs import Sen, draw_sen
from earlywarning.synthetic.planted import Planted
from earlywarning.synthetic.schools import WESTMINSTER_SHARE

CODES = np.array(list(ETHNICITY))
SECONDARY, SIXTH_FORM, LAST = 7, 12, 13
"""NC years (Reception is 0) in which a phase begins, and the last one."""


@dataclass(frozen=True)
class Newcomers:
    """Whom to draw: each one's NC year, chance of living in the two boroughs, and whether an outsider.

    An outsider is a pupil whom no local primary school knew.
    """

    nc_year: Ints
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


def draw_people(rng: np.random.Generator, year: int, whom: Newcomers, planted: Planted) -> People:
    """Pupils who come to the authority in the academic year that begins in September ``year``."""
    count = len(whom.nc_year)
    deprivation = areas().deprivation
    home = _homes(rng, whom.resident)
    reception = year - whom.nc_year
    ethnicity = pick(rng, areas().ethnicity[home])
    fsm = happens(rng, 1 / (1 + np.exp(planted.fsm_none - planted.fsm_ward * deprivation[home])))
    boy = rng.random(count) < planted.boys
    # Where a pupil lives, money, sex and chance. Ethnicity is not here, and must never be.
    need = (
        planted.need_ward * (deprivation[home] - planted.ward_middle)
        + planted.need_fsm * (fsm - planted.fsm_middle)
        + planted.need_boy * (boy - planted.boys)
        + rng.normal(0, planted.need_own_sd, count)
    )
    english = np.isin(CODES[ethnicity], ENGLISH_AT_HOME)
    young = whom.nc_year < SECONDARY
    birth = (
        (reception - 5 - 1970).astype("datetime64[Y]").astype("datetime64[M]")
        + 8
        + rng.integers(0, 12, count)
    )
    sen: Sen = draw_sen(rng, need, boy)
    return People(
        reception=reception,
        birth_month=birth.astype("datetime64[D]"),
        boy=boy,
        home=home,
        ethnicity=ethnicity,
        eal=happens(rng, np.where(english, 0.04, np.where(young, 0.82, 0.74))),
        fsm=fsm,
        need=need,
        temper=rng.normal(0, planted.temper_sd, count),
        absence=rng.normal(0, planted.absence_sd, count),
        health=rng.normal(0, planted.health_sd, count),
        outsider=whom.outsider,
        **vars(sen),
    )


def _homes(rng: np.random.Generator, resident: Floats) -> Ints:
    table = areas()
    westminster = rng.random(len(resident)) < WESTMINSTER_SHARE
    inside = happens(rng, resident)
    weights = np.array(
        [np.where(table.la == la, table.resident, 0.0) for la in (WESTMINSTER, KENSINGTON)]
        + [table.outside[la] for la in (WESTMINSTER, KENSINGTON)]
    )
    row = np.where(inside, 0, 2) + np.where(westminster, 0, 1)
    return pick(rng, (weights / weights.sum(axis=1, keepdims=True))[row])
