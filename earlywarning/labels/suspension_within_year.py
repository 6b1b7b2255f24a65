"""A new suspension or a permanent exclusion within twelve months of the panel: three terms of school.

Pupils of Year 11 are left out. They leave within the year, and of those who leave only the ones with an event
would be known.
"""

from __future__ import annotations

import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.labels.declare import Label
from earlywarning.labels.new_suspension import OUTCOME, states
from earlywarning.school_calendar import REPORTING_LAG

LAST_YEAR = "11"


def cohort(_history: History, everyone: pd.DataFrame) -> pd.DataFrame:
    """Everyone who can be followed for a year; the label closes on the last day of it."""
    followed = everyone[everyone["group"] != LAST_YEAR]
    closes = followed["panel_date"] + pd.DateOffset(years=1) - pd.Timedelta(days=1)
    return followed.assign(closes=closes, matures_on=closes + REPORTING_LAG)


SUSPENSION_WITHIN_YEAR = Label(
    name="suspension_within_year",
    outcome=OUTCOME,
    meaning="A new suspension or a permanent exclusion within twelve months of the panel.",
    states=states,
    by="within a year of the panel",
    cohort=cohort,
)
