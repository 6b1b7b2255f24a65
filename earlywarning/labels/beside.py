"""The states of several labels for the same pupils and dates, side by side."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.errors import InputRefused
from earlywarning.labels.declare import Label


def states_beside(history: History, cohort: pd.DataFrame, labels: Iterable[Label]) -> pd.DataFrame:
    """A column of states a label, with the rows of ``cohort`` by pupil and date; shape (n_rows, n_labels).

    A pupil whom a label is not asked of, or whose outcome under it is not mature, has a missing state or
    "immature". A label that the extracts cannot tell at all has no column.
    """
    keys = list(PUPIL_DATE)
    index = pd.MultiIndex.from_frame(cohort[keys])
    columns = {}
    for label in labels:
        try:
            asked = label.cohort(history, cohort)
            states = label.states(history, asked)["state"]
        except InputRefused:
            continue
        told = pd.Series(states.to_numpy(), index=pd.MultiIndex.from_frame(asked[keys]))
        columns[label.name] = told.reindex(index)
    return pd.DataFrame(columns, index=index)
