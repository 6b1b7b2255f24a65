"""Rows of the attendance table: marks with the day they became known, and corrections of code N."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.arrays import Bools, Dates, Ints, Strings
from earlywarning.synthetic.attendance import CODES, ILL, NO_REASON, OTHER
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.calendar import LEAVERS, SchoolYear, weekday
from earlywarning.synthetic.feeds import sends
from earlywarning.synthetic.lines import Lines
from earlywarning.synthetic.people import SECONDARY, SIXTH_FORM
from earlywarning.synthetic.writing import Coded, Values, kept
from earlywarning.synthetic.year import HalfTermPassed, Register
from earlywarning.tables.declare import Column, Table, pupil_id

CORRECTED, REALLY_ILL = 0.35, 0.6
FOUND_OUT = (2, 9)
SATURDAY = 5
SESSIONS = np.array(["AM", "PM"])
RECORDS = np.array(["new", "retraction"])
KEPT, WITHDRAWN, REPLACED = range(3)
ABSENT = ("I", "M", "C", "O", "N", "U", "G", "H", "E", "S", "C2", "C1")


MARKED = Table(
    name="marked",
    kind="static",
    meaning="Sessions possible, missed and under suspension: what the published absence rates need.",
    key=("pupil_id", "school_id", "academic_year"),
    columns=(
        pupil_id(),
        Column("school_id", "string", "the school", "s0012"),
        Column("academic_year", "string", "such as 2024/25", "2024/25"),
        Column("possible", "integer", "sessions possible", 60, low=0),
        Column("missed", "integer", "sessions missed", 3, low=0),
        Column("suspended", "integer", "sessions marked E", 0, low=0),
    ),
)
YEARS, JUNE = 3, 5


def on_roll(passed: HalfTermPassed, ids: Strings) -> Ints:
    """The lines that were on roll at some time in the half term, by pupil."""
    order = np.lexsort((passed.roll.first, ids[passed.roll.pupil]))
    year_days = passed.first, passed.first + len(passed.days) - 1
    there = (passed.roll.first <= year_days[1]) & (passed.roll.last >= year_days[0])
    return np.asarray(order[there[order]])


def attendance_rows(authority: Authority, register: Register, ids: Strings) -> dict[str, Values]:
    """The rows of one half term by date, then as the register has its lines; silent schools sent none."""
    roll, days, schools = register.roll, register.days, authority.schools
    cell = np.flatnonzero(np.repeat(register.on.T[:, :, None], 2, axis=2))
    rng = authority.stream("registers", str(days[0]))
    row, part, mark, wait = _with_corrections(rng, register.code.reshape(-1)[cell].astype(np.int64))
    day, rest = np.divmod(cell[row], 2 * len(roll))
    line, session = np.divmod(rest, 2)
    known = _known(days)[schools.weekly[roll.school[line]].astype(np.int64), day]
    rows: dict[str, Values] = {
        "pupil_id": Coded(roll.pupil[line], ids),
        "school_id": Coded(roll.school[line], schools.school_id),
        "date": days[day],
        "session": Coded(session, SESSIONS),
        "code": Coded(mark, CODES),
        "known_from": known + wait.astype("timedelta64[D]"),
        "record": Coded((part == WITHDRAWN).astype(np.int64), RECORDS),
    }
    sent = sends(authority, "attendance", roll.school, days)
    return rows if sent.all() else kept(rows, sent[line, day])


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


def sums(register: Register) -> tuple[Ints, Ints, Ints]:
    """Sessions possible, missed and under suspension on each line, as the published rates count them."""
    possible, missed, suspended = CODES != "D", np.isin(CODES, ABSENT), CODES == "E"
    on = register.on.T
    of_line = [(kind[register.code].sum(axis=2) * on).sum(axis=0) for kind in (possible, missed, suspended)]
    return of_line[0], of_line[1], of_line[2]


def counted(authority: Authority, year: SchoolYear, half: int, roll: Lines) -> Bools:
    """Which lines the published absence rates of the last three years count."""
    phase = authority.schools.phase[roll.school]
    there = np.isin(phase, ("secondary", "alternative_provision")) & (roll.nc_year >= SECONDARY)
    there &= (roll.nc_year < SIXTH_FORM) & ((roll.nc_year < LEAVERS[0]) | (half < JUNE))
    return there & (year in authority.years[-YEARS:])


def marked_rows(
    authority: Authority, year: SchoolYear, register: Register, ids: Strings
) -> dict[str, Values]:
    """The sessions of each line of a register."""
    possible, missed, suspended = sums(register)
    return {
        "pupil_id": Coded(register.roll.pupil, ids),
        "school_id": Coded(register.roll.school, authority.schools.school_id),
        "academic_year": year.label,
        "possible": possible,
        "missed": missed,
        "suspended": suspended,
    }
