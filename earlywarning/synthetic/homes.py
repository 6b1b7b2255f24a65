"""Rows of the residence table: where each pupil lives, and moves between wards of one borough."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.areas import SHARING, areas
from earlywarning.synthetic.arrays import Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.chance import days_after, happens, pick
from earlywarning.synthetic.people import People
from earlywarning.synthetic.spells import NEVER, Seen, Spells
from earlywarning.synthetic.writing import Coded, Values

MOVES_A_YEAR, SETTLED = 0.03, 60


def residence_rows(authority: Authority, people: People, seen: Seen, ids: Strings) -> dict[str, Values]:
    """A spell a home. Need stays as it was drawn at the first home; the authority hears of a move late."""
    rng = authority.stream("residence")
    table, count = areas(), len(people)
    days = (seen.left - seen.arrived).astype(np.int64)
    resident = np.isin(table.la[people.home], SHARING) & (days > SETTLED)
    moving = np.flatnonzero(resident & happens(rng, MOVES_A_YEAR * days / 365))
    new = pick(rng, (table.la == table.la[people.home[moving]][:, None]) * table.resident)
    moved_on = seen.arrived[moving] + rng.integers(SETTLED // 2, days[moving])
    really = new != people.home[moving]
    moving, new, moved_on = moving[really], new[really], moved_on[really]
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
    who, home = np.concatenate([np.arange(count), moving]), np.concatenate([people.home, new])
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
