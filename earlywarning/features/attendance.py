"""Attendance: how much of the school day a pupil missed, and how.

Codes E (suspended), R (religious observance), T (parent travelling) and S (study leave) are left out of
numerator and denominator: E belongs to the suspensions family, R and T stand for religion and Traveller
heritage. The DfE counts them as authorised absence, so these rates are not the published ones.
"""

import datetime as dt

import narwhals as nw

from earlywarning import codes
from earlywarning.features.declare import AT_SCHOOL, Family, Feature, SeenThrough, count, rate

CODES = codes.load("attendance")
LEFT_OUT = frozenset("ERTS")
UNAUTHORISED = CODES.having("counts_unauthorised") - LEFT_OUT
ABSENT = UNAUTHORISED | CODES.having("counts_authorised") - LEFT_OUT
POSSIBLE = CODES.having("counts_possible") - LEFT_OUT
PART_TIME_SINCE = dt.date(2024, 8, 19)
"""C2 and K do not exist before this day: a look-back that begins earlier has no value, not 0."""


PART_TIME_KNOWN = nw.when(nw.col("from_1t") >= nw.lit(PART_TIME_SINCE))


def marked(*chosen: str) -> nw.Expr:
    """1 for each mark with one of the codes."""
    return count(nw.col("code").is_in(sorted(chosen)))


ATTENDANCE_FAMILY = Family(
    name="attendance",
    table="attendance",
    lookbacks=("1ht", "1ht_before", "1t", "3t"),
    seen=SeenThrough("attendance", *AT_SCHOOL),
    not_visible="Attendance was not received from the school for this period.",
    measures={
        "possible": marked(*POSSIBLE),
        "absent": marked(*ABSENT),
        "unauthorised": marked(*UNAUTHORISED),
        "late": marked("L"),
        "part_time": marked("C2"),
    },
    features=(
        Feature(
            name="attendance_absence_rate_1ht",
            value=rate("absent_1ht", "possible_1ht"),
            unit="rate",
            lookback="1ht",
            direction=+1,
            theme="attendance",
            description="Sessions absent over sessions possible, this half term.",
            reason="Absent for {absent_1ht:n} of {possible_1ht:session} this half term.",
        ),
        Feature(
            name="attendance_absence_rate_3t",
            value=rate("absent_3t", "possible_3t"),
            unit="rate",
            lookback="3t",
            direction=+1,
            theme="attendance",
            description="Sessions absent over sessions possible, in a year of terms.",
            reason="Absent for {absent_3t:n} of {possible_3t:session} in the last three terms.",
        ),
        Feature(
            name="attendance_absence_change_1ht",
            value=rate("absent_1ht", "possible_1ht") - rate("absent_1ht_before", "possible_1ht_before"),
            unit="change in rate",
            lookback="1ht",
            direction=+1,
            theme="attendance",
            description="Absence rate this half term less that of the half term before.",
            reason=(
                "Absent for {absent_1ht:n} of {possible_1ht:session} this half term; "
                "{absent_1ht_before:n} of {possible_1ht_before:session} the half term before."
            ),
        ),
        Feature(
            name="attendance_unauthorised_rate_1t",
            value=rate("unauthorised_1t", "possible_1t"),
            unit="rate",
            lookback="1t",
            direction=+1,
            theme="attendance",
            description="Sessions of unauthorised absence over sessions possible, in two half terms.",
            reason=(
                "Unauthorised absence for {unauthorised_1t:n} of {possible_1t:session} "
                "in the last two half terms."
            ),
        ),
        Feature(
            name="attendance_late_rate_1t",
            value=rate("late_1t", "possible_1t"),
            unit="rate",
            lookback="1t",
            direction=+1,
            theme="attendance",
            description="Sessions late before the register closed (L) over those possible, two half terms.",
            reason="Late for {late_1t:n} of {possible_1t:session} in the last two half terms.",
        ),
        Feature(
            name="attendance_part_time_rate_1t",
            value=PART_TIME_KNOWN.then(rate("part_time_1t", "possible_1t")),
            unit="rate",
            lookback="1t",
            direction=+1,
            theme="attendance",
            description="Sessions on a part-time timetable (C2, from 19 August 2024) over sessions possible.",
            reason=(
                "On a part-time timetable for {part_time_1t:n} of {possible_1t:session} "
                "in the last two half terms."
            ),
        ),
    ),
)
