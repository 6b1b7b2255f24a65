"""Transition: what the primary school passed on at the move to secondary school."""

import narwhals as nw

from earlywarning.features.declare import Family, Feature, amount, count, rate

RECORDED = ~nw.col("absence_rate").is_null()

TRANSITION_FAMILY = Family(
    name="transition",
    table="transition",
    lookbacks=("ever",),
    not_visible="No transition record was passed on by a primary school.",
    measures={
        "records": count(~nw.col("pupil_id").is_null()),
        "rated": count(RECORDED),
        "absence": amount(nw.col("absence_rate").fill_null(0.0), RECORDED),
        "suspensions": nw.col("suspensions").fill_null(0),
        "concern": count(nw.col("concern") == nw.lit("some"))
        + 2 * count(nw.col("concern") == nw.lit("high")),
    },
    features=(
        Feature(
            name="transition_absence_rate_ever",
            value=rate("absence_ever", "rated_ever"),
            unit="rate",
            lookback="ever",
            direction=+1,
            theme="start at a new school",
            description="Year 6 absence rate as the primary school passed it on.",
            reason="The primary school passed on a Year 6 absence rate of {transition_absence_rate_ever:%}.",
        ),
        Feature(
            name="transition_suspensions_count_ever",
            value=nw.col("suspensions_ever"),
            unit="suspensions",
            lookback="ever",
            direction=+1,
            theme="start at a new school",
            description="Year 6 suspensions as the primary school passed them on.",
            reason="The primary school passed on {suspensions_ever:suspension} in Year 6.",
        ),
        Feature(
            name="transition_concern_level_ever",
            value=rate("concern_ever", "records_ever"),
            unit="level 0 to 2",
            lookback="ever",
            direction=+1,
            theme="start at a new school",
            description="Support the primary school thought needed at the move: none 0, some 1, high 2.",
            reason=(
                "Support the primary school thought needed at the move: {transition_concern_level_ever:n} "
                "(0 none, 1 some, 2 high)."
            ),
        ),
    ),
)
