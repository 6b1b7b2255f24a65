"""Support already in place: a few pupils after a suspension or with high need. It changes nothing here."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.arrays import Dates, Ints, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.chance import days_after, happens
from earlywarning.synthetic.people import People
from earlywarning.synthetic.spells import Seen, Spells
from earlywarning.synthetic.writing import Coded, Values

PROGRAMMES = np.array(["mentoring", "inclusion programme", "speech and language group", "transition group"])
AFTER_SUSPENSION, OTHERWISE, ON_NEED = 0.06, 0.02, 0.5


def support_rows(
    authority: Authority, people: People, seen: Seen, suspended: tuple[Ints, Dates], ids: Strings
) -> dict[str, Values]:
    """Spells of support, at most one a pupil. ``suspended``: pupil and first day of each suspension."""
    rng = authority.stream("supports")
    after = np.flatnonzero(happens(rng, np.full(len(suspended[0]), AFTER_SUSPENSION)))
    others = np.flatnonzero(happens(rng, OTHERWISE * np.exp(ON_NEED * people.need)))
    days = np.maximum((seen.left[others] - seen.arrived[others]).astype(np.int64), 1)
    begun = seen.arrived[others] + np.floor(rng.random(len(others)) * days).astype(np.int64)
    who = np.concatenate([suspended[0][after], others])
    start = np.concatenate([days_after(rng, suspended[1][after], 10, 40), begun])
    programme = np.concatenate(
        [rng.integers(0, 2, len(after)), rng.integers(0, len(PROGRAMMES), len(others))]
    )
    first = np.unique(who, return_index=True)[1]
    first = first[start[first] <= seen.left[who[first]]]
    who, start, programme = who[first], start[first], programme[first]
    end = days_after(rng, start, 60, 200)
    spells = Spells(start, end, days_after(rng, start, 1, 14), days_after(rng, end, 1, 14))
    order = np.argsort(ids[who])
    order = order[spells.known_by(authority.extracted_on)[order]]
    return {
        "pupil_id": Coded(who[order], ids),
        "programme": Coded(programme[order], PROGRAMMES),
        **{name: values[order] for name, values in spells.columns(authority.extracted_on).items()},
        "record": "new",
    }
