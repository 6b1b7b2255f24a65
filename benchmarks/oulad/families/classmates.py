"""Each presentation has its own pace, so what a learner did is set beside what classmates did."""

import narwhals as nw

from benchmarks.oulad.study_days import LAST_DAY
from earlywarning.features.declare import SeenThrough

ON_THE_SITE = SeenThrough("activity", "access", "school_id")
HANDED_IN = SeenThrough("assessments", "access", "school_id")

OF_THIS_PRESENTATION = nw.col("day") <= LAST_DAY
"""No cut is later: a later day belongs to a presentation that ended while this one was about to begin."""


def _usual(value: nw.Expr) -> nw.Expr:
    return value.mean().over("as_of_date", "school_id", "group")


def times_usual(value: nw.Expr) -> nw.Expr:
    """``value`` over its mean among the learners of the same presentation; 1 is usual."""
    return nw.when(_usual(value) > 0).then(value / _usual(value)).otherwise(value)


def above_usual(value: nw.Expr) -> nw.Expr:
    """``value`` less its mean among the learners of the same presentation; 0 is usual."""
    return value - _usual(value)
