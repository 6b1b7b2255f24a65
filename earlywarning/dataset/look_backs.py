"""Look-backs over events: sums of the cells inside each that were known by the cut.

See :mod:`earlywarning.dataset.cells` for what a cell holds.
"""

from __future__ import annotations

import narwhals as nw

from earlywarning.dataset.cells import ROWS, folded
from earlywarning.dataset.finished_cells import finished_cells
from earlywarning.dataset.lookups import WEEK_BASE, WEEKS_IN_BLOCK
from earlywarning.dataset.spine import Spine
from earlywarning.engines import Frame
from earlywarning.features.declare import Family, count

ROW = ("spine_row", "cut")
IN_BALANCE = WEEK_BASE / 2 * sum(WEEK_BASE**week for week in range(WEEKS_IN_BLOCK))
"""Added to a packed block so that each digit holds -32 to 31: one below 0 then borrows from no other."""


def event_measures(spine: Spine, family: Family) -> Frame:
    """Every measure of an event family for each row of ``spine`` that has any, by ``spine_row``.

    ``rows_<lookback>`` comes with them: the rows that are left once retractions are taken off.
    """
    history = spine.history
    # Kept, because a plan of both steps in one takes longer than the two.
    known = (
        history.engine.keep(finished_cells(spine, family))
        .join(history.lookup(history.lookups.windows(family.lookbacks)), on="segment")
        .filter(nw.col("known_at") <= nw.col("cut"))
        .join(spine.numbered, on=["pupil", "as_of_date"])
    )
    if family.elsewhere:
        there = nw.col("school_id") != nw.col("school_id_now")
        known = known.with_columns(
            **{
                f"{n}_elsewhere": nw.when(there).then(nw.col(n)).otherwise(nw.lit(0))
                for n in family.elsewhere
            }
        )
    if family.latest:
        known = _settled(known, family)
    sums, largest = _summed(family), {name: f"last_{name}" for name in family.latest}
    within = folded(known, [*ROW, "lookback", *_blocks(family)], sums, largest.values())
    if family.weeks:
        weeks = [f"weeks_{name}" for name in family.weeks]
        within = within.with_columns(*[_weeks_with_any(name).cast(nw.Float64).alias(name) for name in weeks])
        within = folded(within, [*ROW, "lookback"], sums, largest.values())
    summed = {
        f"{n}_{lookback}": _within(nw.col(n), lookback, 0) for n in sums for lookback in family.lookbacks
    }
    latest = {
        f"days_since_{name}_{lookback}": _within(nw.col("cut") - nw.col(last), lookback).cast(nw.Float64)
        for name, last in largest.items()
        for lookback in family.lookbacks
    }
    return (
        within.select("spine_row", **summed, **latest)
        .group_by("spine_row")
        .agg(*[nw.col(name).sum() for name in summed], *[nw.col(name).min() for name in latest])
    )


def _settled(known: Frame, family: Family) -> Frame:
    """Cells known by each cut put together, the last day only where rows of it still stand."""
    sums = [*_summed(family), *[f"net_{name}" for name in family.latest]]
    largest = [f"last_{name}" for name in family.latest]
    keys = [*ROW, "lookback", "segment", "taken_day", *_blocks(family)]
    return folded(known, keys, sums, largest).with_columns(
        *[
            nw.when(nw.col(f"net_{name}") > 0).then(nw.col(f"last_{name}")).alias(f"last_{name}")
            for name in family.latest
        ]
    )


def _summed(family: Family) -> list[str]:
    elsewhere = [f"{name}_elsewhere" for name in family.elsewhere]
    return [ROWS, *family.measures, *elsewhere, *[f"weeks_{name}" for name in family.weeks]]


def _blocks(family: Family) -> list[str]:
    return ["block"] if family.weeks else []


def _within(value: nw.Expr, lookback: str, outside: int | None = None) -> nw.Expr:
    inside = nw.when(nw.col("lookback") == nw.lit(lookback)).then(value)
    return inside if outside is None else inside.otherwise(nw.lit(outside))


def _weeks_with_any(packed: str) -> nw.Expr:
    """How many digits of a packed block are above 0; whole numbers below 2**53, so floats are exact."""
    balanced = nw.col(packed) + IN_BALANCE
    weeks: nw.Expr = nw.lit(0)
    for week in range(WEEKS_IN_BLOCK):
        digit = (balanced / WEEK_BASE**week).floor() - WEEK_BASE * (
            balanced / WEEK_BASE ** (week + 1)
        ).floor()
        weeks = weeks + count(digit > WEEK_BASE / 2)
    return weeks
