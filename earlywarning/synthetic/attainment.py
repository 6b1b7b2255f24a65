"""Rows of the KS2 table: scaled scores in the years in which tests were held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np

from earlywarning.synthetic.arrays import Dates, Ints, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import MONDAY, weekday_from
from earlywarning.synthetic.chance import days_after, happens
from earlywarning.synthetic.needs import PLAN
from earlywarning.synthetic.people import SECONDARY, People
from earlywarning.synthetic.spells import Seen
from earlywarning.synthetic.writing import Coded, Values

SUBJECTS = np.array(["reading", "maths", "gps"])
ABSENT, BELOW, NO_SCORE = range(3)
OUTCOMES = np.array(["A", "B", "N"])
FIRST_SCALED, NOT_HELD = 2016, (2020, 2021)
LOWEST, HIGHEST = 80, 120
MEAN, SD, ON_NEED, WITH_PLAN = 106.6, 8.3, -0.32, -0.9
GENERAL, OF_SUBJECT = 0.75, 0.52
INDEPENDENT = 0.35
"""Share of outsiders who come from schools that do not sit the tests."""


def tested(summer: int) -> bool:
    """Whether scaled scores were given in that summer.

    >>> [tested(summer) for summer in (2015, 2019, 2020, 2021, 2022)]
    [False, True, False, False, True]
    """
    return summer >= FIRST_SCALED and summer not in NOT_HELD


def test_day(summer: int) -> dt.date:
    """The Tuesday of the test week: the second full week of May."""
    return weekday_from(dt.date(summer, 5, 8), MONDAY) + dt.timedelta(1)


def results_day(summer: int) -> dt.date:
    """The Tuesday in July on which results reach schools and authorities."""
    return weekday_from(dt.date(summer, 7, 5), MONDAY) + dt.timedelta(1)


def ks2_rows(authority: Authority, people: People, seen: Seen, ids: Strings) -> dict[str, Values]:
    """Results of everyone tested, known in July or, for pupils who arrive later, after their arrival."""
    rng = authority.stream("ks2")
    summer = people.reception + SECONDARY
    independent = people.outsider & happens(rng, np.full(len(people), INDEPENDENT))
    sat = np.isin(summer, [year for year in np.unique(summer).tolist() if tested(year)]) & ~independent
    sat &= seen.left >= _dates(summer, test_day)
    who = np.repeat(np.flatnonzero(sat), len(SUBJECTS))
    subject = np.tile(np.arange(len(SUBJECTS)), len(who) // len(SUBJECTS))
    score, outcome = _results(rng, people, who)
    day = _dates(summer[who], test_day)
    known = np.maximum(_dates(summer[who], results_day), days_after(rng, seen.arrived[who], 14, 45))
    order = np.flatnonzero(known <= authority.extracted_on)
    order = order[np.lexsort((subject[order], ids[who[order]], day[order]))]
    return {
        "pupil_id": Coded(who[order], ids),
        "date": day[order],
        "subject": Coded(subject[order], SUBJECTS),
        "scaled_score": np.where(outcome[order] < 0, np.clip(score[order], LOWEST, HIGHEST), np.nan),
        "outcome": Coded(outcome[order], OUTCOMES),
        "known_from": known[order],
        "record": "new",
    }


def _results(rng: np.random.Generator, people: People, who: Ints) -> tuple[Ints, Ints]:
    """Scores, and the code where there is none (-1 where there is a score)."""
    plan = people.sen[who] == PLAN
    general = rng.normal(0, GENERAL, len(people))[who]
    level = ON_NEED * people.need[who] + general + rng.normal(0, OF_SUBJECT, len(who)) + WITH_PLAN * plan
    score = np.round(MEAN + SD * level).astype(np.int64)
    below = (score < LOWEST) | (plan & (rng.random(len(who)) < 0.30))
    why = np.where(rng.random(len(who)) < 0.8, BELOW, NO_SCORE)
    absent = rng.random(len(who)) < 0.012
    return score, np.where(absent, ABSENT, np.where(below, why, -1))


def _dates(summers: Ints, rule: Callable[[int], dt.date]) -> Dates:
    """The date that ``rule`` gives for each summer."""
    each = {summer: rule(summer) for summer in np.unique(summers).tolist()}
    return np.array([each[summer] for summer in summers.tolist()], dtype="datetime64[D]")
