"""Where each pupil lives: moves within a borough, between the two and out of both; rows of residence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlywarning.synthetic.areas import SHARING, areas
from earlywarning.synthetic.arrays import Dates, Ints, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.chance import days_after, happens, pick
from earlywarning.synthetic.people import People
from earlywarning.synthetic.spells import NEVER, Seen, Spells
from earlywarning.synthetic.writing import Coded, Values

MOVES_A_YEAR, SETTLED = 0.03, 60
WITHIN, BETWEEN, AWAY = 0.75, 0.05, 0.20
"""Shares of a resident's moves: within the borough, to the other one, out of both. Others move about."""


@dataclass(frozen=True)
class Homes:
    """The first home area of each pupil, the second and the day of the move (NaT for who stays)."""

    first: Ints
    second: Ints
    moved_on: Dates

    def on(self, pupil: Ints, day: Dates) -> Ints:
        """The home area of each pupil on each day."""
        return np.where(day >= self.moved_on[pupil], self.second[pupil], self.first[pupil])


def draw_homes(authority: Authority, people: People, seen: Seen) -> Homes:
    """At most one move a pupil. Need stays as it was drawn at the first home."""
    rng = authority.stream("residence")
    days = (seen.left - seen.arrived).astype(np.int64)
    moving = np.flatnonzero((days > SETTLED) & happens(rng, MOVES_A_YEAR * days / 365))
    second = people.home.copy()
    second[moving] = pick(rng, _towards()[people.home[moving]])
    moved_on = np.full(len(people), NEVER)
    moved_on[moving] = seen.arrived[moving] + rng.integers(SETTLED // 2, days[moving])
    moved_on[second == people.home] = NEVER
    return Homes(people.home, second, moved_on)


def _towards() -> np.ndarray:
    """How likely a move from each area leads to each area: (areas, areas)."""
    table = areas()
    both, around = table.resident.mean(axis=0), table.around.mean(axis=0)
    westminster = WITHIN * table.resident[0] + BETWEEN * table.resident[1] + AWAY * table.around[0]
    kensington = WITHIN * table.resident[1] + BETWEEN * table.resident[0] + AWAY * table.around[1]
    outside = AWAY * both + (1 - AWAY) * around
    return np.select(
        [(table.la == SHARING[0])[:, None], (table.la == SHARING[1])[:, None]],
        [westminster[None, :], kensington[None, :]],
        outside[None, :],
    )


def residence_rows(authority: Authority, homes: Homes, seen: Seen, ids: Strings) -> dict[str, Values]:
    """A spell a home; the authority hears of a move three to six weeks late."""
    rng = authority.stream("residence known")
    table, count = areas(), len(homes.first)
    moving = np.flatnonzero(~np.isnat(homes.moved_on))
    moved_on = homes.moved_on[moving]
    heard = days_after(rng, moved_on, 20, 40)
    end, end_known = np.full(count, NEVER), np.full(count, NEVER)
    end[moving], end_known[moving] = moved_on - 1, heard
    open_still = np.full(len(moving), NEVER)
    spells = Spells(
        np.concatenate([seen.arrived, moved_on]),
        np.concatenate([end, open_still]),
        np.concatenate([days_after(rng, seen.arrived, 3, 25), heard]),
        np.concatenate([end_known, open_still]),
    )
    who = np.concatenate([np.arange(count), moving])
    home = np.concatenate([homes.first, homes.second[moving]])
    order = np.lexsort((spells.start, ids[who]))
    order = order[spells.known_by(authority.extracted_on)[order]]
    ward = np.where(table.ward[home] == "", -1, home)
    return {
        "pupil_id": Coded(who[order], ids),
        "home_la": Coded(home[order], table.la),
        "home_ward": Coded(ward[order], table.ward),
        **{name: values[order] for name, values in spells.columns(authority.extracted_on).items()},
        "record": "new",
    }
