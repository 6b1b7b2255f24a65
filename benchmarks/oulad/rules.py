"""The simple rules to beat: what a tutor could do with a list sorted by one column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.model.rules import RULES as CORE_RULES
from earlywarning.model.rules import Rule, State

DAYS_14 = "activity_site_days_14d"
DAYS_COURSE = "activity_site_days_course"
OVERDUE = ("overdue_tutor_assessments_course", "overdue_computer_assessments_course")


def _seldom_lately(X: pd.DataFrame, _rows: pd.DataFrame, _state: State) -> npt.ArrayLike:
    return -X[DAYS_14].to_numpy()


def _seldom(X: pd.DataFrame, _rows: pd.DataFrame, _state: State) -> npt.ArrayLike:
    return -X[DAYS_COURSE].to_numpy()


def _overdue_then_seldom(X: pd.DataFrame, _rows: pd.DataFrame, _state: State) -> npt.ArrayLike:
    # There are no 100 days in 14, so days only order learners with as much overdue.
    tutor, computer, days = (X[name].to_numpy(dtype=np.float64) for name in (*OVERDUE, DAYS_14))
    return np.asarray(100 * (tutor + computer) - days)


RULES = (
    Rule(
        name="seldom_on_site",
        sentence="the fewest days on the course site",
        looks_at=(DAYS_COURSE,),
        value=_seldom,
    ),
    Rule(
        name="seldom_on_site_lately",
        sentence="the fewest days on the course site in the last 14 days",
        looks_at=(DAYS_14,),
        value=_seldom_lately,
    ),
    Rule(
        name="overdue_then_seldom",
        sentence="the most work overdue, then the fewest days on the course site in the last 14 days",
        looks_at=(*OVERDUE, DAYS_14),
        value=_overdue_then_seldom,
    ),
    CORE_RULES["school_group_rate"],
)
