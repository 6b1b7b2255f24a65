"""A suspension or a permanent exclusion in Year 7, for children about to move there or just arrived.

Asked of Year 6 from the first day of Year 7, and of Year 7 from the panel on; it closes with the summer term.
A child who goes on to another authority or to an independent school is on no roll here in Year 7: censored,
never "no event". So is one who comes back later: away for more than 30 days, from the first of them. What
happened here before that counts.
"""

from __future__ import annotations

import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.labels.declare import Label
from earlywarning.labels.new_suspension import OUTCOME
from earlywarning.labels.window import PERMANENT, STILL_OPEN, SUSPENSION, first_begun, standing, states_of
from earlywarning.school_calendar import REPORTING_LAG, half_terms, whole_years, year_seven

SHORT_GAP = pd.Timedelta(days=30)
"""Rolls are entered late, and a move takes a week or two: a gap of up to this long hides nothing."""


def cohort(history: History, everyone: pd.DataFrame) -> pd.DataFrame:
    """Those in Year 6 or 7 whose Year 7 has known dates; the label opens and closes with it."""
    years = whole_years(half_terms(history.final("terms")))
    asked = everyone[["as_of_date", "group"]].drop_duplicates()
    found = [year_seven(years, day.date(), group) for day, group in asked.itertuples(index=False)]
    dates = asked.assign(
        begins=pd.to_datetime(pd.Series([year.start_date if year else None for year in found], asked.index)),
        ends=pd.to_datetime(pd.Series([year.end_date if year else None for year in found], asked.index)),
    ).dropna()
    rows = everyone.merge(dates, on=["as_of_date", "group"])
    return rows.assign(
        panel_date=rows[["panel_date", "begins"]].max(axis=1),
        closes=rows["ends"],
        matures_on=rows["ends"] + REPORTING_LAG,
    ).drop(columns=["begins", "ends"])


def states(history: History, cohort: pd.DataFrame) -> pd.DataFrame:
    """State and days at risk of each pupil and date, with the cohort's index."""
    return states_of(
        history,
        cohort,
        event=first_begun(cohort, standing(history, SUSPENSION + PERMANENT)),
        competing=first_begun(cohort, history.final("placements")),
        unknown=away_from(cohort, history.final("enrolments")),
    )


def away_from(cohort: pd.DataFrame, enrolments: pd.DataFrame) -> pd.Series:
    """The first day in the window of more than 30 on no roll here with a later spell; missing where none."""
    asked = cohort[["pupil_id", "panel_date", "closes"]].rename_axis("row").reset_index()
    spells = asked.merge(enrolments[["pupil_id", "start_date", "end_date"]], on="pupil_id")
    spells = spells[spells["start_date"] <= spells["closes"]].sort_values(["row", "start_date"])
    eve = spells["panel_date"] - pd.Timedelta(days=1)
    until = spells["end_date"].fillna(STILL_OPEN).clip(lower=eve)
    before = until.groupby(spells["row"]).cummax().groupby(spells["row"]).shift()
    gap_from = before.fillna(eve) + pd.Timedelta(days=1)
    long = spells["start_date"] - gap_from > SHORT_GAP
    return gap_from[long].groupby(spells["row"]).min().reindex(cohort.index)


SUSPENSION_IN_YEAR_7 = Label(
    name="suspension_in_year_7",
    outcome=OUTCOME,
    meaning="A new suspension or a permanent exclusion in Year 7.",
    states=states,
    by="before the end of Year 7",
    cohort=cohort,
)
