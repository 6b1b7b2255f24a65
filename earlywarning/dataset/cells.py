"""Look-backs over events: added up once into cells, then summed.

A cell is pupil × segment × first cut on which the row was known; a look-back is the sum of the cells inside
it that were known by the cut, so a retraction counts as minus one from its own ``known_from`` on. Two things
are no sums. The day of the last event: a cell keeps the largest, and where something was taken back the cell
is kept day by day, so that a day counts while more of its rows stand than were taken back. Weeks: a block of
weeks is one number with a digit a week (see :mod:`earlywarning.dataset.lookups`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import narwhals as nw

from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.dataset.lookups import WEEK_BASE, WEEKS_IN_BLOCK
from earlywarning.engines import Frame
from earlywarning.features.declare import Family, count

ROWS = "rows"
IN_BALANCE = WEEK_BASE / 2 * sum(WEEK_BASE**week for week in range(WEEKS_IN_BLOCK))
"""Added to a packed block so that each digit holds -32 to 31: one below 0 then borrows from no other."""


def event_measures(history: History, spine: Frame, family: Family) -> Frame:
    """Every measure of an event family for each pupil and date of ``spine`` that has a row.

    ``rows_<lookback>`` comes with them: the rows that are left once retractions are taken off.
    """
    known = (
        cells(history, family)
        .join(history.lookup(history.lookups.windows(family.lookbacks)), on="segment")
        .filter(nw.col("known_at") <= nw.col("cut"))
        .join(spine.select(*PUPIL_DATE, nw.col("school_id").alias("school_id_now")), on=list(PUPIL_DATE))
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
    within = known.with_columns(
        *[_within(n, lookback, 0).alias(f"{n}_{lookback}") for n in sums for lookback in family.lookbacks],
        *[
            _within(last, lookback, None).alias(f"days_since_{name}_{lookback}")
            for name, last in largest.items()
            for lookback in family.lookbacks
        ],
    )
    summed = _each(sums, family.lookbacks)
    latest = _each([f"days_since_{name}" for name in largest], family.lookbacks)
    if family.weeks:
        packed = _each([f"weeks_{name}" for name in family.weeks], family.lookbacks)
        within = _folded(within, [*PUPIL_DATE, "block"], summed, latest).with_columns(
            *[_weeks_with_any(name).alias(name) for name in packed]
        )
    return (
        _folded(within, PUPIL_DATE, summed, latest)
        .join(history.lookup(history.lookups.cuts), on="as_of_date")
        .with_columns(
            *[nw.col(name).cast(nw.Float64) for name in summed],
            *[(nw.col("as_of_day") - nw.col(name)).cast(nw.Float64).alias(name) for name in latest],
        )
        .drop("as_of_day")
    )


def cells(history: History, family: Family) -> Frame:
    """The events of a family's table added up, by pupil, segment and first cut on which they were known.

    Further keys where the family asks for what needs them: ``block`` (weeks), ``school_id`` (elsewhere),
    ``taken_day`` (latest). Columns: ``rows`` and the measures, ``weeks_<name>`` packed, and for each latest
    ``net_<name>`` (rows that stand) with ``last_<name>`` (the largest day number).
    """
    keys = ["pupil_id", "segment", "known_at"]
    keys += ["block"] if family.weeks else []
    keys += ["school_id"] if family.elsewhere else []
    rows = _placed(history, family.table)
    if family.latest:
        keys.append("taken_day")
        rows = _with_taken_days(rows)
    if family.by:
        added = ["sign", *(["digit"] if family.weeks else [])]
        rows = _folded(rows, [*keys, *family.by], added, ["newest"] if family.latest else [])
    sign, digit = nw.col("sign"), nw.col("digit")
    sums = {
        ROWS: sign,
        **{name: expr * sign for name, expr in family.measures.items()},
        **{f"weeks_{name}": count(condition) * digit for name, condition in family.weeks.items()},
        **{f"net_{name}": count(condition) * sign for name, condition in family.latest.items()},
    }
    largest = {
        f"last_{name}": nw.when(condition).then(nw.col("newest")) for name, condition in family.latest.items()
    }
    # Whole numbers as floats: exact below 2**53, and cheaper to add up again than DuckDB's 128-bit sums.
    return _folded(rows.with_columns(**sums, **largest), keys, sums, largest).with_columns(
        *[nw.col(name).cast(nw.Float64) for name in sums]
    )


def _placed(history: History, table: str) -> Frame:
    """The rows of an event table with the segment, the first cut that knew them, and their place in time."""
    return (
        history.signed(table)
        .join(
            history.lookup(history.lookups.segments),
            left_on=history.declared[table].date,
            right_on="day",
            how="left",
        )
        .join(
            history.lookup(history.lookups.first_cuts), left_on="known_from", right_on="known_day", how="left"
        )
        .with_columns(
            nw.col("segment", "known_at", "block", "number").fill_null(0),
            (nw.col("digit").fill_null(0.0) * nw.col("sign")).alias("digit"),
            nw.when(nw.col("sign") > 0).then(nw.col("number")).alias("newest"),
        )
    )


def _with_taken_days(rows: Frame) -> Frame:
    """``rows`` with ``taken_day``: the day where the pupil had a row of the segment taken back, else 0."""
    where = ["pupil_id", "segment"]
    taken = rows.filter(nw.col("sign") < 0).group_by(*where).agg(nw.len().alias("taken"))
    return rows.join(taken, on=where, how="left").with_columns(
        taken_day=nw.when(~nw.col("taken").is_null()).then(nw.col("number")).otherwise(nw.lit(0))
    )


def _settled(known: Frame, family: Family) -> Frame:
    """Cells known by each cut put together, the last day only where rows of it still stand."""
    sums = [*_summed(family), *[f"net_{name}" for name in family.latest]]
    largest = [f"last_{name}" for name in family.latest]
    keys = [*PUPIL_DATE, "segment", "taken_day", *[f"in_{lookback}" for lookback in family.lookbacks]]
    return _folded(known, [*keys, "block"] if family.weeks else keys, sums, largest).with_columns(
        *[
            nw.when(nw.col(f"net_{name}") > 0).then(nw.col(f"last_{name}")).alias(f"last_{name}")
            for name in family.latest
        ]
    )


def _summed(family: Family) -> list[str]:
    elsewhere = [f"{name}_elsewhere" for name in family.elsewhere]
    return [ROWS, *family.measures, *elsewhere, *[f"weeks_{name}" for name in family.weeks]]


def _each(names: Iterable[str], lookbacks: Sequence[str]) -> list[str]:
    return [f"{name}_{lookback}" for name in names for lookback in lookbacks]


def _folded(frame: Frame, keys: Sequence[str], sums: Iterable[str], largest: Iterable[str]) -> Frame:
    return frame.group_by(*keys).agg(
        *[nw.col(name).sum() for name in sums], *[nw.col(name).max() for name in largest]
    )


def _within(name: str, lookback: str, outside: int | None) -> nw.Expr:
    inside = nw.when(nw.col(f"in_{lookback}")).then(nw.col(name))
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
