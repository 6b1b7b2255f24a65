"""Who on roll is set apart from the list, and why: each pupil for one reason, the first that holds."""

from __future__ import annotations

from typing import Final

import narwhals as nw
import pandas as pd

from earlywarning import codes
from earlywarning.dataset.history import PUPIL_DATE, History

LEFT_OUT: Final = {"objection": "objection to profiling", "restricted": "restricted record"}
"""Why a pupil is left out altogether: counted, and shown on no page."""
IN_PROGRESS: Final = "permanent exclusion in progress"
PLACED: Final = "already in alternative provision"
MAINSTREAM_SETTING: Final = "mainstream"
_UNDER_WAY: Final = ("pending", "in_force", "upheld")


def set_apart(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """``cohort`` with ``apart``: "" for those a list is drawn from, else why a pupil is not among them.

    Beside it ``in_progress_since`` and ``in_progress_stage`` of a permanent exclusion.
    """
    told = cohort.merge(_in_progress(history), on=[*PUPIL_DATE, "school_id"], how="left")
    reasons = pd.Series("", index=told.index, dtype=object)
    reasons = reasons.mask(_placed(history, told), PLACED)
    reasons = reasons.mask(told["in_progress_since"].notna(), IN_PROGRESS)
    left_out = left_out_of(history, told)
    return told.assign(apart=reasons.where(left_out == "", left_out))


def left_out_of(history: History, cohort: pd.DataFrame) -> pd.Series:
    """Why each pupil is left out altogether, "" for the others, with the cohort's index.

    A restriction counts while it was in force as known on the date, and on every date once it is in force on
    the day of the extract: whoever objects today is in no training row of earlier years either. Who has both
    is counted with the objections.
    """
    known = history.engine.collect(history.spells("restrictions").filter(nw.col("open")))
    on_date = known.drop_duplicates()[[*PUPIL_DATE, "kind"]]
    final = history.final("restrictions")
    in_force = final["end_date"].isna() | (final["end_date"] >= pd.Timestamp(history.extracted_on))
    always = final.loc[
        in_force & (final["start_date"] <= pd.Timestamp(history.extracted_on)), ["pupil_id", "kind"]
    ]
    keys = pd.MultiIndex.from_frame(cohort[list(PUPIL_DATE)])
    reasons = pd.Series("", index=cohort.index, dtype=object)
    for kind, words in reversed(LEFT_OUT.items()):
        then = pd.MultiIndex.from_frame(on_date.loc[on_date["kind"] == kind, list(PUPIL_DATE)])
        now = always.loc[always["kind"] == kind, "pupil_id"]
        reasons = reasons.mask(keys.isin(then) | cohort["pupil_id"].isin(now).to_numpy(), words)
    return reasons


def _placed(history: History, cohort: pd.DataFrame) -> pd.Series:
    """Whether each pupil is out of mainstream on a placement that is open, with the cohort's index."""
    out = history.spells("placements").filter(nw.col("open"), nw.col("setting") != nw.lit(MAINSTREAM_SETTING))
    placed = history.engine.collect(out.select(*PUPIL_DATE).unique())
    keys = pd.MultiIndex.from_frame(cohort[list(PUPIL_DATE)])
    return pd.Series(keys.isin(pd.MultiIndex.from_frame(placed)), index=cohort.index)


def _in_progress(history: History) -> pd.DataFrame:
    """Permanent exclusions from the school whose roll the pupil is still on, as known on each date."""
    events = history.events("suspensions").filter(
        nw.col("category") == nw.lit("PERM"), nw.col("decision").is_in(list(_UNDER_WAY))
    )
    keys = [*PUPIL_DATE, "school_id"]
    told = events.select(*keys, "start_date", "decision")
    known = history.engine.collect(told, sort_by=[*keys, "start_date"]).drop_duplicates(keys, keep="last")
    return known[keys].assign(
        in_progress_since=known["start_date"],
        in_progress_stage=known["decision"].map(codes.load("decision").label),
    )
