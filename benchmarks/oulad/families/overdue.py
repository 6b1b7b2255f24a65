"""Overdue: assessments past their deadline that have not been handed in by the day."""

import narwhals as nw

from benchmarks.oulad.calendar import COURSE
from benchmarks.oulad.families.submissions import THEME
from benchmarks.oulad.families.visible import HANDED_IN, OF_THIS_PRESENTATION
from earlywarning.features.declare import Family, Feature, count


def missing(what: str, called: str) -> Feature:
    """Assessments of one kind that are overdue."""
    return Feature(
        name=f"overdue_{what}_assessments_{COURSE}",
        value=nw.col(f"overdue_{what}_{COURSE}"),
        unit="assignments",
        direction=+1,
        theme=THEME,
        description=f"{called.capitalize()}s past their deadline and not handed in.",
        reason=f"{{overdue_{what}_{COURSE}:{called}}} past the deadline and not handed in.",
    )


OVERDUE_FAMILY = Family(
    name="overdue",
    table="overdue",
    lookbacks=(COURSE,),
    seen=HANDED_IN,
    measures={
        "overdue_tutor": count(OF_THIS_PRESENTATION & (nw.col("kind") == nw.lit("TMA"))),
        "overdue_computer": count(OF_THIS_PRESENTATION & (nw.col("kind") == nw.lit("CMA"))),
    },
    features=(
        missing("tutor", "tutor-marked assignment"),
        missing("computer", "computer-marked assignment"),
    ),
)
