"""Family-service spells: rarer the higher the tier, nested, and only from home boroughs that share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from earlywarning.synthetic.areas import KENSINGTON, SHARING, areas
from earlywarning.synthetic.arrays import Dates, Floats, Ints, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import SchoolYear
from earlywarning.synthetic.chance import days_after, happens
from earlywarning.synthetic.homes import Homes
from earlywarning.synthetic.people import LAST, People
from earlywarning.synthetic.planted import Planted
from earlywarning.synthetic.spells import Seen, Spells
from earlywarning.synthetic.writing import Coded, Values

EARLY_HELP, IN_NEED, PROTECTION, LOOKED_AFTER, JUSTICE, NOTIFIED = range(6)
SERVICES = (
    "early_help",
    "child_in_need",
    "child_protection",
    "looked_after",
    "youth_justice",
    "domestic_abuse_notification",
)
MEAN_DAYS = np.array([170, 270, 0, 900, 150, 0])
SLOPES = np.array([0.70, 0.0, 0.0, 0.70, 1.10, 0.40])
"""How spells begun in a year rise with need; a child in need's is planted."""
JUSTICE_A_YEAR, NOTIFICATIONS_A_YEAR, IN_THE_MIDDLE = 0.0009, 0.008, 6
MOST_A_YEAR, JUSTICE_FROM, A_YEAR, LONG_ENOUGH = 0.8, 5, 365, 60


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
    """Spells that begin in one academic year; in the first, those of the two years before it as well."""
    rng = authority.stream("services", year.first)
    years = 3 if year == authority.years[0] else 1
    begin = np.datetime64(f"{year.first + 1 - years}-09-01")
    nc_year = year.first - people.reception
    rates = _a_year(authority.planted, people, need, nc_year)
    pupil, service = [], []
    for kind in range(len(SERVICES)):
        drawn = rng.poisson(np.minimum(rates[:, kind], MOST_A_YEAR) * years)
        who = np.repeat(np.arange(len(people)), np.minimum(drawn, 2))
        pupil.append(who)
        service.append(np.full(len(who), kind))
    kinds = np.concatenate(service)
    start = days_after(rng, np.full(len(kinds), begin), 0, years * A_YEAR - 1)
    length = np.floor(MEAN_DAYS[kinds] * rng.gamma(2.0, 0.5, len(kinds))).astype(np.int64)
    spells = Contacts(np.concatenate(pupil), kinds, start, start + length)
    home = _borough(people)[spells.pupil]
    return _with_protection(rng, spells, np.array(authority.planted.protected)[home])


def _a_year(planted: Planted, people: People, need: Floats, nc_year: Ints) -> Floats:
    """Spells of each service begun in a year: (pupils, services); none where the home area does not share."""
    home = _borough(people)
    level = np.zeros((len(people), len(SERVICES)))
    level[:, EARLY_HELP] = np.array(planted.early_help)[home]
    level[:, IN_NEED] = np.array(planted.child_in_need)[home]
    level[:, LOOKED_AFTER] = np.array(planted.looked_after)[home]
    level[:, JUSTICE] = JUSTICE_A_YEAR * (nc_year >= JUSTICE_FROM)
    level[:, NOTIFIED] = NOTIFICATIONS_A_YEAR
    rates = level * np.exp(need[:, None] * SLOPES)
    older = planted.child_in_need_year * (np.minimum(nc_year, LAST) - IN_THE_MIDDLE)
    rates[:, IN_NEED] *= np.exp(planted.child_in_need_need * need + older)
    shares = np.isin(areas().la[people.home], SHARING) & (nc_year <= LAST)
    return np.asarray(rates * shares[:, None])


def _borough(people: People) -> Ints:
    """The home borough of each pupil: 1 for Kensington and Chelsea, 0 otherwise."""
    return np.asarray(areas().la[people.home] == KENSINGTON, dtype=np.int64)


def _with_protection(rng: np.random.Generator, spells: Contacts, protected: Floats) -> Contacts:
    """The spells, protection plans inside some of a child in need's, and one of those around each in care."""
    length = (spells.end - spells.start).astype(np.int64)
    long = (spells.service == IN_NEED) & (length > LONG_ENOUGH)
    chosen = np.flatnonzero(long & happens(rng, protected))
    inside, start = length[chosen], spells.start[chosen]
    kind = np.full(len(chosen), PROTECTION)
    plans = Contacts(spells.pupil[chosen], kind, start + inside * 15 // 100, start + inside * 85 // 100)
    cared = spells.take(np.flatnonzero(spells.service == LOOKED_AFTER))
    around = replace(cared, service=np.full(len(cared.pupil), IN_NEED))
    return spells.and_(plans).and_(around)


def service_rows(
    authority: Authority, contacts: list[Contacts], homes: Homes, seen: Seen, ids: Strings
) -> dict[str, Values]:
    """Rows of the services table: one open spell of a kind at a time, known one to four weeks late."""
    rng = authority.stream("services known")
    spells = contacts[0]
    for more in contacts[1:]:
        spells = spells.and_(more)
    spells = _joined(spells)
    who = spells.pupil
    here = (spells.start <= seen.left[who]) & (spells.end >= seen.arrived[who])
    shared = np.isin(areas().la[homes.on(who, spells.start)], SHARING)
    spells = spells.take(np.flatnonzero(here & shared))
    who = spells.pupil
    home = homes.on(who, spells.start)
    known = np.maximum(days_after(rng, spells.start, 7, 30), days_after(rng, seen.arrived[who], 7, 30))
    when = Spells(spells.start, spells.end, known, np.maximum(days_after(rng, spells.end, 7, 30), known))
    order = np.lexsort((spells.service, spells.start, ids[who]))
    order = order[when.known_by(authority.extracted_on)[order]]
    return {
        "pupil_id": Coded(who[order], ids),
        "service": Coded(spells.service[order], np.array(SERVICES)),
        "la": Coded(home[order], areas().la),
        **{name: values[order] for name, values in when.columns(authority.extracted_on).items()},
        "record": "new",
    }


def _joined(spells: Contacts) -> Contacts:
    """The spells with those of one kind that touch or overlap made into one."""
    spells = spells.take(np.lexsort((spells.start, spells.service, spells.pupil)))
    group = np.cumsum(np.r_[True, (np.diff(spells.pupil) != 0) | (np.diff(spells.service) != 0)])
    # Days since 1970 plus a step a group: the running latest end starts anew with each pupil and service.
    step, day = 10**6 * group, np.timedelta64(1, "D")
    end = (spells.end - np.datetime64("1970-01-01")) // day + step
    begin = (spells.start - np.datetime64("1970-01-01")) // day + step
    first = np.r_[True, begin[1:] > np.maximum.accumulate(end)[:-1] + 1]
    last = np.flatnonzero(np.r_[first[1:], True])
    joined = spells.take(np.flatnonzero(first))
    latest = np.datetime64("1970-01-01") + (np.maximum.accumulate(end) - step)[last] * day
    return replace(joined, end=latest)
