"""One family's measures and features for every pupil and date: events, spells or stays, then visibility."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import narwhals as nw

from earlywarning.dataset.cells import ROWS
from earlywarning.dataset.history import PUPIL_DATE, History, with_day_numbers
from earlywarning.dataset.look_backs import event_measures
from earlywarning.dataset.spine import Spine
from earlywarning.dataset.stays import stays
from earlywarning.engines import Frame
from earlywarning.features.declare import Family

DERIVED: Mapping[str, tuple[str, Callable[[Spine], Frame]]] = MappingProxyType(
    {"stays": ("enrolments", stays)}
)
"""Tables that are made of others: the source, and how."""


def family_frame(spine: Spine, family: Family) -> Frame:
    """Measures and features of one family for every row of ``spine``, in the engine.

    Measures that the source cannot give are missing, and so is what is made of them.
    """
    history = spine.history
    names = measured(history, family)
    frame = spine.frame.join(_measures(spine, family), on="spine_row", how="left")
    if family.seen:
        frame = _seen(spine, frame, family, names)
    elif _is_event(history, family):
        # Sent and taken back is as if it had never been sent.
        frame = frame.with_columns(
            *[nw.when(nw.col(f"{ROWS}_{names[name]}") > 0).then(nw.col(name)).alias(name) for name in names]
        )
    lost = {name: nw.lit(None, dtype=nw.Float64) for name in not_given(history, family)}
    frame = frame.with_columns(**lost) if lost else frame
    kept = [*names, *([f"seen_{family.name}"] if family.seen else [])]
    return frame.select(*PUPIL_DATE, *kept, *[feature.value.alias(feature.name) for feature in family.inputs])


def measured(history: History, family: Family) -> dict[str, str]:
    """The names of a family's measures, each with the look-back it is seen through."""
    if not _is_event(history, family):
        first = next(iter(family.lookbacks), "")
        ends = {name: [lb for lb in family.lookbacks if name.endswith(f"_{lb}")] for name in family.measures}
        return {name: (found or [first])[0] for name, found in ends.items()}
    stems = [
        *family.measures,
        *[f"{name}_elsewhere" for name in family.elsewhere],
        *[f"weeks_{name}" for name in family.weeks],
        *[f"days_since_{name}" for name in family.latest],
    ]
    return {f"{stem}_{lookback}": lookback for stem in stems for lookback in family.lookbacks}


def not_given(history: History, family: Family) -> frozenset[str]:
    """The measures that the extract cannot give, because a table or a column was not received."""
    if source_of(family) in history.absent:
        return frozenset(measured(history, family))
    stems = {
        stem
        for column, needing in family.needs.items()
        if f"{source_of(family)}.{column}" in history.absent
        for stem in needing
    }
    if not _is_event(history, family):
        return frozenset(stems)
    return frozenset(f"{stem}_{lookback}" for stem in stems for lookback in family.lookbacks)


def source_of(family: Family) -> str:
    """The table that has to be received for a family."""
    return DERIVED[family.table][0] if family.table in DERIVED else family.table


def _is_event(history: History, family: Family) -> bool:
    return family.table not in DERIVED and history.declared[family.table].kind == "event"


def _measures(spine: Spine, family: Family) -> Frame:
    if _is_event(spine.history, family):
        return event_measures(spine, family)
    if family.table in DERIVED:
        now = spine.now.drop(*PUPIL_DATE)
        rows, summed = DERIVED[family.table][1](spine).join(now, on="spine_row"), True
    else:
        rows, summed = with_day_numbers(spine.spells(family.table)), False
    return (
        rows.select(
            "spine_row", *[expr.cast(nw.Float64).alias(name) for name, expr in family.measures.items()]
        )
        .group_by("spine_row")
        .agg(*[nw.col(name).sum() if summed else nw.col(name).max() for name in family.measures])
    )


def _seen(spine: Spine, frame: Frame, family: Family, names: Mapping[str, str]) -> Frame:
    """``frame`` with 0 for a visible pupil without rows, and missing values for one who is not visible."""
    if family.seen is None:
        return frame
    shown = {name: nw.when(nw.col(f"visible_{lookback}")) for name, lookback in names.items()}
    kept = {
        name: nw.col(name) if name.startswith("days_since_") else nw.col(name).fill_null(0) for name in names
    }
    first = nw.col(f"visible_{family.lookbacks[0]}")
    return frame.join(spine.visible(family.seen), on="spine_row", how="left").with_columns(
        *[shown[name].then(kept[name]).alias(name) for name in names],
        nw.when(first).then(nw.lit(1.0)).otherwise(nw.lit(0.0)).alias(f"seen_{family.name}"),
    )
