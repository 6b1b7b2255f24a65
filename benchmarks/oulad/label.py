"""The outcome: the learner fails the presentation or withdraws from it after the day."""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.labels.declare import CENSORED, EVENT, IMMATURE, NO_EVENT, Label

COUNTED = ("Fail", "Withdrawn")


def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """State and days at risk of each learner and cut, with the cohort's index."""
    keys = ["pupil_id", "school_id"]
    result = cohort[keys].merge(history.final("results")[[*keys, "result"]], on=keys, how="left")["result"]
    state = np.select([result.isin(COUNTED), result.isna()], [EVENT, CENSORED], default=NO_EVENT)
    state = np.where(cohort["matures_on"] > pd.Timestamp(history.extracted_on), IMMATURE, state)
    days = (cohort["closes"] - cohort["panel_date"]).dt.days
    return pd.DataFrame({"state": state, "days_at_risk": days}, index=cohort.index)


NOT_COMPLETED = Label(
    name="not_completed",
    outcome="a fail or a withdrawal",
    meaning="The learner fails the presentation or withdraws from it after the day.",
    states=states,
)
