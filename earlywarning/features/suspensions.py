"""Suspensions already known on the day: how many, how long, how recent.

A suspension withdrawn later is a retraction in the table and leaves the counts from the day that was known.
"""

from functools import partial

import narwhals as nw

from earlywarning.features.declare import (
    AT_SCHOOL,
    RECENT,
    Family,
    Feature,
    SeenThrough,
    amount,
    count,
    flag,
    now_and_before,
)

SUSPENSION = nw.col("category").is_in(["SUSP", "FIXD", "PERM"]) & (nw.col("decision") != nw.lit("withdrawn"))
DISRUPTION = ("CB", "DB", "LD")
ASSAULT = ("BW", "OW", "PA", "PP")
ABUSE = ("TB", "VA", "VP")
SESSIONS_ALLOWED = 90
"""45 school days: the most for which a pupil may be suspended in one academic year."""
LAST = "[; the last began on {days_since_suspension_3t:date}]"
feature = partial(Feature, theme="suspensions", direction=+1)


def given_for(reasons: tuple[str, ...]) -> nw.Expr:
    """1 for each suspension with one of the reasons among its three."""
    any_of: nw.Expr = nw.lit(False)
    for column in ("reason1", "reason2", "reason3"):
        any_of = any_of | nw.col(column).fill_null("").is_in(reasons)
    return count(SUSPENSION & any_of)


def spells(name: str, measure: str, called: str, lookback: str) -> Feature:
    """How many suspensions of a kind were begun and known."""
    return feature(
        f"suspensions_{name}_spells_{lookback}",
        nw.col(f"{measure}_{lookback}"),
        "suspensions",
        f"Suspensions{called} begun {RECENT[lookback]} and known.",
        now_and_before(
            measure, f"suspension{called}|suspensions{called}" if called else "suspension", lookback
        )
        + ("." if called else f"{LAST}."),
    )


SUSPENSIONS_FAMILY = Family(
    name="suspensions",
    table="suspensions",
    lookbacks=("1ht", "1t", "3t", "1y"),
    seen=SeenThrough("suspensions", *AT_SCHOOL),
    not_visible="Suspensions were not received from the school for this period.",
    measures={
        "spells": count(SUSPENSION),
        "sessions": amount(nw.col("sessions").fill_null(0), SUSPENSION),
        "disruption": given_for(DISRUPTION),
        "assault": given_for(ASSAULT),
        "abuse": given_for(ABUSE),
    },
    elsewhere=("spells",),
    latest={"suspension": SUSPENSION},
    needs={
        "sessions": ("sessions",),
        "reason2": ("disruption", "assault", "abuse"),
        "reason3": ("disruption", "assault", "abuse"),
    },
    features=(
        spells("count", "spells", "", "1ht"),
        spells("count", "spells", "", "1t"),
        spells("count", "spells", "", "3t"),
        feature(
            "suspensions_length_days_3t",
            nw.col("sessions_3t") / 2,
            "school days",
            "School days suspended in a year of terms (two sessions a day).",
            f"Suspended for {now_and_before('sessions', 'session', '3t')}{LAST}.",
        ),
        feature(
            "suspensions_limit_days_1y",
            (SESSIONS_ALLOWED - nw.col("sessions_1y")) / 2,
            "school days left",  # not what its sentence counts: a usual value beside it would mislead
            "School days left of the 45 that suspensions may last in one academic year.",
            f"Suspended for {{sessions_1y:session}} this academic year (the most allowed is 90){LAST}.",
            direction=-1,
        ),
        spells("disruption", "disruption", " for disruptive behaviour", "3t"),
        spells("assault", "assault", " for assault or a weapon", "3t"),
        spells("abuse", "abuse", " for verbal abuse or threats", "3t"),
        feature(
            "suspensions_elsewhere_spells_3t",
            nw.col("spells_elsewhere_3t"),
            "suspensions",
            "Suspensions from a school other than today's, begun in a year of terms and known.",
            "{spells_elsewhere_3t:suspension} from another school in the last three terms"
            "[; {spells_elsewhere_1ht:none} of the {spells_elsewhere_3t:n} this half term].",
        ),
        feature(
            "suspensions_repeat_level_1t",
            nw.when(nw.col("spells_1t") > 0)
            .then(flag(nw.col("spells_3t") > 1, ~nw.col("spells_3t").is_null()) + 1)
            .otherwise(nw.col("spells_1t")),
            "level 0 to 2",
            "Suspended in two half terms: no 0; for the first time visible in a year of terms 1; again 2.",
            f"{now_and_before('spells', 'suspension', '1t')}{LAST}.",
        ),
        feature(
            "suspensions_since_days_3t",
            nw.col("days_since_suspension_3t"),
            "days",
            "Days since the last suspension began, in a year of terms; missing where there was none.",
            "The last suspension began on {days_since_suspension_3t:date}; {spells_1t:none} "
            "in the last two half terms[, {spells_1t_before:none} in the four before].",
            direction=-1,
        ),
        feature(
            "suspensions_school_rate_3t",
            nw.col("spells_3t").mean().over("as_of_date", "school_id"),
            "suspensions a pupil",
            "Suspensions a pupil of the whole school, in a year of terms.",
            direction=0,
            off="It carries the school's practice, not the pupil's need.",
        ),
    ),
)
