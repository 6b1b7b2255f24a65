"""Who is looked at: learners registered by the day who have not unregistered by then."""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from earlywarning.dataset.history import PUPIL_DATE, History

DATES = ("panel_date", "closes", "matures_on", "train_before")
NOT_RECORDED = "not recorded"
AUDITED = ("disability", "deprivation_band", "sex", "age_band")


def cohort(history: History) -> pd.DataFrame:
    """A row for each learner and cut.

    An end of registration is seen only once it is known, so a learner without one has not left by the day.
    """
    spells = history.engine.collect(history.spells("registrations").filter(nw.col("end_date").is_null()))
    presentations = history.final("presentations")[["school_id", "module", "period"]]
    issues = pd.DataFrame([vars(issue) for issue in history.calendar.issues])
    for column in ("as_of_date", *DATES):
        issues[column] = pd.to_datetime(issues[column])
    rows = spells[[*PUPIL_DATE, "school_id"]].merge(presentations, on="school_id")
    rows = rows.merge(issues, on=["as_of_date", "period"])
    rows["area"] = rows["group"] = rows["module"]
    return rows[[*PUPIL_DATE, "school_id", "area", "group", "period", *DATES]]


def attributes(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """What the audit compares, as text, with the cohort's index: never inputs of a model."""
    learners = cohort[["pupil_id", "school_id"]].merge(
        history.final("learners"), on=["pupil_id", "school_id"], how="left"
    )
    return learners[list(AUDITED)].fillna(NOT_RECORDED).astype(object).set_axis(cohort.index)


def in_place(_history: History, cohort: pd.DataFrame) -> pd.Series:
    """The dataset does not say what help a learner has."""
    return pd.Series("", index=cohort.index)
