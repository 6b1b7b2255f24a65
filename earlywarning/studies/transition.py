"""The move to Year 7: children of Year 6 in June, and the same children on secondary rolls in September.

The June list never sees key stage 2 results, which come in July, nor who went where, which rolls tell in
September. Children who leave to another authority or to an independent school are in June's cohort and not in
September's; what happens to them is not visible.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import narwhals as nw
import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.engines import Engine
from earlywarning.features import FAMILIES
from earlywarning.features.declare import Family, Feature
from earlywarning.labels import LABELS
from earlywarning.labels.first_suspension import suspended_before
from earlywarning.model.rules import RULES, Rule
from earlywarning.school_calendar import (
    JUNE_DAY,
    Calendar,
    IssueDates,
    half_terms,
    school_calendar,
    transition_issue_on,
    transition_issues,
)
from earlywarning.studies.declare import Frames, Pages, Study
from earlywarning.studies.pages import contexts, open_suspensions, trends
from earlywarning.studies.placed import register
from earlywarning.studies.schools import (
    AREA_NAMES,
    MAINSTREAM,
    OWN_ROLLS,
    TERM_NUMBER,
    attributes,
    cohort_of,
    in_place,
    on_roll,
    school_names,
)
from earlywarning.tables import TABLES

PRIMARY = ("primary", "all_through")
LABEL = LABELS["suspension_in_year_7"]
TERM_UNDER_WAY = {"June": "summer", "September": "autumn"}
SPELLS_IN_TWO_YEARS = "suspensions_count_spells_6t"
ABSENCE, AGAINST_YEAR = "attendance_absence_rate_3t", "behaviour_events_against_year_1t"
PERSISTENT_ABSENCE, OFTEN = 0.10, 2.0
"""Persistent absence as the DfE counts it, and negative events as a multiple of the year group's mean."""


IN_JUNE = (
    "Key stage 2 results are not in it: they come in July. In September the list is made again with them.",
    "Which secondary school a child goes to is not in the data.",
    "Some go to another authority or an independent school: what happens there will not be visible.",
)
IN_SEPTEMBER = (
    "Made again since June, with the first weeks at the new school and with key stage 2 results.",
    "Of these {0:,} children, results are held for {1:,} and a hand-over record of the primary for {2:,}.",
    "Of {3:,} children in Year 6 here in June, {4:,} are on no mainstream roll here now.",
    "They are not visible: nothing says that all is well with them.",
    "Children who came to Year 7 from elsewhere are not in it: the autumn list has them.",
)

HAND_OVER = (
    "Agreed with the parents or carers on, and what they asked to leave out",
    "What the child is good at and likes",
    "What the child says about the move",
    "What helps, and who does it now",
    "What the primary offers to show or pass on, and to whom",
    "What the new school offers from September, and who the child can go to",
    "Who talks to the family in the first half term, and when",
)
"""For the head of Year 7 of the child's school: what was agreed; no list, no reasons and no band."""


def calendar(
    frames: Frames, engine: Engine, extracted_on: dt.date, as_of_dates: Sequence[dt.date] | None
) -> Calendar:
    """The lists of each June and September up to the extract, or the ones on ``as_of_dates``."""
    halves = half_terms(engine.collect(frames["terms"]))
    if as_of_dates is None:
        return school_calendar(halves, transition_issues(halves, extracted_on))
    return school_calendar(halves, [transition_issue_on(halves, day) for day in as_of_dates])


def children(history: History) -> pd.DataFrame:
    """Year 6 of mainstream schools here in June; those of them on a mainstream roll here in September.

    Here is an authority any of whose schools sends anything.
    """
    rows = on_roll(history)
    rows = rows[rows["area"].isin(_areas_here(history))]
    rows = rows.assign(term_number=rows["name"].map(TERM_UNDER_WAY).map(TERM_NUMBER))
    in_six = rows["name"].eq("June") & rows["phase"].isin(PRIMARY) & rows["group"].eq("6")
    came_up = rows["name"].eq("September") & rows["phase"].isin(MAINSTREAM) & rows["group"].eq("7")
    was_here = pd.MultiIndex.from_frame(rows[list(PUPIL_DATE)]).isin(_in_year_six_in_june(history))
    return cohort_of(history, rows[in_six | (came_up & was_here)])


def _areas_here(history: History) -> set[str]:
    schools = history.final("schools")
    return set(schools.loc[schools["school_id"].isin(history.coverage.rows["source"]), "la"])


