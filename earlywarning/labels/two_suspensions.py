"""Two or more new suspensions between the panel and the end of the term, on the day the second begins.

A permanent exclusion counts as one of the two. Where it is the only one it competes: no second can follow.
"""

from __future__ import annotations

import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.labels.declare import Label
from earlywarning.labels.window import (
    PERMANENT,
    SUSPENSION,
    first_begun,
    first_day,
    in_window,
    standing,
    states_of,
)


def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """State and days at risk of each pupil and date, with the cohort's index."""
    spells = in_window(cohort, standing(history, SUSPENSION + PERMANENT))
    return states_of(
        history,
        cohort,
        event=first_day(cohort, spells[spells.groupby("row").cumcount() == 1]),
        competing=first_begun(cohort, history.final("placements"), standing(history, PERMANENT)),
    )


TWO_SUSPENSIONS = Label(
    name="two_suspensions",
    outcome="two or more new suspensions",
    meaning="Two or more new suspensions, a permanent exclusion counted as one, between the panel and the "
    "end of the term.",
    states=states,
)
