"""Each pupil's true probability of the main label on each issue's date, worked out and not simulated.

Incidents are Poisson given need, each leads to a suspension with a known chance, a suspension is followed by
another with a known chance, and later steps of need are integrated out with Gauss-Hermite nodes. The
probability is for a pupil who stays on the roll and is not placed elsewhere. Left out: that nobody is
suspended while suspended (under 1% of days), and what follows on what follows.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from earlywarning.school_calendar import HalfTerm, IssueDates, termly_issues
from earlywarning.synthetic.arrays import Floats, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import EXTRACTED_ON, SchoolYear
from earlywarning.synthetic.incidents import serious_rate
from earlywarning.synthetic.lines import SUBSIDIARY, Lines
from earlywarning.synthetic.need import Moving, step_sd
from earlywarning.synthetic.people import NURSERY, People
from earlywarning.synthetic.planted import Planted
from earlywarning.synthetic.response import LENGTH_SHARE, LENGTHS, Suspension, chance_of_suspension
from earlywarning.synthetic.rows import NC_YEARS
from earlywarning.synthetic.writing import Coded, Values

NODES = 9


@dataclass(frozen=True)
class YearTruth:
    """What the truth needs of one academic year once it is over."""

    year: SchoolYear
    people: People
    roll: Lines
    moving: Moving
    suspensions: tuple[Suspension, ...]


@dataclass(frozen=True)
class Window:
    """An issue's window in day numbers: the label counts what begins from ``panel`` to ``closes``.

    ``half`` is the half term the panel meets in, the window's first of two, from day ``low`` to before
    ``high``; ``known`` the last half term begun by the cut, whose need is part of the state; ``cut`` the
    first day after the cut. ``roll`` holds the lines on roll on the cut, by pupil.
    """

    half: int
    low: int
    high: int
    known: int
    cut: int
    panel: int
    closes: int
    roll: Lines


def issues(authority: Authority) -> list[IssueDates]:
    """The termly issues whose label has closed by the extract."""
    years = (*authority.years, authority.following)
    halves = [HalfTerm(year.label, one.term, one.start, one.end) for year in years for one in year.half_terms]
    return [issue for issue in termly_issues(halves, EXTRACTED_ON) if issue.closes <= EXTRACTED_ON]


def outlook_rows(
    authority: Authority, truth: YearTruth, issue: IssueDates, ids: Strings
) -> dict[str, Values]:
    """One row for each pupil on a main roll on the issue's date, by pupil."""
    window = _window(truth, issue, ids)
    roll, planted = window.roll, authority.planted

    days = [truth.year.days[truth.year.span(half)[0]] for half in (window.half, window.half + 1)]
    lived, alone = (_serious(truth, window, planted, support=support) for support in (True, False))
    returns = _no_return(truth, window, planted)

    def probability(serious: Serious, *, strictness: bool = True, bias: bool = True) -> Floats:
        chance = [
            chance_of_suspension(authority, roll, truth.people, day, strictness=strictness, bias=bias)
            for day in days
        ]
        return 1 - _nothing_new(truth, window, serious, chance, planted) * returns

    return {
        "pupil_id": Coded(roll.pupil, ids),
        "school_id": Coded(roll.school, authority.schools.school_id),
        "nc_year": Coded(roll.nc_year - NURSERY, NC_YEARS),
        "as_of_date": np.full(len(roll), np.datetime64(issue.as_of_date)),
        "panel_date": np.full(len(roll), np.datetime64(issue.panel_date)),
        "closes": np.full(len(roll), np.datetime64(issue.closes)),
        "probability": probability(lived),
        "without_strictness": probability(lived, strictness=False),
        "without_bias": probability(lived, bias=False),
        "without_both": probability(lived, strictness=False, bias=False),
        "without_support": probability(alone),
    }


