"""School days suspended in the window, and the labels made of them.

The event is on the day on which the suspension begins that takes the total over; ``over_5_days`` says how
days are counted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.labels.declare import Label
from earlywarning.labels.window import (
    LUNCHTIME,
    PERMANENT,
    SUSPENSION,
    first_begun,
    first_day,
    in_window,
    refuse_absent,
    standing,
    states_of,
)


def more_than(days: int) -> Label:
    """The label of more than ``days`` school days suspended in the term, two sessions a day."""
    name = f"over_{days}_days"

    def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
        refuse_absent(history, name, "suspensions.sessions")
        spells = in_window(cohort, standing(history, SUSPENSION + LUNCHTIME))
        length = sessions_inside(history, spells)
        over = length.groupby(spells["row"]).cumsum() > 2 * days
        event = first_day(cohort, spells[over])
        # A length that was not recorded can only add to a total that is over without it.
        unknown = first_day(cohort, spells[length.isna()]).where(event.isna())
        competing = first_begun(cohort, history.final("placements"), standing(history, PERMANENT))
        return states_of(history, cohort, event=event, competing=competing, unknown=unknown)

    return Label(
        name=name,
        outcome=f"more than {days} school days of suspension",
        meaning=f"New suspensions of more than {days} school days in all between the panel and the end of "
        "the term.",
        states=states,
    )


def sessions_inside(history: History, spells: pd.DataFrame) -> pd.Series:
    """Sessions of each suspension up to the end of the window, missing where its length was not recorded."""
    school_days = np.array(history.calendar.school_days, dtype="datetime64[D]")
    before = np.searchsorted(school_days, spells["start_date"].to_numpy().astype("datetime64[D]"))
    upto = np.searchsorted(school_days, spells["closes"].to_numpy().astype("datetime64[D]"), side="right")
    length = spells["sessions"].astype(float)
    length = length.mask(spells["category"].isin(LUNCHTIME), length.fillna(1.0))
    return length.clip(upper=pd.Series(2.0 * (upto - before), index=spells.index))
