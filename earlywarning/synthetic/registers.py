"""Rows of the attendance table: marks with the day they became known, and corrections of code N."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from earlywarning.synthetic.arrays import Bools, Dates, Ints, Strings
from earlywarning.synthetic.attendance import CODES, ILL, NO_REASON, OTHER
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import weekday
from earlywarning.synthetic.feeds import sends
from earlywarning.synthetic.writing import Coded, Values
from earlywarning.synthetic.year import HalfTermPassed

CORRECTED, REALLY_ILL = 0.35, 0.6
FOUND_OUT = (2, 9)
SATURDAY = 5
SESSIONS = np.array(["AM", "PM"])
RECORDS = np.array(["new", "retraction"])
KEPT, WITHDRAWN, REPLACED = range(3)
ABSENT = ("I", "M", "C", "O", "N", "U", "G", "H", "E", "S", "C2", "C1")


def in_order(passed: HalfTermPassed, ids: Strings) -> HalfTermPassed:
    """The half term with the lines that were on roll in it, by pupil; its incidents are left behind."""
    order = np.lexsort((passed.roll.first, ids[passed.roll.pupil]))
    order = order[passed.on[order].any(axis=1)]
    code = np.ascontiguousarray(passed.code[:, order])
    none = passed.incidents.take(np.zeros(len(passed.incidents.line), dtype=np.bool_))
    return replace(passed, roll=passed.roll.take(order), on=passed.on[order], code=code, incidents=none)


def attendance_rows(authority: Authority, passed: HalfTermPassed, ids: Strings) -> dict[str, Values]:
    """The rows of one half term, :func:`in_order`, by date, pupil and session; silent schools sent none."""
    roll, days, schools = passed.roll, passed.days, authority.schools
    sent = passed.on & sends(authority, "attendance", roll.school, days)
    cell = np.flatnonzero(np.repeat(sent.T[:, :, None], 2, axis=2))
    rng = authority.stream("registers", str(days[0]))
    row, part, mark, wait = _with_corrections(rng, passed.code.reshape(-1)[cell].astype(np.int64))
    day, rest = np.divmod(cell[row], 2 * len(roll))
    line, session = np.divmod(rest, 2)
    known = _known(days)[schools.weekly[roll.school[line]].astype(np.int64), day]
    return {
        "pupil_id": Coded(roll.pupil[line], ids),
        "school_id": Coded(roll.school[line], schools.school_id),
        "date": days[day],
        "session": Coded(session, SESSIONS),
        "code": Coded(mark, CODES),
        "known_from": known + wait.astype("timedelta64[D]"),
        "record": Coded((part == WITHDRAWN).astype(np.int64), RECORDS),
    }


def _with_corrections(rng: np.random.Generator, mark: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Which mark each row is of, its part, its code, and the days it waited beyond the usual.

    For some marks N the reason is found out: the row, its retraction, and a row with the right code, the last
    two known from the same later day.
    """
    corrected = np.zeros(len(mark), dtype=np.bool_)
    unknown = np.flatnonzero(mark == NO_REASON)
    corrected[unknown] = rng.random(len(unknown)) < CORRECTED
    row = np.repeat(np.arange(len(mark)), 1 + 2 * corrected)
    first = np.flatnonzero(corrected) + 2 * np.arange(int(corrected.sum()))
    part, wait = np.zeros((2, len(row)), dtype=np.int64)
    code = mark[row]
    part[first + 1], part[first + 2] = WITHDRAWN, REPLACED
    wait[first + 1] = wait[first + 2] = rng.integers(*FOUND_OUT, len(first))
    code[first + 2] = np.where(rng.random(len(first)) < REALLY_ILL, ILL, OTHER)
    return row, part, code, wait


def _known(days: Dates) -> Dates:
    """When a day's marks are known, the next day or (sent weekly) on the Saturday: (2, days)."""
    until_saturday = (SATURDAY - weekday(days)).astype("timedelta64[D]")
    return np.stack([days + np.timedelta64(1, "D"), days + until_saturday])


def absent_and_possible(passed: HalfTermPassed, count: int) -> tuple[Ints, Ints]:
    """Sessions missed and possible of each of ``count`` pupils, as the published rates count them."""
    on, code = passed.on.T, passed.code
    missed, possible = np.isin(CODES, ABSENT), CODES != "D"
    return _by_pupil(missed[code], on, passed.roll.pupil, count), _by_pupil(
        possible[code], on, passed.roll.pupil, count
    )


def _by_pupil(cells: Bools, on: Bools, pupil: Ints, count: int) -> Ints:
    line = (cells.sum(axis=2) * on).sum(axis=0)
    return np.bincount(pupil, weights=line, minlength=count).astype(np.int64)
