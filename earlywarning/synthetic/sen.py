"""Rows of the SEN table: support, an assessment under way, a plan."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.arrays import Dates, Floats, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.chance import days_after
from earlywarning.synthetic.needs import PLAN, SUPPORT, TYPES
from earlywarning.synthetic.people import People
from earlywarning.synthetic.spells import NEVER, Seen, Spells
from earlywarning.synthetic.writing import Coded, Values

ASSESSMENT_DAYS = 140
ALONE, BEFORE, ASSESSED, PLANNED = range(4)
PROVISION = np.array(["K", "E"])
FAR_AWAY = 100.0
"""Years after Reception: an onset that never comes."""


def sen_rows(authority: Authority, people: People, seen: Seen, ids: Strings) -> dict[str, Values]:
    """SEN spells of pupils on roll, known about a month after they began or after the pupil arrived."""
    rng = authority.stream("sen")
    support, plan = _dates(people, people.support_from), _dates(people, people.plan_from)
    asked, day = plan - np.timedelta64(ASSESSMENT_DAYS, "D"), np.timedelta64(1, "D")
    asked = np.maximum(asked, support)
    on_support, on_plan = np.flatnonzero(people.sen == SUPPORT), np.flatnonzero(people.sen == PLAN)
    who = np.concatenate([on_support, on_plan, on_plan, on_plan])
    part = np.repeat([ALONE, BEFORE, ASSESSED, PLANNED], [len(on_support), *[len(on_plan)] * 3])
    start = np.choose(part, [support[who], support[who], asked[who], plan[who]])
    end = np.where(part == BEFORE, asked[who] - day, np.where(part == ASSESSED, plan[who] - day, NEVER))
    here = (start <= seen.left[who]) & (np.isnat(end) | ((end >= start) & (end >= seen.arrived[who])))
    who, part, start, end = who[here], part[here], start[here], end[here]
    known = np.maximum(days_after(rng, start, 20, 40), days_after(rng, seen.arrived[who], 3, 20))
    spells = Spells(start, end, known, np.maximum(days_after(rng, end, 20, 40), known))
    order = np.lexsort((start, ids[who]))
    order = order[spells.known_by(authority.extracted_on)[order]]
    return {
        "pupil_id": Coded(who[order], ids),
        "sen_provision": Coded((part[order] == PLANNED).astype(np.int64), PROVISION),
        "sen_primary_need": Coded(people.sen_type[who[order]], np.array(list(TYPES))),
        "assessment_under_way": part[order] == ASSESSED,
        **{name: values[order] for name, values in spells.columns(authority.extracted_on).items()},
        "record": "new",
    }


def _dates(people: People, nc_year: Floats) -> Dates:
    """The date on which a pupil reached an NC year with its fraction (far away where never)."""
    days = (np.minimum(nc_year, FAR_AWAY) * 365).astype(np.int64)
    january = (people.reception - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    return np.asarray(january + 246 + days)