def _in_year_six_in_june(history: History) -> pd.MultiIndex:
    """Who was in Year 6 here in the June of each date's year, as known on the date."""
    spells = history.spells("enrolments").filter(
        nw.col("status").is_in(list(OWN_ROLLS)), nw.col("nc_year") == nw.lit("6")
    )
    rows = history.engine.collect(spells).merge(history.final("schools"), on="school_id")
    rows = rows[rows["phase"].isin(PRIMARY) & rows["la"].isin(_areas_here(history))]
    june = pd.to_datetime({"year": rows["as_of_date"].dt.year, "month": 6, "day": JUNE_DAY})
    there = (rows["start_date"] <= june) & (june <= rows["until"])
    return pd.MultiIndex.from_frame(rows.loc[there, list(PUPIL_DATE)].drop_duplicates())


def cohort(history: History) -> pd.DataFrame:
    """The children, with the dates of their Year 7."""
    return LABEL.cohort(history, children(history))


def title(issue: IssueDates) -> str:
    """The list as people say it."""
    moving = "moving" if issue.name == "June" else "moved"
    return f"Year 6 {moving} to Year 7, {issue.name} {issue.as_of_date.year}"


def notes(history: History, cohort: pd.DataFrame) -> tuple[str, ...]:
    """What a reader must know of this list: what is not in it yet, what is new, who is not visible."""
    if history.calendar.issues[0].name == "June":
        return IN_JUNE
    before = _in_year_six_in_june(history)
    left = len(before.difference(pd.MultiIndex.from_frame(cohort[list(PUPIL_DATE)])))
    held = {table: _with_rows(history, table, cohort) for table in ("ks2", "transition")}
    facts = (len(cohort), held["ks2"], held["transition"], len(before), left)
    return tuple(sentence.format(*facts) for sentence in IN_SEPTEMBER)


def _with_rows(history: History, table: str, cohort: pd.DataFrame) -> int:
    """How many of the cohort have a row of ``table`` that was known on the day."""
    known = history.engine.collect(history.events(table).select(*PUPIL_DATE).unique())
    return len(known.merge(cohort[list(PUPIL_DATE)], on=list(PUPIL_DATE)))


def _any_in_two_years(X: pd.DataFrame, _rows: pd.DataFrame, _state: object) -> npt.ArrayLike:
    spells = X[SPELLS_IN_TWO_YEARS].to_numpy()
    return np.where(np.isnan(spells), np.nan, spells > 0)


def _flags_among_classmates(X: pd.DataFrame, _rows: pd.DataFrame, _state: object) -> npt.ArrayLike:
    absence, events = X[ABSENCE].to_numpy(), X[AGAINST_YEAR].to_numpy()
    raised = (absence >= PERSISTENT_ABSENCE).astype(float) + (events >= OFTEN)
    # A flag that cannot be seen is not raised; who has neither visible is not scored.
    return np.where(np.isnan(absence) & np.isnan(events), np.nan, raised)


OF_THE_MOVE = (
    Rule(
        name="any_suspension_in_two_years",
        sentence="any suspension in the last two years of terms",
        looks_at=(SPELLS_IN_TWO_YEARS,),
        value=_any_in_two_years,
    ),
    Rule(
        name="flags_among_classmates",
        sentence="flags for persistent absence and for twice the negative behaviour events of classmates",
        looks_at=(ABSENCE, AGAINST_YEAR),
        value=_flags_among_classmates,
    ),
)


def _over_two_years(family: Family) -> Family:
    """The suspensions family, looking back over Years 5 and 6 too: in primary schools they are rare."""
    count = Feature(
        SPELLS_IN_TWO_YEARS,
        nw.col("spells_6t"),
        "suspensions",
        "Suspensions begun in two years of terms and known.",
        "{spells_6t:suspension} in the last two years of terms[; {spells_1t:none} in the last two half terms]"
        "[; the last began on {days_since_suspension_6t:date}].",
        theme="suspensions",
        direction=+1,
    )
    return replace(family, lookbacks=(*family.lookbacks, "6t"), features=(*family.features, count))


TRANSITION = Study(
    name="transition",
    tables=TABLES,
    calendar=calendar,
    cohort=cohort,
    families=tuple(
        _over_two_years(family) if family.name == "suspensions" else family for family in FAMILIES.values()
    ),
    label=LABEL,
    only_label=True,
    attributes=attributes,
    audited=("ethnicity_major", "ethnicity", "sen_provision", "sex", "borough"),
    audited_where_known=("fsm_eligible", "eal"),
    in_place=in_place,
    suspended_before=suspended_before,
    school_names=school_names,
    area_names=AREA_NAMES,
    title=title,
    notes=notes,
    sharing="Not for passing on whole. Once a child's place is accepted, the head of Year 7 of that school "
    "receives what the panel agrees to share about the child: facts, what has helped, offers.",
    pages=Pages(
        facts=open_suspensions,
        contexts=contexts,
        register=register,
        trends=trends,
        hand_over=HAND_OVER,
    ),
    recent="spells_3t",
    essential=("attendance",),
    test_periods=2,
    burn_in=0,
    rules=(*RULES.values(), *OF_THE_MOVE),
)
