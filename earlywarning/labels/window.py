"""What labels share: what happened in the window, what was overturned, who left, what could be seen.

A window opens with the panel and closes on ``closes``, both days included. What happens first decides the
state. A suspension or permanent exclusion that was withdrawn or ended in reinstatement is no event, whenever
that became known before the extract; one whose review is pending stands.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.dataset.lookups import VISIBLE_SHARE
from earlywarning.errors import InputRefused
from earlywarning.labels.declare import CENSORED, COMPETING, EVENT, IMMATURE, NO_EVENT

SUSPENSION = ("SUSP", "FIXD")
PERMANENT = ("PERM",)
LUNCHTIME = ("LNCH",)
OVERTURNED = ("withdrawn", "reinstated")
STILL_OPEN = pd.Timestamp("2200-01-01")


def standing(history: History, categories: Sequence[str]) -> pd.DataFrame:
    """The suspensions and permanent exclusions of some categories that were not overturned."""
    rows = history.final("suspensions")
    return rows[rows["category"].isin(categories) & ~rows["decision"].isin(OVERTURNED)]


def in_window(cohort: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """The events that began in the window, in order of time, each with the cohort's ``row`` it belongs to."""
    asked = cohort[["pupil_id", "panel_date", "closes"]].rename_axis("row").reset_index()
    pairs = asked.merge(events, on="pupil_id")
    inside = pairs[pairs["start_date"].between(pairs["panel_date"], pairs["closes"])]
    return inside.sort_values(["row", "start_date"], kind="stable", ignore_index=True)


def first_day(cohort: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """The first day of what was :func:`found <in_window>` for each row of the cohort, missing where none."""
    return found.groupby("row")["start_date"].min().reindex(cohort.index)


def first_begun(cohort: pd.DataFrame, *events: pd.DataFrame) -> pd.Series:
    """The first day in the window on which any of the events began, missing where none did."""
    return first_day(
        cohort, in_window(cohort, pd.concat([rows[["pupil_id", "start_date"]] for rows in events]))
    )


def states_of(
    history: History,
    cohort: pd.DataFrame,
    *,
    event: pd.Series,
    competing: pd.Series,
    unknown: pd.Series | None = None,
    feeds: Sequence[str] = ("suspensions",),
) -> pd.DataFrame:
    """State and days at risk of each row, from the days on which what can happen first happened.

    ``unknown`` is the day from which the outcome cannot be told; leaving the roll is one such day. Where the
    schools a pupil was at sent one of ``feeds`` for less than half of the window, nothing is known of the
    outcome: censored, whatever did become known, or only events would be left of a silent school.
    """
    enrolments = history.final("enrolments")
    lost = left_roll(cohort, enrolments)
    if unknown is not None:
        lost = pd.concat([lost, unknown], axis=1).min(axis=1)
    dates = pd.DataFrame({EVENT: event, COMPETING: competing, CENSORED: lost})
    first = dates.min(axis=1)
    # On the same day the event comes before the move it led to, and the move before the leaving.
    kinds = (EVENT, COMPETING, CENSORED)
    state = np.select([dates[kind].eq(first).to_numpy() for kind in kinds], kinds, default=NO_EVENT)
    for feed in feeds:
        unseen = sent_share(history, feed, cohort, enrolments) < VISIBLE_SHARE
        state = np.where(unseen.to_numpy(), CENSORED, state)
    immature = cohort["matures_on"] > pd.Timestamp(history.extracted_on)
    state = np.where(immature.to_numpy(), IMMATURE, state)
    until = first.fillna(cohort["closes"])
    return pd.DataFrame(
        {"state": state, "days_at_risk": (until - cohort["panel_date"]).dt.days.clip(lower=0)},
        index=cohort.index,
    )


def sent_share(history: History, feed: str, cohort: pd.DataFrame, enrolments: pd.DataFrame) -> pd.Series:
    """Share of the window on a roll for which ``feed`` was received, over every school attended."""
    asked = cohort[["pupil_id", "panel_date", "closes"]].rename_axis("row").reset_index()
    pairs = asked.merge(enrolments[["pupil_id", "school_id", "start_date", "end_date"]], on="pupil_id")
    start = pairs["start_date"].clip(lower=pairs["panel_date"])
    end = pairs["end_date"].fillna(STILL_OPEN).clip(upper=pairs["closes"])
    spans = pairs.assign(source=pairs["school_id"], start=start, end=end)[start <= end].reset_index(drop=True)
    days = (spans["end"] - spans["start"]).dt.days + 1
    seen = (history.coverage.covered_share(feed, spans) * days).groupby(spans["row"]).sum()
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


def refuse_absent(history: History, label: str, source: str) -> None:
    """Nothing, when the extract holds ``source``, a table or ``table.column``.

    Raises:
        InputRefused: it does not, so nobody's outcome can be told.
    """
    if source in history.absent:
        raise InputRefused(
            f"label '{label}' cannot be told without '{source}', which the extracts do not hold. Add it, or "
            "choose another label."
        )
