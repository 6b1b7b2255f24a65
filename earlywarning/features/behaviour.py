"""Behaviour: events and points a school recorded, as counts and against the school's own year group.

Each school has its own points system, so points are only compared with those of the same school and year.
"""

import narwhals as nw

from earlywarning.features.declare import AT_SCHOOL, Family, Feature, SeenThrough, amount, count

NEGATIVE = nw.col("polarity") == nw.lit("negative")
POSITIVE = nw.col("polarity") == nw.lit("positive")


def against_year_group(measure: str) -> nw.Expr:
    """``measure`` over its mean among the pupils of the same school and year group on the same day."""
    usual = nw.col(measure).mean().over("as_of_date", "school_id", "group")
    return nw.when(usual > 0).then(nw.col(measure) / usual).otherwise(nw.col(measure))


BEHAVIOUR_FAMILY = Family(
    name="behaviour",
    table="behaviour",
    lookbacks=("1ht", "1t", "3t"),
    seen=SeenThrough("behaviour", *AT_SCHOOL),
    not_visible="Behaviour records were not received from the school for this period.",
    measures={
        "negative": count(NEGATIVE),
        "positive": count(POSITIVE),
        "points": amount(nw.col("points"), NEGATIVE),
    },
    features=(
        Feature(
            name="behaviour_negative_events_1ht",
            value=nw.col("negative_1ht"),
            unit="events",
            lookback="1ht",
            direction=+1,
            theme="behaviour at school",
            description="Negative behaviour events recorded this half term.",
            reason="The school recorded {negative_1ht:negative behaviour event} this half term.",
        ),
        Feature(
            name="behaviour_negative_events_1t",
            value=nw.col("negative_1t"),
            unit="events",
            lookback="1t",
            direction=+1,
            theme="behaviour at school",
            description="Negative behaviour events recorded in two half terms.",
            reason="The school recorded {negative_1t:negative behaviour event} in the last two half terms.",
        ),
        Feature(
            name="behaviour_negative_events_3t",
            value=nw.col("negative_3t"),
            unit="events",
            lookback="3t",
            direction=+1,
            theme="behaviour at school",
            description="Negative behaviour events recorded in a year of terms.",
            reason="The school recorded {negative_3t:negative behaviour event} in the last three terms.",
        ),
        Feature(
            name="behaviour_points_against_year_1t",
            value=against_year_group("points_1t"),
            unit="ratio",
            lookback="1t",
            direction=+1,
            theme="behaviour at school",
            description="Negative points over the mean of the same school and year group, in two half terms.",
            reason="Negative behaviour points in the last two half terms: {points_1t:point}.",
        ),
        Feature(
            name="behaviour_positive_events_1t",
            value=nw.col("positive_1t"),
            unit="events",
            lookback="1t",
            direction=-1,
            theme="behaviour at school",
            description="Positive behaviour events recorded in two half terms.",
            reason="The school recorded {positive_1t:positive behaviour event} in the last two half terms.",
        ),
    ),
)
