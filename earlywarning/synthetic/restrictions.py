"""A handful of objections and restricted records among the pupils who are on a roll in the last year."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.arrays import Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.chance import days_after
from earlywarning.synthetic.spells import NEVER, Seen, Spells
from earlywarning.synthetic.writing import Coded, Values

KINDS = np.array(["objection", "restricted"])
MANY, ENDED = 6, 1
"""Pupils with a restriction, and how many of these restrictions have ended."""


def restriction_rows(authority: Authority, seen: Seen, ids: Strings) -> dict[str, Values]:
    """A row a pupil: begun in the last academic year and known within a week; one has ended."""
    rng = authority.stream("restrictions")
    last_year = authority.years[-1].days[0]
    there = np.flatnonzero((seen.left > last_year) & (seen.arrived <= last_year))
    who = rng.permutation(there)[:MANY]
    start = days_after(rng, np.full(len(who), last_year), 0, 150)
    ended = np.arange(len(who)) < ENDED
    end = np.where(ended, days_after(rng, start, 20, 40), NEVER)
    spells = Spells(
        start, end, days_after(rng, start, 1, 7), np.where(ended, days_after(rng, end, 1, 7), NEVER)
    )
    kind = np.arange(len(who)) % len(KINDS)
    order = np.argsort(ids[who], kind="stable")
    return {
        "pupil_id": Coded(who[order], ids),
        "kind": Coded(kind[order], KINDS),
        **{name: values[order] for name, values in spells.columns(authority.extracted_on).items()},
        "record": "new",
    }
