"""KS2: scaled scores at the end of primary school, missing kept as missing and the code beside it."""

from functools import partial

import narwhals as nw

from earlywarning.features.declare import Family, Feature, amount, count, rate

SCORED = ~nw.col("scaled_score").is_null()
SUBJECTS = {"reading": "reading", "maths": "maths", "gps": "grammar, punctuation and spelling"}
BELOW = ("B", "N", "T", "U")
"""Working below the level of the test, too few marks for a score, or unable to take it."""
feature = partial(Feature, theme="attainment")


def tested(subject: str) -> nw.Expr:
    """Rows of one subject with a scaled score."""
    return (nw.col("subject") == nw.lit(subject)) & SCORED


def score(subject: str) -> nw.Expr:
    """The scaled score of one subject, the mean where there are two."""
    return rate(f"{subject}_score_ever", f"{subject}_ever")


def scaled_score(subject: str) -> Feature:
    """The feature of one subject's score."""
    name = f"ks2_{subject}_score_ever"
    called = SUBJECTS[subject]
    return feature(
        name=name,
        value=score(subject),
        unit="scaled score",
        direction=-1,
        description=f"Key stage 2 {called} scaled score (80 to 120; 100 is the expected standard).",
        reason=f"Key stage 2 {called}: {{{name}:n}} (100 is the expected standard).",
    )


def without(measure: str, description: str, reason: str) -> Feature:
    """Subjects with a code where a score would be; missing for a pupil with no results at all."""
    return feature(
        name=f"ks2_{measure}_subjects_ever",
        value=nw.col(f"{measure}_ever"),
        unit="subjects",
        direction=+1,
        description=description,
        reason=reason,
    )


KS2_FAMILY = Family(
    name="ks2",
    table="ks2",
    lookbacks=("ever",),
    not_visible="Key stage 2 results are not held for this pupil.",
    measures={
        **{subject: count(tested(subject)) for subject in SUBJECTS},
        **{f"{s}_score": amount(nw.col("scaled_score").fill_null(0), tested(s)) for s in SUBJECTS},
        "without_score": count(~SCORED),
        "below": count(nw.col("outcome").is_in(BELOW)),
        "absent": count(nw.col("outcome") == nw.lit("A")),
    },
    needs={
        "scaled_score": (*SUBJECTS, *[f"{subject}_score" for subject in SUBJECTS], "without_score"),
        "outcome": ("below", "absent"),
    },
    features=(
        *[scaled_score(subject) for subject in SUBJECTS],
        feature(
            name="ks2_gap_points_ever",
            value=score("reading") - score("maths"),
            unit="scaled score points",
            description="Key stage 2 reading score less maths score.",
            reason=(
                "Key stage 2 reading: {ks2_reading_score_ever:n}; maths: {ks2_maths_score_ever:n} "
                "(100 is the expected standard)."
            ),
        ),
        without(
            "without_score",
            "Key stage 2 subjects recorded with a code and no scaled score.",
            "Key stage 2: {without_score_ever:subject} recorded without a scaled score.",
        ),
        without(
            "below",
            "Key stage 2 subjects below the level of the test or with too few marks for a score.",
            "Key stage 2: {below_ever:subject} below the level of the test.",
        ),
        without(
            "absent",
            "Key stage 2 subjects the pupil was absent for.",
            "Key stage 2: {absent_ever:subject} missed through absence.",
        ),
    ),
)
