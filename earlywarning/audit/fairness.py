"""How a list falls on groups of pupils: every metric by group, with counts, intervals and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.audit.compare import compare_groups
from earlywarning.audit.comparisons import DECLARED, Comparison, material_gaps
from earlywarning.audit.fragment import fragment
from earlywarning.audit.inputs import AuditInputs, Column, check_inputs
from earlywarning.audit.judge import judged
from earlywarning.audit.resampling import RESAMPLES
from earlywarning.audit.summary import summary
from earlywarning.errors import WrongUsage
from earlywarning.model.comparison import FEW

EVERYONE = "everyone"


@dataclass(frozen=True, eq=False)
class FairnessAudit:
    """What the audit found.

    ``by_group`` has one row for each attribute, group and metric: n (pupils the metric is over), positives
    (of those, with the event), count and out_of (what the value is made of), value, lower, upper,
    difference (the group less all the others) and ratio (over them) with their limits, verdict and reason,
    smallest_visible (the smallest gap that could have been seen: a difference, for observed over expected a
    ratio), interval_by (whether resampled pupils or schools made the interval of the gap), design_effect,
    pooled (the value with partial pooling) with its limits, and whether it was declared.
    ``declared`` has the rows of the declared comparisons in their order, with p_adjusted (Holm's).
    ``overall`` has the values of everyone. ``curves``, where they were drawn, are those of
    :func:`~earlywarning.audit.curve.capacity_curves`. Undefined is NaN, with its reason.
    """

    by_group: pd.DataFrame
    overall: pd.DataFrame
    declared: pd.DataFrame
    floors: Mapping[str, int]
    material: Mapping[str, float]
    level: float
    notes: tuple[str, ...] = ()
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def verdicts(self) -> dict[str, Any]:
        """The declared comparisons with their verdicts, for a gate: ``concern`` is true where any is one.

        ``passed`` counts "no sign" alone: "cannot tell" is never a pass.
        """
        said = self.declared["verdict"].value_counts()
        counts = {each: int(said.get(each, 0)) for each in ("no sign", "watch", "concern", "cannot tell")}
        return {
            "comparisons": _records(self.declared),
            "counts": counts,
            "passed": counts["no sign"],
            "concern": counts["concern"] > 0,
        }

    def to_dict(self) -> dict[str, Any]:
        """The audit as plain values, ready for JSON; undefined numbers are None."""
        return {
            "level": self.level,
            "floors": dict(self.floors),
            "material": dict(self.material),
            "notes": list(self.notes),
            "declared": self.verdicts,
            "overall": _records(self.overall),
            "by_group": _records(self.by_group),
            "curves": _records(self.curves),
        }

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
    ``sensitive_features`` one column an attribute, where a missing value becomes the group "not recorded".
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
    if len(sensitive_features) == 0 or len(sensitive_features.columns) == 0:
        raise WrongUsage("An audit needs at least one pupil and one attribute: sensitive_features is empty.")
    if not 0.5 < level < 1:
        raise WrongUsage(f"level is {level!r}; give the share of an interval, such as 0.95.")
    if len(set(declared)) < len(declared):
        raise WrongUsage("declared names a comparison twice: name each once.")
    gaps = material_gaps(material)
    inputs = check_inputs(
        *(y_true, listed, sensitive_features, score, clusters, known, pairs),
        schools=schools,
        ranking=ranking,
        lists=lists,
    )
    floors = {"positives": min_positives, "pupils": min_pupils}
    marks = inputs.marks()
    everyone = pd.Series(EVERYONE, index=marks.index, name=EVERYONE)
    tables = [
        compare_groups(inputs, marks, groups, floors=floors, level=level, resamples=resamples)
        for groups in (*(inputs.attributes[name] for name in inputs.attributes), everyone)
    ]
    count = 0 if inputs.schools is None else int(inputs.schools.max()) + 1
    by_group, told = judged(
        pd.concat(tables[:-1], ignore_index=True), declared, gaps, schools=count, level=level
    )
    return FairnessAudit(
        by_group=by_group,
        overall=tables[-1].loc[:, :"upper"],
        declared=told,
        floors=floors,
        material=gaps,
        level=level,
        notes=_notes(inputs, count),
    )


def _notes(inputs: AuditInputs, schools: int) -> tuple[str, ...]:
    """What a reader must know of how the intervals were made."""
    if inputs.schools is None:
        note = "Intervals say nothing of other schools: it was not said which school a pupil attends."
    elif schools == 1:
        note = "There is one school only: intervals say nothing of others."
    elif schools < FEW:
        note = (
            f"There are {schools} schools only: intervals from resampling them were stretched for so few, "
            "and may still be too narrow."
        )
    else:
        note = (
            f"Other pupils could be at these {schools} schools, or others asked: the wider interval counts."
        )
    return (note,)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    rows = frame.astype(object).where(frame.notna() & ~frame.isin([np.inf, -np.inf]), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]
