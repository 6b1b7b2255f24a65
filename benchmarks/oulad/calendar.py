"""When the study looks: on one day of every presentation, and back no further than its run-up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from benchmarks.oulad.presentations import RUN_UP
from earlywarning.engines import Engine
from earlywarning.errors import InputRefused
from earlywarning.school_calendar import Calendar, IssueDates, Window
from earlywarning.studies.declare import Frames

RECENT: Final = MappingProxyType({"3d": 3, "7d": 7, "14d": 14, "28d": 28})
COURSE: Final = "course"
"""Look-back from the start of the run-up to the cut."""
BEFORE: Final = "before"
"""Look-back over the run-up alone."""
A_DAY: Final = dt.timedelta(days=1)


def calendar_on(
    day: int, frames: Frames, engine: Engine, extracted_on: dt.date, as_of_dates: Sequence[dt.date] | None
) -> Calendar:
    """The issues on ``day`` of every presentation in the extract, or of those with it on ``as_of_dates``.

    Raises:
        InputRefused: no presentation has its ``day`` on one of ``as_of_dates``.
    """
    presentations = engine.collect(frames["presentations"], sort_by=["period"])
    for column in ("first_day", "last_day"):
        presentations[column] = presentations[column].dt.date
    issues = tuple(_issue(presentation, day) for presentation in presentations.itertuples())
    chosen = tuple(issue for issue in issues if issue.as_of_date <= extracted_on)
    if as_of_dates is not None:
        chosen = tuple(issue for issue in chosen if issue.as_of_date in as_of_dates)
    if not chosen or set(as_of_dates or ()) - {issue.as_of_date for issue in chosen}:
        days = ", ".join(str(first_day + day * A_DAY) for first_day in presentations["first_day"].unique())
        raise InputRefused(f"table 'presentations': none has its day {day} then; choose one of: {days}.")
    cuts = sorted({issue.as_of_date for issue in chosen})
    windows = tuple(window for cut in cuts for window in _windows(cut, day))
    return Calendar(chosen, windows, _days_open(presentations, day))


def _issue(presentation: Any, day: int) -> IssueDates:
    """A label is known on the presentation's last day, and trains only models for later presentations."""
    as_of_date = presentation.first_day + day * A_DAY
    return IssueDates(
        as_of_date=as_of_date,
        panel_date=as_of_date + A_DAY,
        closes=presentation.last_day,
        matures_on=presentation.last_day,
        train_before=presentation.first_day,
        period=presentation.period,
        name=f"day {day}",
    )


def _windows(as_of_date: dt.date, day: int) -> Iterator[Window]:
    first_day = as_of_date - day * A_DAY
    opened = first_day - RUN_UP * A_DAY
    for lookback, days in RECENT.items():
        yield Window(as_of_date, lookback, max(opened, as_of_date - (days - 1) * A_DAY), as_of_date)
    yield Window(as_of_date, COURSE, opened, as_of_date)
    yield Window(as_of_date, BEFORE, opened, first_day - A_DAY)


def _days_open(presentations: pd.DataFrame, day: int) -> tuple[dt.date, ...]:
    """Every day on which a site is looked at: it is open at weekends too."""
    starts = presentations["first_day"]
    return tuple(sorted({start + number * A_DAY for start in starts for number in range(-RUN_UP, day + 1)}))
