"""Family-service spells: rarer the higher the tier, nested, and only from home boroughs that share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlywarning.synthetic.areas import SHARING, areas
from earlywarning.synthetic.arrays import Dates, Floats, Ints, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.chance import days_after, happens
from earlywarning.synthetic.people import LAST, People
from earlywarning.synthetic.spells import Seen, Spells
from earlywarning.synthetic.writing import Coded, Values

EARLY_HELP, IN_NEED, PROTECTION, LOOKED_AFTER, JUSTICE, NOTIFIED = range(6)
SERVICES: dict[str, tuple[float, float, int]] = {
    # spells begun in a year by a pupil at need 0, how they rise with need, mean length in days
    "early_help": (0.026, 0.70, 170),
    "child_in_need": (0.032, 0.75, 270),
    "child_protection": (0.0, 0.0, 0),
    "looked_after": (0.0016, 0.70, 900),
    "youth_justice": (0.0009, 1.10, 150),
    "domestic_abuse_notification": (0.008, 0.40, 0),
}
MOST_A_YEAR, JUSTICE_FROM, A_YEAR = 0.8, 5, 365
PROTECTED, LONG_ENOUGH = 0.16, 60
"""Share of child-in-need spells of so many days or more with a protection plan inside."""


@dataclass(frozen=True)
class Contacts:
    """One entry a spell."""

    pupil: Ints
    service: Ints
    start: Dates
    end: Dates

    def and_(self, more: Contacts) -> Contacts:
        """These, then ``more``."""
        pairs = {name: (values, getattr(more, name)) for name, values in vars(self).items()}
        return Contacts(**{name: np.concatenate(pair) for name, pair in pairs.items()})

    def take(self, which: Ints) -> Contacts:
        """Some of the spells, in the order asked for."""
        return Contacts(**{name: values[which] for name, values in vars(self).items()})


def contacts_of_year(authority: Authority, year: SchoolYear, people: People, need: Floats) -> Contacts:
    """Spells that begin in one academic year; in the first, those of the year before it as well."""
    rng = authority.stream("services", year.first)
    years = 2 if year == authority.years[0] else 1
    begin = np.datetime64(f"{year.first + 1 - years}-09-01")
    nc_year = year.first - people.reception
    shares = np.isin(areas().la[people.home], SHARING) & (nc_year <= LAST)
    pupil, service = [], []
    for kind, (rate, slope, _) in enumerate(SERVICES.values()):
        able = shares & (nc_year >= JUSTICE_FROM) if kind == JUSTICE else shares
        drawn = rng.poisson(np.minimum(rate * np.exp(slope * need), MOST_A_YEAR) * able * years)
        who = np.repeat(np.arange(len(people)), np.minimum(drawn, 2))
        pupil.append(who)
        service.append(np.full(len(who), kind))
    kinds = np.concatenate(service)
    start = days_after(rng, np.full(len(kinds), begin), 0, years * A_YEAR - 1)
    mean = np.array([days for _, _, days in SERVICES.values()])[kinds]
    length = np.floor(mean * rng.gamma(2.0, 0.5, len(kinds))).astype(np.int64)
    return _with_protection(rng, Contacts(np.concatenate(pupil), kinds, start, start + length))


def _with_protection(rng: np.random.Generator, spells: Contacts) -> Contacts:
    """The spells, and a protection plan within some child-in-need spells."""
    length = (spells.end - spells.start).astype(np.int64)
    long = (spells.service == IN_NEED) & (length > LONG_ENOUGH)
    chosen = np.flatnonzero(long & happens(rng, np.full(len(length), PROTECTED)))
    inside, start = length[chosen], spells.start[chosen]
    kind = np.full(len(chosen), PROTECTION)
    plans = Contacts(spells.pupil[chosen], kind, start + inside * 15 // 100, start + inside * 85 // 100)
    return spells.and_(plans)


def service_rows(
    authority: Authority, contacts: list[Contacts], people: People, seen: Seen, ids: Strings
) -> dict[str, Values]:
    """Rows of the services table: one open spell of a kind at a time, known one to four weeks late."""
    rng = authority.stream("services known")
    spells = contacts[0]
    for more in contacts[1:]:
        spells = spells.and_(more)
    spells = _one_at_a_time(spells)
    who = spells.pupil
    spells = spells.take(np.flatnonzero((spells.start <= seen.left[who]) & (spells.end >= seen.arrived[who])))
    who = spells.pupil
    known = np.maximum(days_after(rng, spells.start, 7, 30), days_after(rng, seen.arrived[who], 7, 30))
    when = Spells(spells.start, spells.end, known, np.maximum(days_after(rng, spells.end, 7, 30), known))
    order = np.lexsort((spells.service, spells.start, ids[who]))
    order = order[when.known_by(authority.extracted_on)[order]]
    return {
        "pupil_id": Coded(who[order], ids),
        "service": Coded(spells.service[order], np.array(list(SERVICES))),
        "la": Coded(people.home[who[order]], areas().la),
        **{name: values[order] for name, values in when.columns(authority.extracted_on).items()},
        "record": "new",
    }


def _one_at_a_time(spells: Contacts) -> Contacts:
    """The spells without those that begin while the one before of the same kind is open."""
    spells = spells.take(np.lexsort((spells.start, spells.service, spells.pupil)))
    keep = np.ones(len(spells.pupil), dtype=np.bool_)
    same = (spells.pupil[1:] == spells.pupil[:-1]) & (spells.service[1:] == spells.service[:-1])
    keep[1:] = ~(same & (spells.start[1:] <= spells.end[:-1]))
    return spells.take(np.flatnonzero(keep))
