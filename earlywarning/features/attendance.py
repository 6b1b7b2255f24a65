"""Attendance: how much of the school day a pupil missed, and how.

Codes E (suspended), R (religious observance), T (parent travelling) and S (study leave) are left out of
numerator and denominator: E belongs to the suspensions family, R and T stand for religion and Traveller
heritage. The DfE counts them as authorised absence, so these rates are not the published ones.
"""

import datetime as dt
from functools import partial

import narwhals as nw

from earlywarning import codes
from earlywarning.features.declare import AT_SCHOOL, Family, Feature, SeenThrough, above, count, rate

CODES = codes.load("attendance")
LEFT_OUT = frozenset("ERTS")
UNAUTHORISED = CODES.having("counts_unauthorised") - LEFT_OUT
ABSENT = UNAUTHORISED | CODES.having("counts_authorised") - LEFT_OUT
POSSIBLE = CODES.having("counts_possible") - LEFT_OUT
PERSISTENT, SEVERE = 0.10, 0.50
"""Shares of sessions from which the DfE speaks of persistent and of severe absence."""
NEW_CODES_SINCE = dt.date(2024, 8, 19)
"""C2 and K do not exist before this day: a look-back that begins earlier has no value, not 0."""

NEW_CODES_KNOWN = nw.when(nw.col("from_1t") >= nw.lit(NEW_CODES_SINCE))
ABSENCE = {lookback: rate(f"absent_{lookback}", f"possible_{lookback}") for lookback in ("1ht", "1t", "3t")}
feature = partial(Feature, theme="attendance", direction=+1)


def marked(*chosen: str) -> nw.Expr:
    """1 for each mark with one of the codes."""
    return count(nw.col("code").is_in(sorted(chosen)))


