"""What a label is: a name, a meaning and a function from the known outcomes to states."""

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


@dataclass(frozen=True)
class Label:
    """An outcome to look for between ``panel_date`` and ``closes``; ``outcome`` is what people call it.

    ``states`` takes the history and the cohort (a row a pupil and ``as_of_date``) and returns a frame with
    the cohort's index and the columns ``state`` (one of :data:`STATES`) and ``days_at_risk``.
    """

    name: str
    outcome: str
    meaning: str
    states: Callable[[History, pd.DataFrame], pd.DataFrame]
