"""How a list falls on groups of pupils: every metric by group, with counts, intervals and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

import pandas as pd

from earlywarning.audit.attributes import attributes_frame
from earlywarning.audit.compare import Tally
from earlywarning.audit.comparisons import DECLARED, Comparison
from earlywarning.audit.fragment import fragment
from earlywarning.audit.group_audit import GroupAudit, group_audit, records
from earlywarning.audit.inputs import Column, check_inputs
from earlywarning.audit.metrics import METRICS
from earlywarning.audit.official import official_values
from earlywarning.audit.resampling import RESAMPLES
from earlywarning.audit.summary import summary
from earlywarning.errors import WrongUsage


@dataclass(frozen=True, eq=False)
class FairnessAudit(GroupAudit):
    """What the audit of a list found.

    Frames are those of :class:`~earlywarning.audit.group_audit.GroupAudit`. ``curves``, where
    they were drawn, are those of :func:`~earlywarning.audit.curve.capacity_curves`.
    """

    curves: pd.DataFrame = field(default_factory=pd.DataFrame)

    def to_dict(self) -> dict[str, Any]:
        """The audit as plain values, ready for JSON; undefined numbers are None."""
        return super().to_dict() | {"curves": records(self.curves)}

    def summary(self) -> str:
        """A few lines for a screen: what was declared, then for each attribute what can be told."""
        return summary(self)

    def to_html(self) -> str:
        """A fragment of HTML (no head, no script): the declared comparisons, then every attribute."""
        return fragment(self)


def fairness_audit(
    y_true: Column,
    listed: Column,
    sensitive_features: pd.DataFrame,
    score: Column | None = None,
    clusters: Column | None = None,
    min_positives: int = 10,
    *,
    known: Column | None = None,
    schools: Column | None = None,
    ranking: Column | None = None,
    lists: Column | None = None,
    pairs: Sequence[tuple[str, str]] = (),
    declared: Sequence[Comparison] = DECLARED,
    material: Mapping[str, float] = MappingProxyType({}),
    min_pupils: int = 30,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> FairnessAudit:
    """The audit of one list, or of several pooled, by each attribute and pair of attributes.

    Give one row for each pupil **on roll**, listed or not: ``y_true`` says who had the event, ``known``
    whose outcome is known (by default: where ``y_true`` is not missing), ``listed`` who was on the list,
    ``score`` the calibrated probability of the event (NaN for a pupil who was not assessed),
    ``sensitive_features`` one column an attribute, where a missing value becomes the group "not recorded"
    (a frame of pandas or Polars, a named Series, or a mapping of columns).
    Selection rates are over everyone on roll, observed over expected over scored pupils whose outcome is
    known, all else over everyone whose outcome is known: a pupil who had the event and could not be
    assessed was missed. ``ranking`` is what the list was drawn by, highest first (by default the score), and
    ``lists`` says for which list each row competes; mean ranks need them. Nothing is said of a group, nor
    when all the others together, have fewer than ``min_positives`` (pupils with the event; for precision,
    listed pupils) or ``min_pupils`` (selection, false positive and false omission rates).

    Values come from Fairlearn's ``MetricFrame``; intervals are Jeffreys' for rates and exact Poisson for
    observed over expected; the interval of a difference combines the two (Newcombe). ``clusters`` says
    which rows are the same pupil, where terms are pooled: counts are then divided by a design effect.
    With ``schools`` a second interval comes from resampling them, ``resamples`` times, and the wider counts.

    ``declared`` are the comparisons named before looking: only they can be a "concern", and only after
    Holm's adjustment over all of them. ``material`` says how large a gap of a metric must be to matter.

    Raises:
        WrongUsage: lengths or indexes differ, or a value is outside what is allowed.

    >>> listed = [True, True, False, False, False, False]
    >>> had_event = [True, False, True, False, False, None]
    >>> frame = pd.DataFrame({"sex": ["F", "F", "F", "M", "M", None]})
    >>> audit = fairness_audit(had_event, listed, frame, declared=[Comparison("sex", "M", "recall")])
    >>> recall = audit.by_group.query("metric == 'recall'").set_index("group")
    >>> recall["value"].to_dict()
    {'F': 0.5, 'M': nan, 'not recorded': nan}
    >>> audit.declared.loc[0, ["verdict", "reason"]].tolist()
    ['cannot tell', 'no pupil in this group had the event']
    """
    sensitive_features = attributes_frame(sensitive_features)
    if len(sensitive_features) == 0 or len(sensitive_features.columns) == 0:
        raise WrongUsage("An audit needs at least one pupil and one attribute: sensitive_features is empty.")
    inputs = check_inputs(
        *(y_true, listed, sensitive_features, score, clusters, known, pairs),
        schools=schools,
        ranking=ranking,
        lists=lists,
    )
    found = group_audit(
        Tally(
            inputs.marks(),
            METRICS,
            clusters=inputs.clusters,
            schools=inputs.schools,
            given=inputs.given,
            official=partial(official_values, inputs),
        ),
        inputs.attributes,
        declared=declared,
        material=material,
        floors={"positives": min_positives, "pupils": min_pupils},
        level=level,
        resamples=resamples,
    )
    return FairnessAudit(**vars(found))
