"""Submissions: how many assessments were handed in, how lately, and how near the deadline."""

import narwhals as nw

from benchmarks.oulad.calendar import COURSE
from benchmarks.oulad.families.classmates import HANDED_IN, OF_THIS_PRESENTATION, above_usual, times_usual
from earlywarning.features.declare import Family, Feature, amount, count, rate

THEME = "work handed in"
OWN = OF_THIS_PRESENTATION & ~nw.col("carried_over")


def handed_in(what: str, lookback: str, called: str, when: str) -> Feature:
    """Assessments handed in, beside classmates."""
    return Feature(
        name=f"submissions_{what}_ratio_{lookback}",
        value=times_usual(nw.col(f"{what}_{lookback}")),
        unit="times usual",
        direction=-1,
        theme=THEME,
        description=f"{called.capitalize()}s handed in {when}, over the mean of the presentation.",
        reason=f"{{{what}_{lookback}:{called}}} handed in {when}.",
    )


SUBMISSIONS_FAMILY = Family(
    name="submissions",
    table="submissions",
    lookbacks=(COURSE, "14d", "28d"),
    seen=HANDED_IN,
    not_visible="Work handed in was not received for this presentation.",
    measures={
        "handed_in": count(OF_THIS_PRESENTATION),
        "by_tutor": count(OF_THIS_PRESENTATION & (nw.col("kind") == nw.lit("TMA"))),
        "by_computer": count(OF_THIS_PRESENTATION & (nw.col("kind") == nw.lit("CMA"))),
        "own": count(OWN),
        "late": amount(nw.col("days_late"), OWN),
    },
    features=(
        handed_in("by_tutor", COURSE, "tutor-marked assignment", "so far"),
        handed_in("by_computer", COURSE, "computer-marked assignment", "so far"),
        handed_in("handed_in", "28d", "assignment", "in the last 28 days"),
        handed_in("handed_in", "14d", "assignment", "in the last 14 days"),
        Feature(
            name=f"submissions_lateness_days_{COURSE}",
            value=above_usual(rate(f"late_{COURSE}", f"own_{COURSE}")),
            unit="days beside usual",
            theme=THEME,
            description="Mean days after the deadline (before it: below 0), less the presentation's mean.",
        ),
    ),
)
