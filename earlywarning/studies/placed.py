"""The register of placements: who is on a managed move, directed off site or in alternative provision."""

from __future__ import annotations

from typing import Final

import narwhals as nw
import pandas as pd

from earlywarning import codes
from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.studies.apart import LEFT_OUT, left_out_of

REGISTER: Final = ("pupil_id", "area", "school_id", "group", "route", "setting", "start_date", "review_date")
"""``school_id`` made the placement; ``group`` and ``review_date`` may be missing."""


def register(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """The placements open on the day of the cohort's pupils, with the columns :data:`REGISTER`."""
    placed = _open_placements(history).rename(columns={"school_id": "made_by"})
    rows = placed.merge(cohort, on=list(PUPIL_DATE))
    return _labelled(rows[~rows["apart"].isin(LEFT_OUT.values())])


def register_beyond(
    history: History, cohort: pd.DataFrame, phases: tuple[str, ...], years: range
) -> pd.DataFrame:
    """:func:`register`, and the placements that schools of ``phases`` made of others in ``years``.

    Whoever left the school's roll for alternative provision is in no cohort, and must not be lost sight of.
    The year is that of any open roll, or not known.
    """
    schools = history.final("schools")
    ours = schools[schools["la"].isin(cohort["area"].unique()) & schools["phase"].isin(phases)]
    placed = _open_placements(history).rename(columns={"school_id": "made_by"})
    placed = placed.merge(ours[["school_id", "la"]], left_on="made_by", right_on="school_id")
    known = pd.MultiIndex.from_frame(cohort[list(PUPIL_DATE)])
    others = placed[~pd.MultiIndex.from_frame(placed[list(PUPIL_DATE)]).isin(known)]
    rolls = history.engine.collect(history.spells("enrolments").filter(nw.col("open")))
    rolls = rolls.sort_values([*PUPIL_DATE, "status", "nc_year"]).drop_duplicates(list(PUPIL_DATE))
    others = others.merge(rolls[[*PUPIL_DATE, "nc_year"]], on=list(PUPIL_DATE), how="left")
    of_age = pd.to_numeric(others["nc_year"], errors="coerce").isin(list(years)) | others["nc_year"].isna()
    others = others[of_age].reset_index(drop=True)
    others = others[left_out_of(history, others) == ""].rename(columns={"la": "area", "nc_year": "group"})
    return pd.concat([register(history, cohort), _labelled(others)], ignore_index=True)


def _open_placements(history: History) -> pd.DataFrame:
    """Each placement open on a date, as then known."""
    return history.engine.collect(
        history.spells("placements").filter(nw.col("open")),
        sort_by=[*PUPIL_DATE, "start_date", "route", "school_id"],
    )


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    told = rows.assign(
        school_id=rows["made_by"],
        route=rows["route"].map(codes.load("placement_route").label),
        setting=rows["setting"].map(codes.load("placement_setting").label),
    )
    return told[list(REGISTER)].reset_index(drop=True)
