"""Which look-backs were visible for each pupil: where they were, and whether that source sent the feed."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from earlywarning.dataset.history import History
from earlywarning.engines import Frame

EACH = ("spine_row", "feed")


def visibility(history: History, located: Frame, feeds: Sequence[str], lookbacks: Sequence[str]) -> Frame:
    """Whether each look-back was visible through each feed: ``feed``, and ``visible_<lookback>``.

    ``located`` are the spells of those who are asked about, as known on each date, by ``spine_row``, with the
    ``source`` that was to send; coverage says whether it did.
    """
    window_days = history.lookups.window_days(lookbacks)
    # What came before every look-back need not be counted.
    reach = window_days.set_index("as_of_date").filter(like="first_").min(axis=1)
    covered = history.coverage.stretches(feeds)
    covered["covered_from"] = covered["covered_from"].clip(lower=covered["as_of_date"].map(reach))
    stretches = (
        _in_school_days(history, located)
        .join(history.lookup(covered), on=["as_of_date", "source"])
        .with_columns(
            here_from=nw.max_horizontal("there_from", "covered_from").cast(nw.Float64),
            here_to=nw.min_horizontal("there_to", "covered_to").cast(nw.Float64),
        )
        .filter(nw.col("here_to") > nw.col("here_from"))
        .select(*EACH, "as_of_date", "here_from", "here_to")
    )
    days = {f"visible_{lookback}": _overlap(lookback) for lookback in lookbacks}
    needed = {f"visible_{lookback}": f"needed_{lookback}" for lookback in lookbacks}
    return (
        _without_overlap(stretches)
        .join(history.lookup(window_days), on="as_of_date")
        .with_columns(**days)
        .group_by(*EACH)
        .agg(
            *[nw.col(name).sum() for name in days],
            *[nw.col(name).max() for name in needed.values()],
        )
        .select(*EACH, *[(nw.col(name) >= nw.col(need)).alias(name) for name, need in needed.items()])
    )


def _in_school_days(history: History, located: Frame) -> Frame:
    """From which school day to which each pupil was with each source, as known on each date.

    A spell that ended before the first school day of the calendar is left out.
    """
    numbers = history.lookup(history.lookups.school_days)
    return (
        located.join(numbers.select("day", "upto"), left_on="until", right_on="day")
        .join(numbers.select("day", "before"), left_on="start_date", right_on="day", how="left")
        .select(
            "spine_row",
            "as_of_date",
            "source",
            nw.col("before").fill_null(0).alias("there_from"),
            nw.col("upto").alias("there_to"),
        )
    )


def _without_overlap(stretches: Frame) -> Frame:
    """Stretches of one row of the spine cut so that no school day is in two of them: two rolls, two rows.

    From each start up to the next, the days that were seen are those before the latest end so far. Both are
    said in one step, so that an engine sorts once.
    """
    order = ["here_from", "here_to"]
    reached = nw.col("here_to").cum_max().over(*EACH, order_by=order)
    following = nw.col("here_from").shift(-1).over(*EACH, order_by=order)
    return (
        stretches.with_columns(reached=reached, following=following)
        .with_columns(here_to=nw.min_horizontal("reached", "following"))
        .filter(nw.col("here_to") > nw.col("here_from"))
    )


def _overlap(lookback: str) -> nw.Expr:
    """School days that a visible stretch and a look-back have in common."""
    last = nw.min_horizontal("here_to", f"last_{lookback}")
    first = nw.max_horizontal("here_from", f"first_{lookback}")
    return nw.when(last > first).then(last - first).otherwise(nw.lit(0.0))
