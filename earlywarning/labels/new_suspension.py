"""A new suspension or a permanent exclusion between the panel and the end of the term: the main label.

A move out of mainstream (managed move, off-site direction, alternative provision) that begins in the window
competes. One under way when the panel meets does not: the pupil is still on the roll and may be suspended.
"""

from __future__ import annotations

import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.labels.declare import Label
from earlywarning.labels.window import PERMANENT, SUSPENSION, first_begun, standing, states_of

OUTCOME = "a new suspension or a permanent exclusion"


def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """State and days at risk of each pupil and date, with the cohort's index."""
    return states_of(
        history,
        cohort,
        event=first_begun(cohort, standing(history, SUSPENSION + PERMANENT)),
        competing=first_begun(cohort, history.final("placements")),
    )


NEW_SUSPENSION = Label(
    name="new_suspension",
    outcome=OUTCOME,
    meaning="A new suspension or a permanent exclusion between the panel and the end of the term.",
    states=states,
)
