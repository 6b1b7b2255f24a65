"""How a panel's decisions fall on groups of pupils, and what they leave known of how good the list was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from earlywarning.audit.attributes import attribute_levels
from earlywarning.audit.compare import Tally
from earlywarning.audit.comparisons import DECLARED_DECISIONS, Comparison
from earlywarning.audit.decision_metrics import DECISION_METRICS
from earlywarning.audit.group_audit import GroupAudit, group_audit
from earlywarning.audit.inputs import Column, codes_of
from earlywarning.audit.intervals import jeffreys
from earlywarning.audit.resampling import RESAMPLES
from earlywarning.errors import WrongUsage

MARKS = ("listed", "supported", "declined", "nominated")


def decisions_audit(
    marks: pd.DataFrame,
    attributes: pd.DataFrame,
    *,
    schools: Column | None = None,
    clusters: Column | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    declared: Sequence[Comparison] = DECLARED_DECISIONS,
    material: Mapping[str, float] = MappingProxyType({}),
    fewest: int = 10,
    min_pupils: int = 30,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> GroupAudit:
    """Who was supported, declined, left undecided or added, by group: audited as a list is, by the same code.

    ``marks`` has one row for each pupil **on roll**, with the boolean columns ``listed``, ``supported`` and
    ``declined`` (of those listed) and ``nominated`` (of the others); ``attributes`` has the same index and
    a column an attribute, where a missing value is the group "not recorded". ``schools``, ``clusters`` and
    ``pairs`` are those of :func:`~earlywarning.audit.fairness.fairness_audit`, and so are intervals, verdicts
    and what was ``declared`` before looking; the metrics are
    :data:`~earlywarning.audit.decision_metrics.DECISION_METRICS`. Nothing is said of a group, nor when all
    the others together, have fewer than ``fewest`` listed pupils or, of what was added, ``min_pupils``.

    Raises:
        WrongUsage: a column is missing, the indexes differ, or the marks contradict each other.

    >>> listed = [True] * 80 + [False] * 80
    >>> supported = [True] * 36 + [False] * 124
    >>> nobody = [False] * 160
    >>> marks = pd.DataFrame(
    ...     {"listed": listed, "supported": supported, "declined": nobody, "nominated": nobody}
    ... )
    >>> frame = pd.DataFrame({"sex": (["F"] * 40 + ["M"] * 40) * 2})
    >>> audit = decisions_audit(marks, frame, declared=[Comparison("sex", "M", "supported")])
    >>> audit.declared.loc[0, "verdict"], float(audit.declared.loc[0, "value"])
    ('concern', 0.0)
    """
    return group_audit(
        Tally(
            _counted(marks, attributes),
            DECISION_METRICS,
            clusters=codes_of("clusters", clusters, attributes),
            schools=codes_of("schools", schools, attributes),
        ),
        attribute_levels(attributes, pairs),
        declared=declared,
        material=material,
        floors={"positives": fewest, "pupils": min_pupils},
        level=level,
        resamples=resamples,
    )


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
    undecided = on["listed"] & ~on["supported"] & ~on["declined"]
    marked = on.assign(not_listed=~on["listed"], undecided=undecided)
    return marked.astype(float).reset_index(drop=True)
