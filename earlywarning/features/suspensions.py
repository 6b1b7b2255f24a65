"""Suspensions already known on the day: how many, how long, how recent.

A suspension withdrawn later is a retraction in the table and leaves the counts from the day that was known.
"""

import narwhals as nw

from earlywarning.features.declare import AT_SCHOOL, Family, Feature, SeenThrough, amount, count

SUSPENSION = nw.col("category").is_in(["SUSP", "FIXD", "PERM"]) & (nw.col("decision") != nw.lit("withdrawn"))

SUSPENSIONS_FAMILY = Family(
    name="suspensions",
    table="suspensions",
    lookbacks=("1ht", "1t", "3t"),
    seen=SeenThrough("suspensions", *AT_SCHOOL),
    not_visible="Suspensions were not received from the school for this period.",
    measures={
        "spells": count(SUSPENSION),
        "sessions": amount(nw.col("sessions").fill_null(0), SUSPENSION),
    },
    features=(
        Feature(
            name="suspensions_count_spells_1ht",
            value=nw.col("spells_1ht"),
            unit="suspensions",
            lookback="1ht",
            direction=+1,
            theme="suspensions",
            description="Suspensions begun this half term and known.",
            reason="{spells_1ht:suspension} this half term.",
        ),
        Feature(
            name="suspensions_count_spells_1t",
            value=nw.col("spells_1t"),
            unit="suspensions",
            lookback="1t",
            direction=+1,
            theme="suspensions",
            description="Suspensions begun in two half terms and known.",
            reason="{spells_1t:suspension} in the last two half terms.",
        ),
        Feature(
            name="suspensions_count_spells_3t",
            value=nw.col("spells_3t"),
            unit="suspensions",
            lookback="3t",
            direction=+1,
            theme="suspensions",
            description="Suspensions begun in a year of terms and known.",
            reason="{spells_3t:suspension} in the last three terms.",
        ),
        Feature(
            name="suspensions_length_days_3t",
            value=nw.col("sessions_3t") / 2,
            unit="school days",
            lookback="3t",
            direction=+1,
            theme="suspensions",
            description="School days suspended in a year of terms (two sessions a day).",
            reason="Suspended for {sessions_3t:session} in all in the last three terms.",
        ),
    ),
)
