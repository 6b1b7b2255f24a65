"""Session marks of one half term: illness in runs, absence without leave, lateness, and the days out.

Later layers cover earlier ones; the code written is one that was valid on the day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from earlywarning.synthetic.arrays import Bools, Bytes, Dates, Floats, Ints
from earlywarning.synthetic.calendar import LEAVERS, weekday
from earlywarning.synthetic.people import SECONDARY, SIXTH_FORM
from earlywarning.synthetic.planted import Planted

CODES = np.array(
    ["/", "\\", "L", "I", "M", "C", "O", "N", "U", "G", "H", "E", "B", "K", "D", "V", "P", "S", "C2", "C1"]
)
(AM, PM, LATE, ILL, MEDICAL, LEAVE, OTHER, NO_REASON, AFTER_CLOSE, HOLIDAY, AGREED, OUT, OFF_SITE, ARRANGED,
 DUAL, VISIT, SPORT, STUDY, PART_TIME, PERFORMING) = range(len(CODES))  # fmt: skip
NEW_CODES_FROM = np.datetime64("2024-08-19")
"""From this day on there are C1, C2 and K, and holidays are no longer agreed (H)."""
BY_WEEKDAY = np.array([1.15, 0.85, 0.85, 0.95, 1.30, 1.0, 1.0])
WHOLE_DAYS = ((VISIT, 0.0040), (SPORT, 0.0015), (LEAVE, 0.0020), (PERFORMING, 0.0002))
APPOINTMENT = 0.0035
ILL_DAYS = np.array([1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5, 7])
HOLIDAY_DAYS = np.array([3, 4, 5, 5, 6, 7])
HOLIDAYS, AGREED_HOLIDAYS = 0.0006, 0.00025
REDUCED, ELSEWHERE, ELSEWHERE_FROM = 0.0025, 0.0020, 9
HALF_THE_DAYS, JUNE = 0.5, 6
E_DAYS = 5
"""School days marked E before the school or the authority has to provide education elsewhere."""


@dataclass(frozen=True)
class Lived:
    """What shapes the marks of each line: (lines,), and ``out`` (lines, days).

    ``need`` includes the drift of the half term. ``alternative``: what alternative provision adds to a
    day's chance of absence without leave, 0 elsewhere. ``away``: taught elsewhere. ``out`` counts the school
    days since a suspension began, 0 in school.
    """

    need: Floats
    absence: Floats
    health: Floats
    nc_year: Ints
    alternative: Floats
    away: Bools
    out: Ints


def marks(rng: np.random.Generator, days: Dates, lived: Lived, planted: Planted) -> Bytes:
    """Code numbers of every line and session: (days, lines, 2), the second session in the afternoon.

    Cells of days on which a line is not on roll hold nothing of meaning.
    """
    code = np.empty((len(days), len(lived.need), 2), dtype=np.uint8)
    code[:, :, 0], code[:, :, 1] = AM, PM
    new_codes = bool(days[0] >= NEW_CODES_FROM)
    _sessions(rng, code, lived, planted)
    _whole_days(rng, code, new_codes)
    _without_leave(rng, code, days, lived, planted)
    _runs(rng, code, lived, new_codes, planted)
    _timetables(rng, code, lived, new_codes)
    _study_leave(rng, code, days, lived)
    code[:, lived.away] = DUAL
    out = lived.out.T
    code[out > 0] = OUT
    code[out > E_DAYS] = ARRANGED if new_codes else OFF_SITE
    return code


def _sessions(rng: np.random.Generator, code: Bytes, lived: Lived, planted: Planted) -> None:
    """Single sessions: late in the morning, medical appointments, truancy in the afternoon."""
    drawn = rng.random(code.shape[:2], dtype=np.float32)
    late = planted.late * np.exp(0.5 * lived.need + 0.3 * lived.absence)
    code[:, :, 0][drawn < late] = LATE
    code[:, :, 0][drawn > 1 - 0.15 * late] = AFTER_CLOSE
    drawn = rng.random(code.shape[:2], dtype=np.float32)
    truant = planted.truant_session * np.exp(0.8 * lived.need + 0.5 * lived.absence)
    code[:, :, 1][drawn < truant * (lived.nc_year >= SECONDARY)] = OTHER
    code[:, :, 1][drawn > 1 - APPOINTMENT] = MEDICAL
    code[:, :, 0][(drawn > 1 - 2 * APPOINTMENT) & (drawn <= 1 - APPOINTMENT)] = MEDICAL


def _whole_days(rng: np.random.Generator, code: Bytes, new_codes: bool) -> None:
    """Whole days away with leave: trips, sport, family occasions, performances."""
    drawn = rng.random(code.shape[:2], dtype=np.float32)
    upto = 0.0
    for kind, share in WHOLE_DAYS:
        chosen = (drawn >= upto) & (drawn < upto + share)
        code[chosen] = kind if new_codes or kind != PERFORMING else LEAVE
        upto += share


def _without_leave(
    rng: np.random.Generator, code: Bytes, days: Dates, lived: Lived, planted: Planted
) -> None:
    """Whole days without leave, most on Mondays and Fridays; for some no reason is found at once."""
    drawn = rng.random(code.shape[:2], dtype=np.float32)
    chance = planted.unauthorised_day * np.exp(planted.unauthorised_need * lived.need + lived.absence)
    chance = np.where(lived.nc_year >= SECONDARY, chance, planted.unauthorised_primary * chance)
    chance = np.where(lived.alternative > 0, lived.alternative + 3 * chance, chance)
    limit = BY_WEEKDAY[weekday(days)][:, None] * np.minimum(chance, planted.unauthorised_most)
    code[drawn < limit] = OTHER
    code[drawn < planted.no_reason * limit] = NO_REASON


def _runs(rng: np.random.Generator, code: Bytes, lived: Lived, new_codes: bool, planted: Planted) -> None:
    """Runs of days: illness and family holidays."""
    n_days, n_lines = code.shape[:2]
    ill = planted.illness_starts * np.exp(0.20 * lived.need + lived.health)
    code[_covered(rng, ill, n_days, ILL_DAYS)] = ILL
    code[_covered(rng, np.full(n_lines, HOLIDAYS), n_days, HOLIDAY_DAYS)] = HOLIDAY
    if not new_codes:
        code[_covered(rng, np.full(n_lines, AGREED_HOLIDAYS), n_days, HOLIDAY_DAYS)] = AGREED


def _covered(rng: np.random.Generator, starts: Floats, n_days: int, lengths: Ints) -> Bools:
    """Days covered by runs that begin with chance ``starts`` on any day and last one of ``lengths``.

    The shape is (days, lines).
    """
    before = 3
    counts = rng.poisson(starts * (n_days + before))
    line = np.repeat(np.arange(len(starts)), counts)
    begin = rng.integers(-before, n_days, len(line))
    end = begin + rng.choice(lengths, len(line))
    change = np.zeros((n_days + 1, len(starts)), dtype=np.int16)
    np.add.at(change, (np.maximum(begin, 0), line), 1)
    np.add.at(change, (np.clip(end, 0, n_days), line), -1)
    return np.asarray(np.cumsum(change[:-1], axis=0) > 0)


def _timetables(rng: np.random.Generator, code: Bytes, lived: Lived, new_codes: bool) -> None:
    """For a few a part-time timetable (afternoons), or a day a week of education elsewhere."""
    drawn = rng.random((2, code.shape[1]))
    reduced = (drawn[0] < REDUCED * np.exp(1.1 * lived.need)) & (lived.nc_year < SIXTH_FORM)
    code[:, reduced, 1] = PART_TIME if new_codes else LEAVE
    elsewhere = (drawn[1] < ELSEWHERE * np.exp(0.9 * lived.need)) & (lived.nc_year >= ELSEWHERE_FROM)
    code[4::5, elsewhere] = ARRANGED if new_codes else OFF_SITE


def _study_leave(rng: np.random.Generator, code: Bytes, days: Dates, lived: Lived) -> None:
    """Years 11 and 13 study at home on half the days of June."""
    june = days.astype("datetime64[M]").astype(np.int64) % 12 + 1 == JUNE
    at_home = rng.random(code.shape[:2]) < HALF_THE_DAYS
    code[june[:, None] & np.isin(lived.nc_year, LEAVERS) & at_home] = STUDY
