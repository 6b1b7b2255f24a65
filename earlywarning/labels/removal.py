"""Removal from mainstream before the end of the term, by whichever route comes first.

Permanent exclusion, managed move, off-site direction or alternative provision. Rare: in most authorities too
rare to train on, which the gate on too few events says with the numbers. A placement under way when the panel
meets competes: the pupil has been moved already.
"""

from __future__ import annotations

import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.labels.declare import Label
from earlywarning.labels.window import (
    PERMANENT,
    STILL_OPEN,
    first_begun,
    refuse_absent,
    standing,
    states_of,
)


def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """State and days at risk of each pupil and date, with the cohort's index."""
    refuse_absent(history, "removal", "placements")
    placements = history.final("placements")
    return states_of(
        history,
        cohort,
        event=first_begun(cohort, standing(history, PERMANENT), placements),
        competing=under_way(cohort, placements),
        feeds=("suspensions", "placements"),
    )


def under_way(cohort: pd.DataFrame, placements: pd.DataFrame) -> pd.Series:
    """The panel's date for a pupil who is placed elsewhere on it, missing for everybody else."""
    asked = cohort[["pupil_id", "panel_date"]].rename_axis("row").reset_index()
    pairs = asked.merge(placements[["pupil_id", "start_date", "end_date"]], on="pupil_id")
    begun = pairs["start_date"] < pairs["panel_date"]
    open_on_it = begun & (pairs["end_date"].fillna(STILL_OPEN) >= pairs["panel_date"])
    return cohort["panel_date"].where(cohort.index.isin(pairs.loc[open_on_it, "row"]))


REMOVAL = Label(
    name="removal",
    outcome="a permanent exclusion, a managed move, an off-site direction or alternative provision",
    meaning="A permanent exclusion, a managed move, an off-site direction or a placement in alternative "
    "provision between the panel and the end of the term.",
    states=states,
)
