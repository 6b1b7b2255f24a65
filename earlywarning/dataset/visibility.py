"""Which look-backs were visible for each pupil: where they were, and whether that source sent the feed."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.engines import Frame
from earlywarning.features.declare import SeenThrough


def visibility(history: History, spine: Frame, seen: SeenThrough, lookbacks: Sequence[str]) -> Frame:
    """Whether each look-back was visible, as ``visible_<lookback>``, by pupil and date of ``spine``.

    A pupil's spells in ``seen.located_by`` (``enrolments`` or ``residence``) say which source was to send;
    coverage says whether it did.
    """
    covered = history.lookup(history.coverage.stretches(seen.feed))
    stretches = (
        _located(history, spine, seen)
        .join(covered, on=["as_of_date", "source"])
        .with_columns(
            here_from=nw.max_horizontal("there_from", "covered_from").cast(nw.Float64),
            here_to=nw.min_horizontal("there_to", "covered_to").cast(nw.Float64),
        )
        .filter(nw.col("here_to") > nw.col("here_from"))
        .select(*PUPIL_DATE, "here_from", "here_to")
    )
    days = {f"visible_{lookback}": _overlap(lookback) for lookback in lookbacks}
    needed = {f"visible_{lookback}": f"needed_{lookback}" for lookback in lookbacks}
    return (
        _without_overlap(stretches)
        .join(history.lookup(history.lookups.window_days(lookbacks)), on="as_of_date")
        .with_columns(**days)
        .group_by(*PUPIL_DATE)
        .agg(
            *[nw.col(name).sum() for name in days],
            *[nw.col(name).max() for name in needed.values()],
        )
        .with_columns(*[(nw.col(name) >= nw.col(need)).alias(name) for name, need in needed.items()])
        .select(*PUPIL_DATE, *days)
    )


def _located(history: History, spine: Frame, seen: SeenThrough) -> Frame:
    """From which school day to which each pupil was with each source, as known on each date."""
    numbers = history.lookup(history.lookups.school_days)
    return (
        history.spells(seen.located_by)
        .join(spine.select(*PUPIL_DATE), on=list(PUPIL_DATE), how="semi")
        .join(numbers, left_on="start_date", right_on="day", how="left")
        .with_columns(nw.col("before").fill_null(0).alias("there_from"))
        .drop("before", "upto")
        .join(numbers, left_on="until", right_on="day", how="left")
        .with_columns(nw.col("upto").fill_null(0).alias("there_to"))
        .select(*PUPIL_DATE, nw.col(seen.source).alias("source"), "there_from", "there_to")
    )


def _without_overlap(stretches: Frame) -> Frame:
    """Stretches of one pupil and date cut so that no school day is in two of them: two rolls, two rows."""
    order = ["here_from", "here_to"]
    reached = nw.col("here_to").cum_max().over(*PUPIL_DATE, order_by=order)
    before = nw.col("reached").shift(1).over(*PUPIL_DATE, order_by=order)
    return (
        stretches.with_columns(reached=reached)
        .with_columns(before=before.fill_null(0.0))
        .with_columns(here_from=nw.max_horizontal("here_from", "before"))
        .filter(nw.col("here_to") > nw.col("here_from"))
        .drop("reached", "before")
    )


def _overlap(lookback: str) -> nw.Expr:
    """School days that a visible stretch and a look-back have in common."""
    last = nw.min_horizontal("here_to", f"last_{lookback}")
    first = nw.max_horizontal("here_from", f"first_{lookback}")
    return nw.when(last > first).then(last - first).otherwise(nw.lit(0.0))
