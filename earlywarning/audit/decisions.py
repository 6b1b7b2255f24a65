"""How a panel's decisions fall on groups of pupils, and what they leave known of how good the list was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning.audit.intervals import gap, jeffreys
from earlywarning.errors import WrongUsage

NOT_RECORDED = "not recorded"
MARKS = ("listed", "supported", "declined", "nominated")


@dataclass(frozen=True)
class DecisionRate:
    """One rate of decisions: ``count`` of ``out_of``, and how it is said."""

    name: str
    count: str
    out_of: str
    said: str


RATES: tuple[DecisionRate, ...] = (
    DecisionRate("supported", "supported", "listed", "of those listed, an action was agreed for"),
    DecisionRate("declined", "declined", "listed", "of those listed, the panel disagreed about"),
    DecisionRate("undecided", "undecided", "listed", "of those listed, nothing was decided about"),
    DecisionRate("added", "nominated", "not_listed", "of those not listed, the panel added"),
)


def decisions_audit(
    marks: pd.DataFrame, attributes: pd.DataFrame, *, fewest: int = 10, level: float = 0.95
) -> pd.DataFrame:
    """Every rate of :data:`RATES` for every group of every attribute, beside everyone else.

    ``marks`` has one row for each pupil **on roll**, with the boolean columns ``listed``, ``supported`` and
    ``declined`` (of those listed) and ``nominated`` (of the others); ``attributes`` has the same index and
    a column an attribute, where a missing value is the group "not recorded".

    One row for each attribute, group and rate: n (pupils on roll), count, out_of, value, lower, upper,
    difference (the group less all others), difference_lower, difference_upper, verdict and reason. Intervals
    are Jeffreys', of a difference Newcombe's. *Cannot tell* where the group or the others together have fewer
    than ``fewest`` pupils to decide about, or fewer than ``fewest`` decisions of the kind were made in all;
    *watch* where the interval of the difference leaves out zero; else *no sign*. Nothing was declared before
    looking: about one comparison in twenty says *watch* by chance.

    Raises:
        WrongUsage: a column is missing, the indexes differ, or the marks contradict each other.

    >>> listed = [True] * 40 + [False] * 40
    >>> supported = [True] * 18 + [False] * 22 + [False] * 40
    >>> nobody = [False] * 80
    >>> marks = pd.DataFrame(
    ...     {"listed": listed, "supported": supported, "declined": nobody, "nominated": nobody}
    ... )
    >>> frame = pd.DataFrame({"sex": (["F"] * 20 + ["M"] * 20) * 2})
    >>> audit = decisions_audit(marks, frame).query("rate == 'supported'").set_index("group")
    >>> audit["value"].to_dict(), audit.loc["F", "verdict"]
    ({'F': 0.9, 'M': 0.0}, 'watch')
    """
    counted = _counted(marks, attributes)
    tables = [
        _rate(counted, attributes[name].fillna(NOT_RECORDED).astype(str), str(name), rate, fewest, level)
        for name in attributes.columns
        for rate in RATES
    ]
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True)
class PrecisionApart:
    """How many listed pupils had the outcome, of those for whom it says something about the list.

    ``supported`` pupils are counted apart: had the outcome not come, nobody could say whether it was the
    support. ``unknown`` are others whose outcome is not known. ``value`` (None where nobody is left) is over
    the ``left`` others, with a 95% ``interval``; ``bounds`` are over everyone listed, if none and if all of
    those counted apart or unknown would have had it.
    """

    listed: int
    supported: int
    unknown: int
    left: int
    events: int
    value: float | None
    interval: tuple[float, float] | None
    bounds: tuple[float, float] | None


def precision_apart(event: pd.Series, known: pd.Series, supported: pd.Series) -> PrecisionApart:
    """The precision of a list after a meeting, from one row for each pupil listed, all boolean.

    >>> event = pd.Series([True, False, True, False])
    >>> known, supported = pd.Series([True] * 3 + [False]), pd.Series([False, False, True, False])
    >>> found = precision_apart(event, known, supported)
    >>> found.left, found.value, found.bounds
    (2, 0.5, (0.25, 0.75))
    """
    if not event.index.equals(known.index) or not event.index.equals(supported.index):
        raise WrongUsage("event, known and supported must have one row for each listed pupil, in one order.")
    usable = known.astype(bool) & ~supported.astype(bool)
    listed, left, events = len(event), int(usable.sum()), int((event.astype(bool) & usable).sum())
    lower, upper = jeffreys(events, left)
    return PrecisionApart(
        listed=listed,
        supported=int(supported.sum()),
        unknown=listed - left - int(supported.sum()),
        left=left,
        events=events,
        value=events / left if left else None,
        interval=(float(lower), float(upper)) if left else None,
        bounds=(events / listed, (events + listed - left) / listed) if listed else None,
    )


def _counted(marks: pd.DataFrame, attributes: pd.DataFrame) -> pd.DataFrame:
    """The marks with what follows from them.

    Raises:
        WrongUsage: they contradict each other.
    """
    if lost := [name for name in MARKS if name not in marks]:
        raise WrongUsage(f"marks lack the column {', '.join(lost)}; needed are {', '.join(MARKS)}.")
    if not marks.index.equals(attributes.index):
        raise WrongUsage("marks and attributes must have the same pupils in the same order.")
    on = marks[list(MARKS)].astype(bool)
    astray = (on["supported"] | on["declined"]) & ~on["listed"] | on["nominated"] & on["listed"]
    if wrong := int((astray | (on["supported"] & on["declined"])).sum()):
        raise WrongUsage(
            f"marks of {wrong} pupils contradict each other: who is supported or declined is listed, and "
            "only one of them; who is nominated is not."
        )
    return on.assign(
        n=True, not_listed=~on["listed"], undecided=on["listed"] & ~on["supported"] & ~on["declined"]
    ).astype(int)


def _rate(
    counted: pd.DataFrame, groups: pd.Series, attribute: str, rate: DecisionRate, fewest: int, level: float
) -> pd.DataFrame:
    sums = counted.groupby(groups.to_numpy()).sum()
    count, out_of = sums[rate.count].to_numpy(float), sums[rate.out_of].to_numpy(float)
    rest_count, rest_out_of = count.sum() - count, out_of.sum() - out_of
    with np.errstate(divide="ignore", invalid="ignore"):
        value, rest = count / out_of, rest_count / rest_out_of
    limits, rest_limits = jeffreys(count, out_of, level), jeffreys(rest_count, rest_out_of, level)
    lower, upper = gap(value, limits, rest, rest_limits)
    said = [
        _verdict((size, others, float(count.sum())), limits, fewest)
        for size, others, *limits in np.column_stack([out_of, rest_out_of, lower, upper]).tolist()
    ]
    return pd.DataFrame(
        {
            "attribute": attribute,
            "group": sums.index.astype(str),
            "rate": rate.name,
            "n": sums["n"].to_numpy(),
            "count": count.astype(int),
            "out_of": out_of.astype(int),
            "value": value,
            "lower": limits[0],
            "upper": limits[1],
            "difference": value - rest,
            "difference_lower": lower,
            "difference_upper": upper,
            "verdict": [verdict for verdict, _ in said],
            "reason": [reason for _, reason in said],
        }
    )


def _verdict(sizes: tuple[float, float, float], limits: list[float], fewest: int) -> tuple[str, str]:
    """What may be said of one difference with these ``limits``, and why no more.

    ``sizes``: pupils to decide about in the group and in all others, decisions of the kind in all.
    """
    told = ("in the group", "in all other groups together", "decided so in all")
    for size, what in zip(sizes, told, strict=True):
        if size < fewest:
            return "cannot tell", f"{size:.0f} pupils {what}, at least {fewest} needed"
    if limits[0] <= 0 <= limits[1]:
        return "no sign", ""
    return "watch", "the interval leaves out no difference"
