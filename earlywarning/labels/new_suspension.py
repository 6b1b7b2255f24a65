"""A new suspension or a permanent exclusion between the panel and the end of the term.

What happens first decides the state: the event; a competing move out of mainstream (managed move, off-site
direction, alternative provision); leaving the roll (censored). A suspension withdrawn by the school is not
an event. Where the schools a pupil was at sent no suspensions for most of the window, nothing is known of the
outcome: censored, whatever did become known, or only events would be left of a silent school.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.dataset.lookups import VISIBLE_SHARE
from earlywarning.labels.declare import CENSORED, COMPETING, EVENT, IMMATURE, NO_EVENT, Label

STILL_OPEN = pd.Timestamp("2200-01-01")


def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """State and days at risk of each pupil and date, with the cohort's index."""
    suspensions, enrolments = history.final("suspensions"), history.final("enrolments")
    counted = suspensions[
        suspensions["category"].isin(["SUSP", "FIXD", "PERM"]) & (suspensions["decision"] != "withdrawn")
    ]
    dates = pd.DataFrame(
        {
            EVENT: first_in_window(cohort, counted, "start_date"),
            COMPETING: first_in_window(cohort, history.final("placements"), "start_date"),
            CENSORED: left_roll(cohort, enrolments),
        }
    )
    first = dates.min(axis=1)
    # On the same day the event comes before the move it led to, and the move before the leaving.
    came_first = [dates[kind].eq(first).to_numpy() for kind in (EVENT, COMPETING, CENSORED)]
    state = np.select(came_first, [EVENT, COMPETING, CENSORED], default=NO_EVENT)
    unseen = sent_share(history, cohort, enrolments) < VISIBLE_SHARE
    state = np.where(unseen.to_numpy(), CENSORED, state)
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


def sent_share(history: History, cohort: pd.DataFrame, enrolments: pd.DataFrame) -> pd.Series:
    """Share of the window on a roll for which suspensions were received, over every school attended."""
    asked = cohort[["pupil_id", "panel_date", "closes"]].rename_axis("row").reset_index()
    pairs = asked.merge(enrolments[["pupil_id", "school_id", "start_date", "end_date"]], on="pupil_id")
    start = pairs["start_date"].clip(lower=pairs["panel_date"])
    end = pairs["end_date"].fillna(STILL_OPEN).clip(upper=pairs["closes"])
    spans = pairs.assign(source=pairs["school_id"], start=start, end=end)[start <= end].reset_index(drop=True)
    days = (spans["end"] - spans["start"]).dt.days + 1
    seen = (history.coverage.covered_share("suspensions", spans) * days).groupby(spans["row"]).sum()
    return (seen / days.groupby(spans["row"]).sum()).reindex(cohort.index).fillna(0.0)


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
