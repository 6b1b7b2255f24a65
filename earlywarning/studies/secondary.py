"""The termly study: pupils of Years 7 to 11 in mainstream secondary schools of the two boroughs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from earlywarning import codes
from earlywarning.dataset.history import PUPIL_DATE, History
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
from earlywarning.studies.declare import Frames, Study
from earlywarning.tables import TABLES

MAINSTREAM = ("secondary", "all_through")
SCORED_YEARS = {"autumn": range(7, 12), "spring": range(7, 12), "summer": range(7, 11)}
TERM_NUMBER = {"autumn": 1, "spring": 2, "summer": 3}
NOT_RECORDED = "not recorded"
IN_PROGRESS = ("pending", "in_force", "upheld")
_MAJOR = codes.load("ethnicity").values("major")
CONTACTS = {
    "early_help": "early help",
    "child_in_need": "social worker (child in need)",
    "child_protection": "social worker (child protection)",
    "looked_after": "looked after",
}


def calendar(
    frames: Frames, engine: Engine, extracted_on: dt.date, as_of_dates: Sequence[dt.date] | None
) -> Calendar:
    """The termly issues up to the extract, or the ones on ``as_of_dates``."""
    halves = half_terms(engine.collect(frames["terms"]))
    if as_of_dates is None:
        return school_calendar(halves, termly_issues(halves, extracted_on))
    return school_calendar(halves, [issue_on(halves, day) for day in as_of_dates])


def cohort(history: History) -> pd.DataFrame:
    """Pupils on a mainstream roll in the years the issue is for, one row a pupil and date.

    A pupil on two rolls is taken at the main one, then at the one joined last.
    """
    spells = history.spells("enrolments").filter(nw.col("open"), nw.col("status").is_in(["C", "M"]))
    on_roll = history.engine.collect(spells).merge(history.final("schools"), on="school_id")
    on_roll = on_roll[on_roll["phase"].isin(MAINSTREAM)].rename(columns={"la": "area", "nc_year": "group"})
    dates = pd.DataFrame([vars(issue) for issue in history.calendar.issues])
    for column in ("as_of_date", "panel_date", "closes", "matures_on", "train_before"):
        dates[column] = pd.to_datetime(dates[column])
    on_roll = on_roll.merge(dates, on="as_of_date")
    on_roll["nc_year_now"] = pd.to_numeric(on_roll["group"], errors="coerce")
    on_roll["term_number"] = on_roll["name"].map(TERM_NUMBER)
    scored = [
        year in SCORED_YEARS[term] for year, term in zip(on_roll["nc_year_now"], on_roll["name"], strict=True)
    ]
    one_each = (
        on_roll[np.array(scored, dtype=bool)]
        .sort_values(
            [*PUPIL_DATE, "status", "start_date", "school_id"], ascending=[True, True, True, False, True]
        )
        .drop_duplicates(list(PUPIL_DATE))
    )
    columns = [*PUPIL_DATE, "school_id", "area", "group", "period", "panel_date", "closes", "matures_on"]
    one_each = one_each[[*columns, "train_before", "nc_year_now", "term_number", "name"]]
    return one_each.merge(_in_progress(history), on=[*PUPIL_DATE, "school_id"], how="left").assign(
        in_progress=lambda frame: frame["in_progress"].eq(True)
    )


def _in_progress(history: History) -> pd.DataFrame:
    """Permanent exclusions from the school whose roll the pupil is still on, as known on each date."""
    events = history.events("suspensions").filter(
        nw.col("category") == nw.lit("PERM"), nw.col("decision").is_in(list(IN_PROGRESS))
    )
    keys = [*PUPIL_DATE, "school_id"]
    told = events.select(*keys, "start_date", "decision")
    known = history.engine.collect(told, sort_by=[*keys, "start_date"]).drop_duplicates(keys, keep="last")
    return known[keys].assign(
        in_progress=True,
        in_progress_since=known["start_date"],
        in_progress_stage=known["decision"].map(codes.load("decision").label),
    )


def school_names(history: History) -> dict[str, str]:
    """What the panel calls each school."""
    schools = history.final("schools")
    return dict(zip(schools["school_id"], schools["school_name"], strict=True))


def title(issue: IssueDates) -> str:
    """The term as people say it."""
    return f"{issue.name} term {issue.period}"


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
        "sex",
        "fsm_eligible",
        "eal",
        "nc_year",
        "borough",
    ),
    in_place=in_place,
    school_names=school_names,
    area_names={code: codes.load("la").label(code) for code in sorted(codes.load("la").allowed())},
    title=title,
    recent="spells_3t",
    suspended_before=suspended_before,
    essential=("attendance", "behaviour"),
)