def _window(truth: YearTruth, issue: IssueDates, ids: Strings) -> Window:
    year = truth.year
    panel, cut = year.day_number(issue.panel_date), year.day_number(issue.as_of_date + dt.timedelta(1))
    half, day = int(year.half_of_day[panel]), max(cut - 1, 0)
    on = (truth.roll.first <= day) & (day <= truth.roll.last) & (truth.roll.status < SUBSIDIARY)
    roll = truth.roll.take(np.flatnonzero(on))
    return Window(
        half,
        *year.span(half),
        known=sum(one.start <= issue.as_of_date for one in year.half_terms) - 1,
        cut=cut,
        panel=panel,
        closes=year.day_number(issue.closes),
        roll=roll.take(np.argsort(ids[roll.pupil], kind="stable")),
    )


@dataclass(frozen=True)
class Serious:
    """Expected serious incidents a school day over the nodes of what is still to come, and their weights.

    ``first`` has the shape (lines, early nodes), ``second`` (lines, early nodes, late nodes).
    """

    first: Floats
    second: Floats
    early: Floats
    late: Floats


def _serious(truth: YearTruth, window: Window, planted: Planted, *, support: bool = True) -> Serious:
    """Serious incidents in the window's two half terms; later steps of need sit on Gauss-Hermite nodes."""
    roll, pupil, half = window.roll, window.roll.pupil, window.half
    node, weight = np.polynomial.hermite_e.hermegauss(NODES)
    weight, step = weight / weight.sum(), step_sd(planted) * node
    now = truth.moving.drift[pupil, window.known][:, None]
    early, mass = (now, np.ones(1)) if window.known == half else (planted.need_memory * now + step, weight)
    late = planted.need_memory * early[:, :, None] + step
    still = (truth.people.need + truth.people.temper)[pupil, None]
    shaken = truth.moving.shock[pupil] - support * truth.moving.help[pupil]
    first = serious_rate(roll.nc_year, still + shaken[:, [half]] + early, planted)
    second = serious_rate(roll.nc_year, (still + shaken[:, [half + 1]])[:, :, None] + late, planted)
    return Serious(first, second, mass, weight)


def _nothing_new(
    truth: YearTruth, window: Window, serious: Serious, chance: list[Floats], planted: Planted
) -> Floats:
    """The probability that no incident of the window, nor what follows one before it, suspends the pupil."""
    # A suspension begins the day after its incident, so incidents count from the eve of the panel on.
    closes = np.minimum(window.closes, truth.year.last_days(window.roll.nc_year))
    days = window.high - window.panel + 1, np.maximum(closes - window.high, 0)
    gap = window.panel - max(window.low, window.cut)
    first = serious.first * (chance[0] * (days[0] + gap * _returns(window, planted)))[:, None]
    second = serious.second * (chance[1] * days[1])[:, None, None]
    return np.asarray((np.exp(-first) * (np.exp(-second) @ serious.late)) @ serious.early)


def _returns(window: Window, planted: Planted) -> float:
    """How many suspensions in the window follow, on average, one begun between the cut and the panel."""
    start = np.arange(max(window.low, window.cut), window.panel)
    if len(start) == 0:
        return 0.0
    back = start[:, None, None] + LENGTHS[:, None] - 1 + np.arange(1, planted.suspend_again_within + 1)
    inside = ((back + 1 >= window.panel) & (back < window.high)).mean(axis=(0, 2))
    return planted.suspend_again * float(inside @ LENGTH_SHARE)


def _no_return(truth: YearTruth, window: Window, planted: Planted) -> Floats:
    """The probability that nothing in the window follows the pupil's last suspension before the cut."""
    within, share = planted.suspend_again_within, {}
    for one in truth.suspensions:
        if window.low <= one.start < window.cut:
            back = one.last + np.arange(1, within + 1)
            passed = ((back + 1 < window.cut) & (back < window.high)).sum() / within
            ahead = ((back + 1 >= window.panel) & (back < window.high)).sum() / within
            share[one.pupil] = 1 - planted.suspend_again * ahead / (1 - planted.suspend_again * passed)
    return np.array([share.get(pupil, 1.0) for pupil in window.roll.pupil.tolist()])
