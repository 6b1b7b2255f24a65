"""Rows of the tables that follow from a year: enrolments, behaviour, suspensions, placements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from earlywarning.synthetic.arrays import Dates, Ints, Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import LEAVERS, SchoolYear
from earlywarning.synthetic.chance import days_after
from earlywarning.synthetic.feeds import later, sends, suspension_known
from earlywarning.synthetic.incidents import CATEGORIES, POSITIVE, SIZE, times
from earlywarning.synthetic.lines import STATUS, SUBSIDIARY, Lines
from earlywarning.synthetic.people import NURSERY
from earlywarning.synthetic.placements import OUTCOMES, ROUTES
from earlywarning.synthetic.spells import Spells
from earlywarning.synthetic.writing import Coded, Values, kept
from earlywarning.synthetic.year import Course, HalfTermPassed

NC_YEARS = np.array(["N2", "R", *(str(number) for number in range(1, 14))])
"""From the nursery (-1) and Reception (0) to Year 13."""
YEAR_END, PHASE_END, MOVED_SCHOOL, MOVED_AREA = range(4)
LEAVING = np.array(["year_end", "phase_end", "moved_school", "moved_area"])
REASONS: dict[str, float] = {
    "DB": 0.44, "PP": 0.19, "VA": 0.16, "PA": 0.05, "VP": 0.04, "BU": 0.02, "DA": 0.04, "DM": 0.02,
    "TH": 0.01, "MT": 0.01, "OW": 0.02,
}  # fmt: skip
NEW_REASONS = ("MT", "OW")
NEW_LIST = 2020
"""From this September: suspension (not fixed period exclusion), up to three reasons, a finer list of them."""
ANOTHER_REASON = 0.25
FIRST, RETRACTED, DECIDED = range(3)
REVIEW_AFTER = 42


def enrolment_rows(authority: Authority, year: SchoolYear, roll: Lines, ids: Strings) -> dict[str, Values]:
    """A row a line. Where one main line follows another, both are known on the same day."""
    rng = authority.stream("enrolments known", year.first)
    lag = rng.integers(1, 6, len(authority.schools.school_id))[roll.school]
    start, end = year.days[roll.first], year.days[roll.last]
    order = np.lexsort((roll.first, ids[roll.pupil]))
    main = order[roll.status[order] < SUBSIDIARY]
    before, after = main[:-1], main[1:]
    joined = (roll.pupil[before] == roll.pupil[after]) & (roll.last[before] + 1 == roll.first[after])
    known, end_known = start + lag, end + 1 + lag
    end_known[before[joined]] = known[after[joined]]
    stays = np.zeros(len(roll), dtype=np.bool_)
    stays[before[joined]] = True
    within = roll.last < year.last_days(roll.nc_year)
    at_end = np.where(np.isin(roll.nc_year, [6, *LEAVERS]), PHASE_END, YEAR_END)
    reason = np.where(within, np.where(stays | (roll.status == SUBSIDIARY), MOVED_SCHOOL, MOVED_AREA), at_end)
    spells = Spells(start, end, known, end_known)
    columns = spells.columns(authority.extracted_on)
    order = order[spells.known_by(authority.extracted_on)[order]]
    return {
        "pupil_id": Coded(roll.pupil[order], ids),
        "school_id": Coded(roll.school[order], authority.schools.school_id),
        "nc_year": Coded(roll.nc_year[order] - NURSERY, NC_YEARS),
        "status": Coded(roll.status[order], np.array(STATUS)),
        "leaving_reason": Coded(np.where(np.isnat(columns["end_date"]), -1, reason)[order], LEAVING),
        **{name: values[order] for name, values in columns.items()},
        "record": "new",
    }


def behaviour_rows(
    course: Course, passed: HalfTermPassed, ids: Strings, first_number: int
) -> dict[str, Values]:
    """The events of one half term by date and pupil, with a running number; silent schools sent none.

    Everything is drawn before anything is left out, so that one school's silence changes no other's rows.
    """
    authority, year, incidents, roll = course.authority, course.year, passed.incidents, passed.roll
    rng = authority.stream("behaviour known", year.first, passed.number)
    school, date = roll.school[incidents.line], year.days[incidents.day]
    everyone = np.arange(len(authority.schools.school_id))
    sent = sends(authority, "behaviour", everyone, year.days)[school, incidents.day]
    order = np.lexsort((incidents.kind, ids[roll.pupil[incidents.line]], incidents.day))
    kind, count = incidents.kind[order], len(order)
    size = SIZE[kind] + (rng.random(count) < 0.2)
    number = f"b{authority.block:02d}"
    rows: dict[str, Values] = {
        "event_id": np.array([f"{number}{first_number + n:07d}" for n in range(count)], dtype=np.str_),
        "pupil_id": Coded(roll.pupil[incidents.line[order]], ids),
        "school_id": Coded(school[order], authority.schools.school_id),
        "date": date[order],
        "time": Coded(*times(rng, count)),
        "polarity": Coded((kind == POSITIVE).astype(np.int64), np.array(["negative", "positive"])),
        "points": (size * authority.schools.points[school[order]]).astype(np.float64),
        "category": Coded(incidents.category[order], np.array(list(CATEGORIES))),
        "known_from": days_after(rng, date[order], 1, 7),
        "record": "new",
    }
    return kept(rows, sent[order])


def suspension_rows(course: Course, ids: Strings, first_number: int) -> dict[str, Values]:
    """A row a suspension; a permanent exclusion is pending, then retracted, then as it was decided."""
    authority, year = course.authority, course.year
    ordered = sorted(course.suspensions, key=lambda one: (one.start, str(ids[one.pupil])))
    pupil, school, start, days = (_column(ordered, name) for name in ("pupil", "school", "start", "days"))
    permanent = np.array([one.permanent for one in ordered], dtype=np.bool_)
    known = suspension_known(authority, year, year.days[start])
    review = later(year.days[np.minimum(start + days, len(year.days) - 1)], 3)
    decided = np.maximum(review, later(known, 1))
    row = np.repeat(np.arange(len(ordered)), 1 + 2 * permanent)
    part = np.zeros(len(row), dtype=np.int64)
    first = np.flatnonzero(permanent) + 2 * np.arange(int(permanent.sum()))
    part[first + 1], part[first + 2] = RETRACTED, DECIDED
    decision = np.array([one.decision for one in ordered], dtype=np.str_)[row]
    number = f"x{authority.block:02d}"
    event = np.array([f"{number}{first_number + n:06d}" for n in range(len(ordered))], dtype=np.str_)
    sent = sends(authority, "suspensions", np.arange(len(authority.schools.school_id)), year.days)
    reasons = _reasons(course, len(ordered)).items()
    category = np.array(["SUSP" if year.first >= NEW_LIST else "FIXD", "PERM"])
    rows: dict[str, Values] = {
        "event_id": event[row],
        "pupil_id": Coded(pupil[row], ids),
        "school_id": Coded(school[row], authority.schools.school_id),
        "category": Coded(permanent[row].astype(np.int64), category),
        **{name: Coded(reason.codes[row], reason.words) for name, reason in reasons},
        "start_date": year.days[start][row],
        "sessions": np.where(permanent, np.nan, 2.0 * days)[row],
        "decision": np.where(permanent[row] & (part < DECIDED), "pending", decision),
        "known_from": np.where(part == FIRST, known[row], decided[row]),
        "record": Coded((part == RETRACTED).astype(np.int64), np.array(["new", "retraction"])),
    }
    return kept(rows, sent[school, start][row])


def _reasons(course: Course, count: int) -> dict[str, Coded]:
    """Up to three different reasons; before the new list one, and OT where the old one had no finer code."""
    rng = course.authority.stream("reasons", course.year.first)
    words, share = np.array(list(REASONS)), np.array(list(REASONS.values()))
    drawn = rng.random((count, 5))  # a row an event: what happens later in the year changes none before
    upto = np.cumsum(share / share.sum())[:-1]
    first, second, third = np.searchsorted(upto, drawn[:, :3], side="right").T
    more = drawn[:, 3:].T < ANOTHER_REASON
    if course.year.first < NEW_LIST:
        words, more = np.where(np.isin(words, NEW_REASONS), "OT", words), np.zeros_like(more)
    second = np.where(more[0] & (second != first), second, -1)
    third = np.where(more[1] & (second >= 0) & (third != first) & (third != second), third, -1)
    return {"reason1": Coded(first, words), "reason2": Coded(second, words), "reason3": Coded(third, words)}


def placement_rows(course: Course, ids: Strings) -> dict[str, Values]:
    """A row a placement: known within a fortnight, its end and outcome later."""
    authority, year, schools = course.authority, course.year, course.authority.schools
    rng = authority.stream("placements known", year.first)
    ordered = sorted(course.placements, key=lambda one: (one.start, str(ids[one.pupil])))
    pupil, school, host, first, last = (
        _column(ordered, name) for name in ("pupil", "school", "host", "start", "end")
    )
    start, end = year.days[first], year.days[last]
    lag = np.floor(rng.random((len(ordered), 2)) * (14, 10)).astype("timedelta64[D]") + 1
    spells = Spells(start, end, start + lag[:, 0], end + lag[:, 1])
    sent = sends(authority, "placements", np.arange(len(schools.school_id)), year.days)
    columns: dict[str, Dates] = spells.columns(authority.extracted_on)
    outcome = np.array([OUTCOMES.index(one.outcome) for one in ordered], dtype=np.int64)
    rows: dict[str, Values] = {
        "pupil_id": Coded(pupil, ids),
        "school_id": Coded(school, schools.school_id),
        "route": Coded(
            np.array([ROUTES.index(one.route) for one in ordered], dtype=np.int64), np.array(ROUTES)
        ),
        "setting": np.where(schools.phase[host] == "secondary", "mainstream", "ap_academy"),
        "roll_status": "dual_main",
        "review_date": later(start, REVIEW_AFTER),
        "outcome": Coded(np.where(np.isnat(columns["end_date"]), -1, outcome), np.array(OUTCOMES)),
        **columns,
        "record": "new",
    }
    return kept(rows, sent[school, first])


def _column(things: Sequence[object], name: str) -> Ints:
    return np.array([getattr(one, name) for one in things], dtype=np.int64)
