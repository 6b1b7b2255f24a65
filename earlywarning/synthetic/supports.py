"""Support already in place: for a few pupils after a suspension, and with ``supported`` for half of a list.

Only the help that follows a list changes anything: it lowers the need of those helped for the rest of the
term.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlywarning.synthetic.arrays import Dates, Floats, Ints, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.chance import days_after, happens
from earlywarning.synthetic.lines import SUBSIDIARY, Lines
from earlywarning.synthetic.people import SECONDARY, SIXTH_FORM, People
from earlywarning.synthetic.spells import Seen, Spells
from earlywarning.synthetic.writing import Coded, Values

PROGRAMMES = np.array(["mentoring", "inclusion programme", "speech and language group", "transition group"])
OTHERWISE, ON_NEED, INCLUSION = 0.006, 0.5, 1
HELP_FROM = {1: 2, 2: 4, 4: 6}
"""Half term (from 0) in which help after a list begins, and the one before which it ends."""
SHARE_LISTED, HELPED, EFFECT, TERMS_LISTED = 0.02, 0.5, 1.0, 3
"""Shares of Years 7 to 11 listed and of the listed helped, how far need falls, terms looked back."""


@dataclass(frozen=True)
class Helped:
    """Pupils who are helped after a list, from and to which day."""

    pupil: Ints
    start: np.datetime64
    end: np.datetime64


def listed_and_helped(
    rng: np.random.Generator, authority: Authority, roll: Lines, day: int, recent: Ints
) -> Ints:
    """The pupils helped: half of a list of those most often suspended lately, drawn in each borough.

    ``recent`` holds the suspensions of each pupil in the three terms before; ``day`` is the list's.
    """
    there = (roll.first <= day) & (day <= roll.last) & (roll.status < SUBSIDIARY)
    there &= (roll.nc_year >= SECONDARY) & (roll.nc_year < SIXTH_FORM)
    chosen = []
    for borough in (0, 1):
        who = np.unique(roll.pupil[there & (authority.schools.borough[roll.school] == borough)])
        order = np.lexsort((rng.random(len(who)), -recent[who]))
        listed = who[order[: round(SHARE_LISTED * len(who))]]
        chosen.append(listed[happens(rng, np.full(len(listed), HELPED))])
    return np.concatenate(chosen)


@dataclass(frozen=True)
class Suspended:
    """Each suspension's pupil, first day and borough of the school."""

    pupil: Ints
    day: Dates
    borough: Ints


def support_rows(
    authority: Authority,
    people: People,
    seen: Seen,
    suspended: Suspended,
    helped: list[Helped],
    ids: Strings,
) -> dict[str, Values]:
    """Spells of support, at most one a pupil from chance, and those that followed a list."""
    rng = authority.stream("supports")
    who, start, programme = _by_chance(rng, people, seen, suspended, authority.planted.supported)
    end = days_after(rng, start, 60, 200)
    for one in helped:
        who = np.concatenate([who, one.pupil])
        start = np.concatenate([start, np.full(len(one.pupil), one.start)])
        end = np.concatenate([end, np.full(len(one.pupil), one.end)])
        programme = np.concatenate([programme, np.full(len(one.pupil), INCLUSION)])
    spells = Spells(start, end, days_after(rng, start, 1, 14), days_after(rng, end, 1, 14))
    order = np.lexsort((start, ids[who]))
    order = order[spells.known_by(authority.extracted_on)[order]]
    return {
        "pupil_id": Coded(who[order], ids),
        "programme": Coded(programme[order], PROGRAMMES),
        **{name: values[order] for name, values in spells.columns(authority.extracted_on).items()},
        "record": "new",
    }


def _by_chance(
    rng: np.random.Generator, people: People, seen: Seen, suspended: Suspended, chance: tuple[float, float]
) -> tuple[Ints, Dates, Ints]:
    """Pupil, start and programme of support after some suspensions, and for a few other pupils."""
    after: Floats = np.array(chance)[suspended.borough]
    some = np.flatnonzero(happens(rng, after))
    others = np.flatnonzero(happens(rng, OTHERWISE * np.exp(ON_NEED * people.need)))
    days = np.maximum((seen.left[others] - seen.arrived[others]).astype(np.int64), 1)
    begun = seen.arrived[others] + np.floor(rng.random(len(others)) * days).astype(np.int64)
    who = np.concatenate([suspended.pupil[some], others])
    start = np.concatenate([days_after(rng, suspended.day[some], 10, 40), begun])
    programme = np.concatenate([rng.integers(0, 2, len(some)), rng.integers(0, len(PROGRAMMES), len(others))])
    first = np.unique(who, return_index=True)[1]
    first = first[start[first] <= seen.left[who[first]]]
    return who[first], start[first], programme[first]