ATTENDANCE_FAMILY = Family(
    name="attendance",
    table="attendance",
    lookbacks=("1ht", "1ht_before", "1ht_year_ago", "1t", "3t"),
    seen=SeenThrough("attendance", *AT_SCHOOL),
    not_visible="Attendance was not received from the school for this period.",
    by=("code",),
    measures={
        "possible": marked(*POSSIBLE),
        "absent": marked(*ABSENT),
        "unauthorised": marked(*UNAUTHORISED),
        "late": marked("L"),
        "late_closed": marked("U"),
        "part_time": marked("C2"),
        "arranged": marked("K"),
        "off_site": marked("B", "D"),
    },
    weeks={"broken": nw.col("code").is_in(sorted(ABSENT))},
    features=(
        feature(
            "attendance_absence_rate_1ht",
            ABSENCE["1ht"],
            "rate",
            "Sessions absent over sessions possible, this half term.",
            "Absent for {absent_1ht:n} of {possible_1ht:session} this half term"
            "[; {absent_1ht_before:n} of {possible_1ht_before:session} the half term before].",
        ),
        feature(
            "attendance_absence_rate_3t",
            ABSENCE["3t"],
            "rate",
            "Sessions absent over sessions possible, in a year of terms.",
            "Absent for {absent_3t:n} of {possible_3t:session} in the last three terms"
            "[; {absent_1ht:n} of {possible_1ht:session} this half term].",
        ),
        feature(
            "attendance_absence_change_1ht",
            ABSENCE["1ht"] - rate("absent_1ht_before", "possible_1ht_before"),
            "change in rate",
            "Absence rate this half term less that of the half term before.",
            "Absent for {absent_1ht:n} of {possible_1ht:session} this half term; "
            "{absent_1ht_before:n} of {possible_1ht_before:session} the half term before.",
        ),
        feature(
            "attendance_year_change_1ht",
            ABSENCE["1ht"] - rate("absent_1ht_year_ago", "possible_1ht_year_ago"),
            "change in rate",
            "Absence rate this half term less that of the same half term last year.",
            "Absent for {absent_1ht:n} of {possible_1ht:session} this half term; "
            "{absent_1ht_year_ago:n} of {possible_1ht_year_ago:session} the same half term last year.",
        ),
        feature(
            "attendance_persistent_flag_3t",
            above(PERSISTENT, ABSENCE["3t"]),
            "1 if so",
            "Persistent absence: 10% of possible sessions or more, in a year of terms.",
            "Absent for {absent_3t:n} of {possible_3t:session} in the last three terms"
            "[; {absent_1ht:n} of {possible_1ht:session} this half term] "
            "(persistent absence begins at 10%).",
        ),
        feature(
            "attendance_severe_flag_3t",
            above(SEVERE, ABSENCE["3t"]),
            "1 if so",
            "Severe absence: half of possible sessions or more, in a year of terms.",
            "Absent for {absent_3t:n} of {possible_3t:session} in the last three terms"
            "[; {absent_1ht:n} of {possible_1ht:session} this half term] "
            "(severe absence begins at half).",
        ),
        feature(
            "attendance_unauthorised_rate_1t",
            rate("unauthorised_1t", "possible_1t"),
            "rate",
            "Sessions of unauthorised absence over sessions possible, in two half terms.",
            "Unauthorised absence for {unauthorised_1t:n} of {possible_1t:session} in the last two half terms"
            "[; {unauthorised_1t_before:n} of {possible_1t_before:session} in the four before].",
        ),
        feature(
            "attendance_late_rate_1t",
            rate("late_1t", "possible_1t"),
            "rate",
            "Sessions late before the register closed (L) over those possible, two half terms.",
            "Late for {late_1t:n} of {possible_1t:session} in the last two half terms"
            "[; {late_1t_before:n} of {possible_1t_before:session} in the four before].",
        ),
        feature(
            "attendance_late_closed_rate_1t",
            rate("late_closed_1t", "possible_1t"),
            "rate",
            "Sessions late after the register closed (U, an absence) over those possible, two half terms.",
            "Arrived after registers closed for {late_closed_1t:n} of {possible_1t:session} in the last "
            "two half terms[; {late_closed_1t_before:n} of {possible_1t_before:session} in the four before].",
        ),
        feature(
            "attendance_broken_weeks_1t",
            nw.col("weeks_broken_1t"),
            "weeks",
            "School weeks with at least one session absent, in two half terms.",
            "Absent at some time in {weeks_broken_1t:week} of the last two half terms"
            "[; in {weeks_broken_1t_before:week} of the four before].",
        ),
        feature(
            "attendance_part_time_rate_1t",
            NEW_CODES_KNOWN.then(rate("part_time_1t", "possible_1t")),
            "rate",
            "Sessions on a part-time timetable (C2, from 19 August 2024) over sessions possible.",
            "On a part-time timetable for {part_time_1t:n} of {possible_1t:session} "
            "in the last two half terms.",
        ),
        feature(
            "attendance_off_site_sessions_1t",
            nw.col("off_site_1t"),
            "sessions",
            "Sessions educated off site or at the other school of a dual roll (B, D), in two half terms.",
            "Educated off site or at another school for {off_site_1t:session} in the last two half terms"
            "[; {off_site_1t_before:none} in the four before].",
            direction=0,
        ),
        feature(
            "attendance_arranged_sessions_1t",
            NEW_CODES_KNOWN.then(nw.col("arranged_1t")),
            "sessions",
            "Sessions at education the authority arranged (K, from 19 August 2024), in two half terms.",
            "At education arranged by the authority for {arranged_1t:session} in the last two half terms.",
            direction=0,
        ),
        feature(
            "attendance_possible_sessions_1ht",
            nw.col("possible_1ht"),
            "sessions",
            "Sessions possible this half term: the evidence behind its rates.",
            direction=0,
        ),
        feature(
            "attendance_possible_sessions_3t",
            nw.col("possible_3t"),
            "sessions",
            "Sessions possible in a year of terms: the evidence behind its rates.",
            direction=0,
        ),
    ),
)
