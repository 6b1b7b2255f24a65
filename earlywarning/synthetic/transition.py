"""Rows of the transition table: what primary schools pass on at the move to secondary school."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.arrays import Floats, Ints, Strings
from earlywarning.synthetic.chance import days_after, happens
from earlywarning.synthetic.roll import at_end
from earlywarning.synthetic.writing import Coded, Values
from earlywarning.synthetic.year import Course

YEAR_6 = 6
CONCERNS = np.array(["none", "some", "high"])
SOME_ABOVE, HIGH_ABOVE, LEFT_EMPTY = 0.9, 1.9, 0.06


def transition_rows(course: Course, absence: Floats, ids: Strings) -> dict[str, Values]:
    """Hand-over records of the year's Year 6 in schools that write them, dated in the second half of June.

    ``absence`` is each pupil's absence rate in the year so far.
    """
    authority, people, year = course.authority, course.people, course.year
    rng = authority.stream("transition", year.first)
    school = at_end(course.roll, len(people), year)
    writes = (authority.schools.phase == "primary") & authority.schools.hands_over
    here = (year.first - people.reception == YEAR_6) & (school >= 0) & np.isfinite(absence)
    who = np.flatnonzero(here & writes[school])
    written = days_after(rng, np.full(len(who), np.datetime64(f"{year.first + 1}-06-15")), 0, 11)
    worry = people.need[who] + rng.normal(0, 0.6, len(who))
    concern = np.where(worry > HIGH_ABOVE, 2, np.where(worry > SOME_ABOVE, 1, 0))
    concern = np.where(happens(rng, np.full(len(who), LEFT_EMPTY)), -1, concern)
    known = days_after(rng, written, 5, 14)
    order = np.lexsort((ids[who], written))
    return {
        "pupil_id": Coded(who[order], ids),
        "school_id": Coded(school[who[order]], authority.schools.school_id),
        "date": written[order],
        "absence_rate": np.round(absence[who[order]], 3),
        "suspensions": _suspended_so_far(course)[who[order]],
        "concern": Coded(concern[order], CONCERNS),
        "known_from": known[order],
        "record": "new",
    }


def _suspended_so_far(course: Course) -> Ints:
    """Suspensions of each pupil in the year before its last half term."""
    june = course.year.span(5)[0]
    who = np.array([one.pupil for one in course.suspensions if one.start < june], dtype=np.int64)
    return np.bincount(who, minlength=len(course.people)).astype(np.int64)
