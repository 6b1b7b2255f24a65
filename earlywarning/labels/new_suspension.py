"""A new suspension or a permanent exclusion between the panel and the end of the term.

What happens first decides the state: the event; a competing move out of mainstream (managed move, off-site
direction, alternative provision); leaving the roll (censored). A suspension withdrawn by the school is not
an event. A school that sent no suspensions for most of the window has no known outcome: censored.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.dataset.history import VISIBLE_SHARE, History
from earlywarning.labels.declare import CENSORED, COMPETING, EVENT, IMMATURE, NO_EVENT, Label

STILL_OPEN = pd.Timestamp("2200-01-01")


def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """State and days at risk of each pupil and date, with the cohort's index."""
    suspensions = history.final("suspensions")
    counted = suspensions[
        suspensions["category"].isin(["SUSP", "FIXD", "PERM"]) & (suspensions["decision"] != "withdrawn")
    ]
    dates = pd.DataFrame(
        {
            EVENT: first_in_window(cohort, counted, "start_date"),
            COMPETING: first_in_window(cohort, history.final("placements"), "start_date"),
            CENSORED: left_roll(cohort, history.final("enrolments")),
        }
    )
    first = dates.min(axis=1)
    # On the same day the event comes before the move it led to, and the move before the leaving.
    came_first = [dates[kind].eq(first).to_numpy() for kind in (EVENT, COMPETING, CENSORED)]
    state = np.select(came_first, [EVENT, COMPETING, CENSORED], default=NO_EVENT)
    spans = cohort.rename(columns={"school_id": "source", "panel_date": "start", "closes": "end"})
    unseen = history.covered_share("suspensions", spans) < VISIBLE_SHARE
    state = np.where((state == NO_EVENT) & unseen.to_numpy(), CENSORED, state)
    immature = cohort["matures_on"] > pd.Timestamp(history.extracted_on)
    state = np.where(immature.to_numpy(), IMMATURE, state)
    until = first.fillna(cohort["closes"])
    return pd.DataFrame(
        {"state": state, "days_at_risk": (until - cohort["panel_date"]).dt.days.clip(lower=0)},
        index=cohort.index,
    )


def first_in_window(cohort: pd.DataFrame, events: pd.DataFrame, date: str) -> pd.Series:
    """First date of ``events`` between ``panel_date`` and ``closes``, missing where there is none."""
    happened = events[["pupil_id", date]].rename(columns={date: "happened"})
    asked = cohort[["pupil_id", "panel_date", "closes"]].rename_axis("row").reset_index()
    pairs = asked.merge(happened, on="pupil_id")
    inside = pairs[pairs["happened"].between(pairs["panel_date"], pairs["closes"])]
    return inside.groupby("row")["happened"].min().reindex(cohort.index)


def left_roll(cohort: pd.DataFrame, enrolments: pd.DataFrame) -> pd.Series:
    """Last day on any roll, where no spell reaches the end of the window; missing where one does."""
    spells = enrolments[["pupil_id", "start_date", "end_date"]]
    asked = cohort[["pupil_id", "as_of_date", "closes"]].rename_axis("row").reset_index()
    pairs = asked.merge(spells, on="pupil_id")
    pairs = pairs[pairs["start_date"] <= pairs["closes"]]
    reach = pairs["end_date"].fillna(STILL_OPEN).clip(lower=pairs["as_of_date"])
    last = reach.groupby(pairs["row"]).max().reindex(cohort.index)
    return last.where(last < cohort["closes"])


NEW_SUSPENSION = Label(
    name="new_suspension",
    outcome="a new suspension or a permanent exclusion",
    meaning="A new suspension or a permanent exclusion between the panel and the end of the term.",
    states=states,
)
