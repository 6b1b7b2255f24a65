"""The pages beside the list, from everyone on roll: counts, the register, who is set apart or only shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.explain.phrases import say
from earlywarning.studies.apart import IN_PROGRESS, LEFT_OUT, PLACED
from earlywarning.studies.declare import Study
from earlywarning.watchlist.context import context_rows
from earlywarning.watchlist.drawn import Drawn
from earlywarning.watchlist.keys import panel_refs
from earlywarning.watchlist.rows import (
    Area,
    ContextRow,
    ExclusionInProgress,
    NotAssessed,
    Placement,
    Shown,
    SinceLast,
    Trend,
)

NOT_ON_A_ROLL = "On no roll here"


def areas(
    study: Study, roll: pd.DataFrame, capacity: Mapping[str, int], nominations: Mapping[str, int]
) -> tuple[Area, ...]:
    """Each area with its places, who is on roll, and how many of them are left out of everything."""
    return tuple(
        Area(
            code=str(code),
            name=study.area_names.get(str(code), str(code)),
            capacity=capacity[str(code)],
            on_roll=len(rows),
            nominations=nominations[str(code)],
            left_out=_counted(rows.loc[rows["hidden"], "apart"]),
        )
        for code, rows in roll.groupby("area")
    )


def not_assessed(roll: pd.DataFrame) -> tuple[NotAssessed, ...]:
    """Who might have been listed and could not be assessed."""
    rows = roll[~roll["assessed"] & roll["apart"].eq("")]
    return tuple(NotAssessed(*_place(row), row["why_not"]) for row in rows.to_dict("records"))


def in_progress(roll: pd.DataFrame) -> tuple[ExclusionInProgress, ...]:
    """Permanent exclusions under way."""
    rows = roll[roll["apart"].eq(IN_PROGRESS)]
    return tuple(
        ExclusionInProgress(*_place(row), row["in_progress_since"].date(), row["in_progress_stage"])
        for row in rows.to_dict("records")
    )


def register(
    study: Study, history: History, cohort: pd.DataFrame, key: bytes, name: str
) -> tuple[Placement, ...]:
    """The placements open on the day; ``name`` is the issue's, for its references."""
    rows = study.pages.register(history, cohort)
    if rows.empty:
        return ()
    schools, day = study.school_names(history), history.calendar.as_of_dates[-1]
    instead = set(cohort.loc[cohort["apart"].eq(PLACED), "pupil_id"])
    refs = panel_refs(rows["pupil_id"], key, name)
    return tuple(
        Placement(
            ref=ref,
            area=row["area"],
            school=schools[row["school_id"]],
            group=NOT_ON_A_ROLL if pd.isna(row["group"]) else study.group_name.format(row["group"]),
            route=row["route"],
            setting=row["setting"],
            since=row["start_date"].date(),
            weeks=(day - row["start_date"].date()).days // 7,
            review=review_of(None if pd.isna(row["review_date"]) else row["review_date"].date(), day),
            instead=row["pupil_id"] in instead,
        )
        for ref, row in zip(refs, rows.to_dict("records"), strict=True)
    )


def review_of(review: dt.date | None, day: dt.date) -> str:
    """When a review is due, in plain words.

    >>> review_of(dt.date(2026, 1, 9), dt.date(2025, 12, 31)), review_of(None, dt.date(2025, 12, 31))
    ('Due 9 January 2026', 'No date given')
    >>> review_of(dt.date(2025, 12, 2), dt.date(2025, 12, 31))
    'Overdue: it was due 2 December 2025 (29 days)'
    """
    if review is None:
        return "No date given"
    if review >= day:
        return f"Due {say(review)}"
    return f"Overdue: it was due {say(review)} ({say((day - review).days, 'day')})"


def only_shown(study: Study, history: History, cohort: pd.DataFrame, key: bytes, name: str) -> pd.DataFrame:
    """Who is shown and not scored: ``pupil_id``, ``ref``, the place, ``facts`` and ``in_place``."""
    rows = study.pages.shown(history, cohort)
    if rows.empty:
        return pd.DataFrame(columns=["pupil_id", "ref", "area", "school", "group", "facts", "in_place"])
    return rows.assign(
        ref=panel_refs(rows["pupil_id"], key, name),
        school=rows["school_id"].map(study.school_names(history)),
        group=rows["group"].map(study.group_name.format),
        in_place=study.in_place(history, rows).to_numpy(),
    )


def with_last_list(rows: pd.DataFrame, since: SinceLast) -> pd.DataFrame:
    """:func:`only_shown` with a further fact about those who were on the last list."""
    said, were = (f"On the list of {say(since.as_of_date)}.",), {row.ref for row in since.left}
    facts = [
        (*told, *(said if ref in were else ())) for told, ref in zip(rows["facts"], rows["ref"], strict=True)
    ]
    return rows.assign(facts=pd.Series(facts, rows.index, dtype=object))


def shown(rows: pd.DataFrame) -> tuple[Shown, ...]:
    """Those of :func:`only_shown` of whom there is a fact to show."""
    return tuple(
        Shown(*_place(row), facts=tuple(row["facts"]), in_place=tuple(row["in_place"]))
        for row in rows.to_dict("records")
        if row["facts"]
    )


def trends(study: Study, history: History, cohort: pd.DataFrame) -> tuple[Trend, ...]:
    """What happened in the last terms, in counts."""
    return tuple(
        Trend(row["area"], row["term"], bool(row["so_far"]), int(row["pupils"]), int(row["suspensions"]))
        for row in study.pages.trends(history, cohort).to_dict("records")
    )


def context(
    study: Study, history: History, drawn: Drawn, roll: pd.DataFrame, cohort: pd.DataFrame
) -> tuple[ContextRow, ...]:
    """The tables that come before any pupil. What is held of a pupil left out is not counted in them."""
    unseen = pd.Series(float("nan"), index=roll.index)
    recent = drawn.roll.values(study.recent)[study.recent] if study.recent else unseen
    recent = recent.mask(roll["hidden"])
    frame = roll[["area", "school", "group", "assessed", "listed"]].assign(
        suspended=(recent > 0).astype(float).where(recent.notna())
    )
    further = study.pages.contexts(history, cohort)
    return context_rows(frame, None if further.empty else further.set_axis(roll.index))


def hidden(roll: pd.DataFrame) -> pd.Series:
    """Who is left out of everything."""
    return roll["apart"].isin(LEFT_OUT.values())


def _counted(texts: pd.Series) -> dict[str, int]:
    return {str(text): int(number) for text, number in texts.value_counts().sort_index().items()}


def _place(row: Mapping[object, str]) -> tuple[str, str, str, str]:
    return row["ref"], row["area"], row["school"], row["group"]
