"""Events added up once, into cells: pupil × segment × first mark or cut on which the row was known.

A retraction counts as minus one from its own ``known_from`` on, so a look-back is the sum of the cells inside
it that were known by the cut (see :mod:`earlywarning.dataset.look_backs`). Two things are no sums. The day of
the last event: a cell keeps the largest, and where something was taken back the cell is kept day by day, so
that a day counts while more of its rows stand than were taken back. Weeks: a block of weeks is one number
with a digit a week (see :mod:`earlywarning.dataset.lookups`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import narwhals as nw
import pandas as pd

from earlywarning import codes
from earlywarning.dataset.history import History
from earlywarning.engines import Frame
from earlywarning.features.declare import Family, count

ROWS = "rows"


def cells(
    history: History, family: Family, pupils: Frame | None = None, only: pd.DataFrame | None = None
) -> Frame:
    """The events of a family's table added up, by pupil, segment and first day on which they were known.

    Further keys where the family asks for what needs them: ``block`` (weeks), ``school_id`` (elsewhere),
    ``taken_day`` (latest). Columns: ``rows`` and the measures, ``weeks_<name>`` packed, and for each latest
    ``net_<name>`` (rows that stand) with ``last_<name>`` (the largest day number).

    ``pupils`` are those who are asked about, one row each; in an authority half of all marks are of others.
    Cells of theirs have their number, ``pupil``, in the place of ``pupil_id``.
    ``only`` has the ``segment`` and ``known_at`` of the cells that are asked for. They are then kept day by
    day throughout, because what takes a row back may lie in another cell.
    """
    keys = keys_of(family, "pupil_id" if pupils is None else "pupil")
    rows = _placed(history, family, pupils)
    rows = rows if only is None else _among(history, rows, only)
    if family.latest:
        rows = (
            _with_taken_days(rows, keys[:2])
            if only is None
            else rows.with_columns(taken_day=nw.col("number"))
        )
    if family.by:
        rows = _alike(history, family, rows)
        added = ["sign", *(["digit"] if family.weeks else [])]
        rows = folded(rows, [*keys, *family.by], added, ["newest"] if family.latest else [])
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
    # Whole numbers as floats, as the sign is: exact below 2**53, and cheaper to add up than in 128 bits.
    return folded(rows.select(*keys, **sums, **largest), keys, sums, largest)


def keys_of(family: Family, who: str = "pupil_id") -> list[str]:
    """What a family's cells are told apart by."""
    further = {"block": family.weeks, "school_id": family.elsewhere, "taken_day": family.latest}
    return [who, "segment", "known_at", *[key for key, asked in further.items() if asked]]


def _placed(history: History, family: Family, pupils: Frame | None) -> Frame:
    """The rows inside any look-back, with segment, first day known, and their place in time."""
    happened = history.declared[family.table].date
    earliest = history.lookups.earliest(family.lookbacks)
    rows = history.signed(family.table)
    if earliest > dt.date.min:  # a day that Spark cannot say
        rows = rows.filter(nw.col(happened or "") >= nw.lit(earliest))
    rows = rows if pupils is None else rows.join(pupils, on="pupil_id")
    return (
        rows.join(history.lookup(history.lookups.segments), left_on=happened, right_on="day", how="left")
        .join(
            history.lookup(history.lookups.first_cuts), left_on="known_from", right_on="known_day", how="left"
        )
        .with_columns(
            nw.col("segment", "known_at", "block", "number").fill_null(0),
            (nw.col("digit").fill_null(0.0) * nw.col("sign")).alias("digit"),
            nw.when(nw.col("sign") > 0).then(nw.col("number")).alias("newest"),
        )
    )


def _among(history: History, placed: Frame, only: pd.DataFrame) -> Frame:
    """The rows of the cells in ``only``; nothing known before any of them is read."""
    known_after = history.lookups.known_after(int(only["known_at"].min()))
    return placed.filter(nw.col("known_from") > nw.lit(known_after)).join(
        history.lookup(only[["segment", "known_at"]]), on=["segment", "known_at"], how="semi"
    )


def _with_taken_days(rows: Frame, where: list[str]) -> Frame:
    """``rows`` with ``taken_day``: the day where the pupil had a row of the segment taken back, else 0."""
    taken = rows.filter(nw.col("sign") < 0).group_by(*where).agg(nw.len().alias("taken"))
    return rows.join(taken, on=where, how="left").with_columns(
        taken_day=nw.when(~nw.col("taken").is_null()).then(nw.col("number")).otherwise(nw.lit(0))
    )


def _alike(history: History, family: Family, rows: Frame) -> Frame:
    r"""``rows`` with one code for all that the family does not tell apart: most marks are ``/`` or ``\\``."""
    (column,) = family.by
    (code_set,) = (one.codes for one in history.declared[family.table].columns if one.name == column)
    values = pd.DataFrame({column: sorted(codes.load(code_set or "").allowed())})
    conditions = {**family.measures, **family.weeks, **family.latest}
    told = nw.from_native(values).select(**conditions).to_native()
    kind = values[column].groupby([told[name] for name in told]).transform("first")
    lookup = history.lookup(pd.DataFrame({"value": values[column], "kind": kind}))
    return rows.join(lookup, left_on=column, right_on="value", how="left").with_columns(
        nw.coalesce("kind", column).alias(column)
    )


def folded(frame: Frame, keys: Sequence[str], sums: Iterable[str], largest: Iterable[str]) -> Frame:
    """``frame`` put together by ``keys``: ``sums`` are added up, of ``largest`` the largest is kept."""
    return frame.group_by(*keys).agg(
        *[nw.col(name).sum() for name in sums], *[nw.col(name).max() for name in largest]
    )
