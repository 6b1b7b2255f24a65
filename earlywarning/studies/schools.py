"""What studies of pupils in schools share: who is on a roll, what is in place, what the audit compares."""

from __future__ import annotations

import narwhals as nw
import pandas as pd
import pyarrow as pa

from earlywarning import codes
from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.studies.apart import set_apart

MAINSTREAM = ("secondary", "all_through")
OWN_ROLLS = ("C", "M")
"""Single and main registrations: not a subsidiary's or a guest's."""
TERM_NUMBER = {"autumn": 1, "spring": 2, "summer": 3}
NOT_RECORDED = "not recorded"
AREA_NAMES = {code: codes.load("la").label(code) for code in sorted(codes.load("la").allowed())}
_MAJOR = codes.load("ethnicity").values("major")
CONTACTS = {
    "early_help": "early help",
    "child_in_need": "social worker (child in need)",
    "child_protection": "social worker (child protection)",
    "looked_after": "looked after",
}
COLUMNS = (
    *(*PUPIL_DATE, "school_id", "area", "group", "period", "panel_date", "closes", "matures_on"),
    *("train_before", "nc_year_now", "term_number", "name"),
)


def on_roll(history: History) -> pd.DataFrame:
    """A row for each own roll a pupil is on, on each date: the school's, with the dates of the issue."""
    spells = history.spells("enrolments").filter(nw.col("open"), nw.col("status").is_in(list(OWN_ROLLS)))
    rows = history.engine.collect(spells).merge(history.final("schools"), on="school_id")
    rows = rows.rename(columns={"la": "area", "nc_year": "group"})
    dates = pd.DataFrame([vars(issue) for issue in history.calendar.issues])
    for column in ("as_of_date", "panel_date", "closes", "matures_on", "train_before"):
        dates[column] = pd.to_datetime(dates[column])
    return rows.merge(dates, on="as_of_date").assign(
        nc_year_now=lambda frame: pd.to_numeric(frame["group"], errors="coerce")
    )


def cohort_of(history: History, rows: pd.DataFrame) -> pd.DataFrame:
    """A cohort from some of the rows of :func:`on_roll`, one row a pupil and date.

    A pupil on two rolls is taken at the main one, then at the one joined last.
    """
    order = [*PUPIL_DATE, "status", "start_date", "school_id"]
    one_each = rows.sort_values(order, ascending=[True, True, True, False, True])
    one_each = one_each.drop_duplicates(list(PUPIL_DATE))[list(COLUMNS)]
    return set_apart(history, one_each)


def school_names(history: History) -> dict[str, str]:
    """What the panel calls each school."""
    schools = history.final("schools")
    return dict(zip(schools["school_id"], schools["school_name"], strict=True))


def attributes(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """What the audit compares: never inputs of the model."""
    pupils = cohort[list(PUPIL_DATE)].merge(history.final("pupils"), on="pupil_id", how="left")
    sen = history.engine.collect(history.spells("sen").filter(nw.col("open")))
    sen = sen.sort_values([*PUPIL_DATE, "start_date"]).drop_duplicates(list(PUPIL_DATE), keep="last")
    sen = cohort[list(PUPIL_DATE)].merge(sen, on=list(PUPIL_DATE), how="left")
    ethnicity = pupils["ethnicity"].fillna("NOBT")
    yes_no = {True: "yes", False: "no"}
    frame = pd.DataFrame(
        {
            "ethnicity": ethnicity,
            "ethnicity_major": ethnicity.map(_MAJOR).fillna(NOT_RECORDED),
            "sen_provision": sen["sen_provision"].fillna("N"),
            "sex": pupils["sex"].fillna(NOT_RECORDED),
            "fsm_eligible": pupils["fsm_eligible"].map(yes_no).fillna(NOT_RECORDED),
            "eal": pupils["eal"].map(yes_no).fillna(NOT_RECORDED),
            "nc_year": cohort["group"].to_numpy(),
            "borough": cohort["area"].to_numpy(),
        }
    )
    return frame.astype(object).set_axis(cohort.index)


def in_place(history: History, cohort: pd.DataFrame) -> pd.Series:
    """Contacts and programmes open on the day, a tuple of texts for each pupil."""
    asked = history.engine.from_arrow(pa.table({"pupil_id": pa.array(cohort["pupil_id"], pa.string())}))

    def open_of(table: str) -> pd.DataFrame:
        spells = history.spells(table).filter(nw.col("open"))
        return history.engine.collect(spells.join(asked, on="pupil_id", how="semi"))

    services = open_of("services")
    services["what"] = services["service"].map(CONTACTS)
    supports = open_of("supports")
    supports["what"] = supports["programme"]
    sen = open_of("sen")
    sen["what"] = sen["sen_provision"].map({"E": "Education, Health and Care plan"})
    sen["what"] = sen["what"].fillna(sen["assessment_under_way"].map({True: "plan assessment under way"}))
    known = pd.concat([frame[[*PUPIL_DATE, "what"]] for frame in (services, supports, sen)]).dropna()
    ordered = known.drop_duplicates().sort_values([*PUPIL_DATE, "what"])
    told = ordered.groupby(list(PUPIL_DATE))["what"].agg(tuple)
    keys = pd.MultiIndex.from_frame(cohort[list(PUPIL_DATE)])
    return pd.Series([told.get(key, ()) for key in keys], index=cohort.index, dtype=object)
