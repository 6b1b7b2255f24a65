"""KS2: scaled scores at the end of primary school, missing kept as missing."""

import narwhals as nw

from earlywarning.features.declare import Family, Feature, amount, count, rate

SCORED = ~nw.col("scaled_score").is_null()
READING = (nw.col("subject") == nw.lit("reading")) & SCORED
MATHS = (nw.col("subject") == nw.lit("maths")) & SCORED
READING_SCORE = rate("reading_score_ever", "reading_ever")
MATHS_SCORE = rate("maths_score_ever", "maths_ever")

KS2_FAMILY = Family(
    name="ks2",
    table="ks2",
    lookbacks=("ever",),
    not_visible="Key stage 2 results are not held for this pupil.",
    measures={
        "reading": count(READING),
        "reading_score": amount(nw.col("scaled_score").fill_null(0), READING),
        "maths": count(MATHS),
        "maths_score": amount(nw.col("scaled_score").fill_null(0), MATHS),
        "without_score": count(~SCORED),
    },
    features=(
        Feature(
            name="ks2_reading_score_ever",
            value=READING_SCORE,
            unit="scaled score",
            lookback="ever",
            direction=-1,
            theme="attainment",
            description="Key stage 2 reading scaled score (80 to 120; 100 is the expected standard).",
            reason="Key stage 2 reading: {ks2_reading_score_ever:n} (100 is the expected standard).",
        ),
        Feature(
            name="ks2_maths_score_ever",
            value=MATHS_SCORE,
            unit="scaled score",
            lookback="ever",
            direction=-1,
            theme="attainment",
            description="Key stage 2 maths scaled score (80 to 120; 100 is the expected standard).",
            reason="Key stage 2 maths: {ks2_maths_score_ever:n} (100 is the expected standard).",
        ),
        Feature(
            name="ks2_without_score_subjects_ever",
            value=nw.col("without_score_ever"),
            unit="subjects",
            lookback="ever",
            direction=+1,
            theme="attainment",
            description="Key stage 2 subjects recorded with a code and no scaled score.",
            reason="Key stage 2: {without_score_ever:subject} recorded without a scaled score.",
        ),
    ),
)
