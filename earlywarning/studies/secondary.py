"""The termly study: pupils of Years 7 to 11 in mainstream secondary schools of the two boroughs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.engines import Engine
from earlywarning.features import FAMILIES
from earlywarning.labels import LABELS
from earlywarning.labels.first_suspension import suspended_before
from earlywarning.school_calendar import (
    Calendar,
    IssueDates,
    half_terms,
    issue_on,
    school_calendar,
    termly_issues,
)
from earlywarning.studies.apart import left_out_of
from earlywarning.studies.declare import Frames, Pages, Study
from earlywarning.studies.pages import contexts, open_suspensions, recent_suspensions, trends
from earlywarning.studies.placed import register_beyond
from earlywarning.studies.schools import (
    AREA_NAMES,
    MAINSTREAM,
    TERM_NUMBER,
    attributes,
    cohort_of,
    in_place,
    on_roll,
    school_names,
)
from earlywarning.tables import TABLES

YEARS = range(7, 12)
SCORED_YEARS = {"autumn": YEARS, "spring": YEARS, "summer": range(7, 11)}


def calendar(
    frames: Frames, engine: Engine, extracted_on: dt.date, as_of_dates: Sequence[dt.date] | None
) -> Calendar:
    """The termly issues up to the extract, or the ones on ``as_of_dates``."""
    halves = half_terms(engine.collect(frames["terms"]))
    if as_of_dates is None:
        return school_calendar(halves, termly_issues(halves, extracted_on))
    return school_calendar(halves, [issue_on(halves, day) for day in as_of_dates])


def cohort(history: History) -> pd.DataFrame:
    """Pupils on a mainstream roll in the years the issue is for, one row a pupil and date."""
    rows = _mainstream(history)
    return cohort_of(history, rows[_scored(rows)])


def shown(history: History, _cohort: pd.DataFrame) -> pd.DataFrame:
    """Year 11 in the summer, without who is left out: rows as of a cohort, with ``facts``."""
    rows = _mainstream(history)
    others = rows[~_scored(rows) & rows["nc_year_now"].isin(list(YEARS))]
    told = cohort_of(history, others)
    told = told[left_out_of(history, told) == ""].reset_index(drop=True)
    return told.assign(facts=recent_suspensions(history, told) + open_suspensions(history, told))


def register(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """The placements open that mainstream schools made of pupils of these years."""
    return register_beyond(history, cohort, MAINSTREAM, YEARS)


def _mainstream(history: History) -> pd.DataFrame:
    rows = on_roll(history)
    rows = rows[rows["phase"].isin(MAINSTREAM)]
    return rows.assign(term_number=rows["name"].map(TERM_NUMBER))


def _scored(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    of_term = zip(rows["nc_year_now"], rows["name"], strict=True)
    return np.array([year in SCORED_YEARS[term] for year, term in of_term], dtype=bool)


def title(issue: IssueDates) -> str:
    """The term as people say it."""
    return f"{issue.name} term {issue.period}"


SECONDARY = Study(
    name="secondary",
    tables=TABLES,
    calendar=calendar,
    cohort=cohort,
    families=tuple(FAMILIES.values()),
    label=LABELS["new_suspension"],
    attributes=attributes,
    audited=(
        "ethnicity_major",
        "ethnicity",
        "sen_provision",
        "sen_primary_need",
        "sex",
        "nc_year",
        "school",
        "borough",
    ),
    audited_where_known=("fsm_eligible", "eal", "looked_after", "in_need"),
    in_place=in_place,
    school_names=school_names,
    area_names=AREA_NAMES,
    title=title,
    pages=Pages(facts=open_suspensions, contexts=contexts, register=register, shown=shown, trends=trends),
    recent="spells_3t",
    suspended_before=suspended_before,
    essential=("attendance", "behaviour"),
)
