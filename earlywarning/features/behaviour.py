"""Behaviour: events and points a school recorded, as counts and against the school's own year group.

Each school has its own points system, so points are only compared with those of the same school and year, or
with the same pupil's own.
"""

from functools import partial

import narwhals as nw

from earlywarning.features.declare import (
    AT_SCHOOL,
    RECENT,
    Family,
    Feature,
    SeenThrough,
    against_year_group,
    amount,
    count,
    now_and_before,
    rate,
)

NEGATIVE = nw.col("polarity") == nw.lit("negative")
POSITIVE = nw.col("polarity") == nw.lit("positive")
SERIOUS_WORDS = (
    "assault", "bullying", "damage", "drugs", "fighting", "racism", "smoking or vaping", "theft",
    "threatening behaviour", "verbal abuse", "violence", "weapon",
)  # fmt: skip
"""Categories counted as serious. Schools choose their own words: add those used here."""
SERIOUS = NEGATIVE & nw.col("category").str.to_lowercase().is_in(SERIOUS_WORDS)
LAST = {name: f"[; the last on {{days_since_{name}_3t:date}}]" for name in ("negative", "serious")}
feature = partial(Feature, theme="behaviour at school", direction=+1)


def events(name: str, measure: str, called: str, lookback: str, direction: int = +1) -> Feature:
    """How many events of a kind were recorded."""
    return feature(
        f"behaviour_{name}_events_{lookback}",
        nw.col(f"{measure}_{lookback}"),
        "events",
        f"{called.capitalize()}s recorded {RECENT[lookback]}.",
        f"Recorded: {now_and_before(measure, called, lookback)}{LAST.get(measure, '')}.",
        direction=direction,
    )


def days_since(name: str, called: str) -> Feature:
    """Days from the last event of a kind to the day, missing where there was none in a year of terms."""
    return feature(
        f"behaviour_{name}_since_days_3t",
        nw.col(f"days_since_{name}_3t"),
        "days",
        f"Days since the last {called} recorded in a year of terms; missing where there was none.",
        f"The last {called} was recorded on {{days_since_{name}_3t:date}}; {{{name}_1t:none}} "
        f"in the last two half terms[, {{{name}_1t_before:none}} in the four before].",
        direction=-1,
    )


BEHAVIOUR_FAMILY = Family(
    name="behaviour",
    table="behaviour",
    lookbacks=("1ht", "1t", "3t"),
    seen=SeenThrough("behaviour", *AT_SCHOOL),
    not_visible="Behaviour records were not received from the school for this period.",
    measures={
        "negative": count(NEGATIVE),
        "positive": count(POSITIVE),
        "serious": count(SERIOUS),
        "points": amount(nw.col("points"), NEGATIVE),
    },
    elsewhere=("negative",),
    latest={"negative": NEGATIVE, "serious": SERIOUS},
    features=(
        events("negative", "negative", "negative behaviour event", "1ht"),
        events("negative", "negative", "negative behaviour event", "1t"),
        events("negative", "negative", "negative behaviour event", "3t"),
        events("serious", "serious", "serious behaviour event", "1t"),
        events("serious", "serious", "serious behaviour event", "3t"),
        events("positive", "positive", "positive behaviour event", "1t", direction=-1),
        feature(
            "behaviour_elsewhere_events_3t",
            nw.col("negative_elsewhere_3t"),
            "events",
            "Negative behaviour events another school recorded in a year of terms; in Year 7, the primary.",
            f"Another school recorded {now_and_before('negative_elsewhere', 'negative event', '3t')}.",
        ),
        feature(
            "behaviour_events_against_year_1t",
            against_year_group("negative_1t"),
            "ratio",
            "Negative events over the mean of the same school and year group, in two half terms.",
            f"Recorded: {now_and_before('negative', 'negative behaviour event', '1t')}{LAST['negative']}.",
        ),
        feature(
            "behaviour_points_against_year_1t",
            against_year_group("points_1t"),
            "ratio",
            "Negative points over the mean of the same school and year group, in two half terms.",
            f"Recorded: {now_and_before('points', 'negative behaviour point', '1t')}.",
        ),
        feature(
            "behaviour_positive_against_year_1t",
            against_year_group("positive_1t"),
            "ratio",
            "Positive events over the mean of the same school and year group, in two half terms.",
            f"Recorded: {now_and_before('positive', 'positive behaviour event', '1t')}.",
            direction=-1,
        ),
        feature(
            "behaviour_recent_share_1ht",
            rate("negative_1ht", "negative_3t"),
            "share of the year's",
            "Escalation in number: share of a year's negative events that fell in this half term.",
            "{negative_1ht:n} of the {negative_3t:negative behaviour event} of the last three terms "
            "were recorded this half term[; the last on {days_since_negative_3t:date}].",
        ),
        feature(
            "behaviour_escalation_ratio_1t",
            nw.when(nw.col("points_3t") > 0).then(
                rate("points_1t", "negative_1t") / rate("points_3t", "negative_3t")
            ),
            "ratio",
            "Escalation in weight: points an event in two half terms over those in a year of terms.",
        ),
        days_since("negative", "negative behaviour event"),
        days_since("serious", "serious behaviour event"),
    ),
)
