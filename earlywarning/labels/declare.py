"""What a label is: a name, a meaning, whom it is asked of, and a function from what happened to states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from earlywarning.dataset.history import History

EVENT: Final = "event"
NO_EVENT: Final = "no_event"
CENSORED: Final = "censored"
COMPETING: Final = "competing"
IMMATURE: Final = "immature"
STATES: Final = (EVENT, NO_EVENT, CENSORED, COMPETING, IMMATURE)

Asked = Callable[[History, pd.DataFrame], pd.DataFrame]


def of_everyone(_history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """The study's cohort as it is: everyone, until the term ends."""
    return cohort


@dataclass(frozen=True)
class Label:
    """An outcome to look for between ``panel_date`` and ``closes``.

    ``outcome`` is what people call it ("of the pupils listed, 4 in 10 had ...") and ``by`` until when
    ("before the end of term"); ``meaning`` is a sentence. ``states`` takes the history and the cohort (a row
    a pupil and ``as_of_date``) and returns a frame with the cohort's index and the columns ``state`` (one of
    :data:`STATES`) and ``days_at_risk``. ``cohort`` takes the study's cohort and returns that of the label: a
    label may leave pupils out, by what was known on the day, and move ``closes`` and ``matures_on``.
    """

    name: str
    outcome: str
    meaning: str
    states: Asked
    by: str = "before the end of term"
    cohort: Asked = of_everyone
