"""Transition: what the primary school passed on at the move to secondary school."""

from functools import partial

import narwhals as nw

from earlywarning.features.declare import Family, Feature, amount, count, rate

feature = partial(Feature, theme="start at a new school", direction=+1)


def recorded(column: str) -> nw.Expr:
    """Records that say anything in a column: an empty value is not a 0."""
    return ~nw.col(column).is_null()


def level() -> nw.Expr:
    """The support that was thought to be needed, as a number."""
    return count(nw.col("concern") == nw.lit("some")) + 2 * count(nw.col("concern") == nw.lit("high"))


TRANSITION_FAMILY = Family(
    name="transition",
    table="transition",
    lookbacks=("ever",),
    not_visible="No transition record was passed on by a primary school.",
    measures={
        "rated": count(recorded("absence_rate")),
        "absence": amount(nw.col("absence_rate").fill_null(0.0), recorded("absence_rate")),
        "told": count(recorded("suspensions")),
        "suspensions": amount(nw.col("suspensions").fill_null(0), recorded("suspensions")),
        "weighed": count(recorded("concern")),
        "concern": level(),
    },
    features=(
        feature(
            "transition_absence_rate_ever",
            rate("absence_ever", "rated_ever"),
            "rate",
            "Year 6 absence rate as the primary school passed it on.",
            "The primary school passed on a Year 6 absence rate of {transition_absence_rate_ever:%}.",
        ),
        feature(
            "transition_suspensions_count_ever",
            nw.when(nw.col("told_ever") > 0).then(nw.col("suspensions_ever")),
            "suspensions",
            "Year 6 suspensions as the primary school passed them on.",
            "The primary school passed on {suspensions_ever:suspension} in Year 6.",
        ),
        feature(
            "transition_concern_level_ever",
            rate("concern_ever", "weighed_ever"),
            "level 0 to 2",
            "Support the primary school thought needed at the move: none 0, some 1, high 2.",
            "Support the primary school thought needed at the move: {transition_concern_level_ever:n} "
            "(0 none, 1 some, 2 high).",
        ),
    ),
)
