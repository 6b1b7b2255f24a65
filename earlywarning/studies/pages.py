"""What the pages of an issue tell beside the list: wards, hand-overs, suspensions of late."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import narwhals as nw
import numpy as np
import pandas as pd

from earlywarning import codes
from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.labels.window import OVERTURNED, PERMANENT, SUSPENSION
from earlywarning.school_calendar import half_terms, whole_terms

WARD: Final = "Ward"
MOVE: Final = "Move to Year 7"
PHASE: Final = "School phase"
SHOWN_TERMS: Final = 6
"""Terms in the table of what happened lately."""
TRENDS: Final = ("area", "term", "so_far", "pupils", "suspensions")
_HAND_OVER: Final = {
    "none": "Hand-over record: no further support needed",
    "some": "Hand-over record: some support needed",
    "high": "Hand-over record: much support needed",
}


def contexts(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """The phase of each pupil's school, the ward, and of those moving to Year 7 what was handed over.

    As known on the day. Text columns with the cohort's index; "" for a pupil who has no part in a table.
    """
    keys = cohort[list(PUPIL_DATE)]
    homes = history.engine.collect(history.spells("residence").filter(nw.col("open")))
    homes = homes.sort_values([*PUPIL_DATE, "start_date", "home_ward"]).drop_duplicates(
        list(PUPIL_DATE), keep="last"
    )
    home = keys.merge(homes, on=list(PUPIL_DATE), how="left")
    here = home["home_la"].isin(cohort["area"].unique())
    elsewhere = pd.Series("Ward not recorded", home.index).mask(~here, "Lives in another authority")
    ward = home["home_ward"].where(here).fillna(elsewhere.mask(home["home_la"].isna(), "Home not recorded"))
    told = history.engine.collect(history.events("transition").select(*PUPIL_DATE, "date", "concern"))
    told = told.sort_values([*PUPIL_DATE, "date", "concern"]).drop_duplicates(list(PUPIL_DATE), keep="last")
    record = keys.merge(told, on=list(PUPIL_DATE), how="left")
    handed = record["concern"].map(_HAND_OVER).fillna("Hand-over record without a view")
    moving = cohort["group"].isin(["6", "7"]).to_numpy()
    move = handed.where(record["date"].notna(), "No hand-over record received").where(moving, "")
    phases = history.final("schools").set_index("school_id")["phase"].map(codes.load("phase").label)
    phase = cohort["school_id"].map(phases)
    columns = {PHASE: phase.to_numpy(), WARD: ward.to_numpy(), MOVE: move.to_numpy()}
    return pd.DataFrame(columns, index=cohort.index)


def open_suspensions(history: History, cohort: pd.DataFrame) -> pd.Series:
    """Suspensions not yet served, a tuple of sentences for each pupil, with the cohort's index.

    A school day is two sessions; the first day counts whole.
    """
    days = np.array(history.calendar.school_days, dtype="datetime64[D]")
    rows = _stood(history, SUSPENSION)
    first, upto = (rows[name].to_numpy("datetime64[D]") for name in ("start_date", "as_of_date"))
    passed = np.searchsorted(days, upto, side="right") - np.searchsorted(days, first, side="left")
    rows = rows.assign(served=2 * passed)
    still = rows[rows["served"] < rows["sessions"]].sort_values([*PUPIL_DATE, "start_date"])
    said = [
        f"A suspension of {_sessions(int(sessions))} from {_day(start)} is still open: "
        f"{int(served)} served so far."
        for sessions, start, served in zip(
            still["sessions"], still["start_date"], still["served"], strict=True
        )
    ]
    return _tuples(still.assign(said=said), cohort)


def recent_suspensions(history: History, cohort: pd.DataFrame) -> pd.Series:
    """Suspensions and permanent exclusions of the last three terms, a tuple of sentences for each pupil."""
    starts = history.lookups.window_starts
    since = pd.to_datetime(starts.set_index(pd.to_datetime(starts["as_of_date"]))["from_3t"])
    rows = _stood(history, SUSPENSION + PERMANENT)
    rows = rows[rows["start_date"] >= rows["as_of_date"].map(since)]
    found = rows.groupby([*PUPIL_DATE, "category"])["start_date"].agg(["size", "max"]).reset_index()
    names = {**dict.fromkeys(SUSPENSION, "suspension"), **dict.fromkeys(PERMANENT, "permanent exclusion")}
    said = [
        f"{size} {names[category]}{'s' if size > 1 else ''} in the last three terms, last on {_day(last)}."
        for category, size, last in zip(found["category"], found["size"], found["max"], strict=True)
    ]
    return _tuples(found.assign(said=said), cohort)


def trends(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """Suspensions and pupils suspended in the last terms, by area, as known on the day.

    With the columns :data:`TRENDS`; ``so_far`` says that the term is not over. The schools are those of the
    cohort; only terms of which something was received are told.
    """
    day = history.calendar.as_of_dates[-1]
    terms = whole_terms(half_terms(history.engine.collect(history.tables["terms"])))
    begun = [t for t in terms if history.coverage.received_since <= t.start_date <= day]
    area_of = cohort.drop_duplicates("school_id").set_index("school_id")["area"]
    rows = _stood(history, SUSPENSION)
    rows = rows.assign(area=rows["school_id"].map(area_of)).dropna(subset=["area"])
    told = []
    for term in begun[-SHOWN_TERMS:]:
        first, last = pd.Timestamp(term.start_date), pd.Timestamp(term.end_date)
        within = rows[rows["start_date"].between(first, last)]
        for area in sorted(cohort["area"].unique()):
            of = within[within["area"] == area]
            name = f"{term.term} term {term.academic_year}"
            told.append((area, name, term.end_date > day, of["pupil_id"].nunique(), len(of)))
    return pd.DataFrame(told, columns=list(TRENDS))


def _stood(history: History, categories: tuple[str, ...]) -> pd.DataFrame:
    """Suspensions known on the day that were not overturned."""
    events = history.events("suspensions").filter(
        nw.col("category").is_in(list(categories)), ~nw.col("decision").is_in(list(OVERTURNED))
    )
    return history.engine.collect(events, sort_by=[*PUPIL_DATE, "start_date", "event_id"])


def _tuples(rows: pd.DataFrame, cohort: pd.DataFrame) -> pd.Series:
    """The sentences ``said`` of each pupil of the cohort, in the order of the rows."""
    told: Mapping[object, tuple[str, ...]] = rows.groupby(list(PUPIL_DATE))["said"].agg(tuple).to_dict()
    keys = pd.MultiIndex.from_frame(cohort[list(PUPIL_DATE)])
    return pd.Series([told.get(key, ()) for key in keys], index=cohort.index, dtype=object)


def _sessions(number: int) -> str:
    return "1 session" if number == 1 else f"{number} sessions"


def _day(moment: pd.Timestamp) -> str:
    return f"{moment.day} {moment:%B %Y}"
