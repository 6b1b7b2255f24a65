"""Submissions: how many assessments were handed in, how lately, and how near the deadline."""

import narwhals as nw

from benchmarks.oulad.calendar import COURSE
from benchmarks.oulad.families.visible import HANDED_IN, OF_THIS_PRESENTATION
from earlywarning.features.declare import Family, Feature, amount, count, rate

THEME = "work handed in"
OWN = OF_THIS_PRESENTATION & ~nw.col("carried_over")
KINDS = {
    "handed_in": "assignment",
    "by_tutor": "tutor-marked assignment",
    "by_computer": "computer-marked assignment",
}
WHEN = {COURSE: "so far", "14d": "in the last 14 days", "28d": "in the last 28 days"}


def handed_in(what: str, lookback: str) -> Feature:
    """Assessments handed in."""
    return Feature(
        name=f"submissions_{what}_assignments_{lookback}",
        value=nw.col(f"{what}_{lookback}"),
        unit="assignments",
        direction=-1,
        theme=THEME,
        description=f"{KINDS[what].capitalize()}s handed in {WHEN[lookback]}.",
        reason=f"{{{what}_{lookback}:{KINDS[what]}}} handed in {WHEN[lookback]}.",
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
    latest={"handed_in": OF_THIS_PRESENTATION},
    features=(
        *[handed_in(what, lookback) for what in KINDS for lookback in WHEN],
        Feature(
            name=f"submissions_late_days_{COURSE}",
            value=nw.col(f"late_{COURSE}"),
            unit="days",
            theme=THEME,
            description="Days after deadlines, added up (before them: below 0).",
        ),
        Feature(
            name=f"submissions_lateness_days_{COURSE}",
            value=rate(f"late_{COURSE}", f"own_{COURSE}"),
            unit="days",
            theme=THEME,
            description="Mean days after the deadline (before it: below 0).",
        ),
        Feature(
            name=f"submissions_last_days_{COURSE}",
            value=nw.col(f"days_since_handed_in_{COURSE}"),
            unit="days",
            direction=+1,
            theme=THEME,
            description="Days since work was last handed in; missing without any.",
            reason=f"Last handed work in {{days_since_handed_in_{COURSE}:day}} before this list.",
        ),
    ),
)
