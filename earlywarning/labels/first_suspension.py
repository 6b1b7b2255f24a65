"""A first suspension or permanent exclusion in the term, of pupils with none in the records: early warning.

Asked only of pupils for whom none that stood was known on the day, at any school and at any time. A pupil
whose earlier schools sent nothing is among them: first means first visible. Where it turns out that there was
one before the panel met, known late or begun since the cut, that one competes: no first can follow.
"""

from __future__ import annotations

import narwhals as nw
import pandas as pd

from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.labels.declare import Label
from earlywarning.labels.window import OVERTURNED, PERMANENT, SUSPENSION, first_begun, standing, states_of

LONG_AGO = pd.Timestamp("1900-01-01")


def suspended_before(history: History, cohort: pd.DataFrame) -> pd.Series:
    """Whether a suspension or permanent exclusion that stood was known on the day, at any school, ever.

    A boolean Series with the cohort's index; a row for each ``pupil_id`` and ``as_of_date``.
    """
    known = history.events("suspensions").filter(
        nw.col("category").is_in([*SUSPENSION, *PERMANENT]), ~nw.col("decision").is_in(list(OVERTURNED))
    )
    seen = pd.MultiIndex.from_frame(history.engine.collect(known.select(*PUPIL_DATE).unique()))
    return pd.Series(pd.MultiIndex.from_frame(cohort[list(PUPIL_DATE)]).isin(seen), index=cohort.index)


def cohort(history: History, everyone: pd.DataFrame) -> pd.DataFrame:
    """Everyone without a suspension known on the day, and those who are set apart.

    The latter are neither trained on nor scored: they stand on a page of their own, or are only counted.
    """
    before = suspended_before(history, everyone)
    return everyone[~before | everyone.get("apart", pd.Series("", index=everyone.index)).ne("")]


def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """State and days at risk of each pupil and date, with the cohort's index."""
    stood = standing(history, SUSPENSION + PERMANENT)
    eve = cohort["panel_date"] - pd.Timedelta(days=1)
    earlier = first_begun(cohort.assign(panel_date=LONG_AGO, closes=eve), stood)
    return states_of(
        history,
        cohort,
        event=first_begun(cohort, stood),
        competing=earlier.fillna(first_begun(cohort, history.final("placements"))),
    )


FIRST_SUSPENSION = Label(
    name="first_suspension",
    outcome="a first suspension or a permanent exclusion",
    meaning="A suspension or a permanent exclusion between the panel and the end of the term, among pupils "
    "with none known before.",
    states=states,
    cohort=cohort,
)
