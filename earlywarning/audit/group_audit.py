"""Any 0/1 counts by group, all in one way: every metric, the verdicts, and the declared comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.audit.attributes import NOT_RECORDED
from earlywarning.audit.compare import Tally, compare_groups
from earlywarning.audit.comparisons import Comparison, material_gaps, refuse_foreign
from earlywarning.audit.judge import judged
from earlywarning.audit.words import as_recorded, attribute_words
from earlywarning.errors import WrongUsage
from earlywarning.model.comparison import FEW

EVERYONE = "everyone"


@dataclass(frozen=True, eq=False)
class GroupAudit:
    """What an audit found.

    ``by_group`` has one row for each attribute, group and metric: n (pupils the metric is over), positives
    (of those, with the event; of a decision, those decided so), count and out_of (what the value is made of),
    value, lower, upper, difference (the group less all the others) and ratio (over them) with their limits,
    verdict and reason, smallest_visible (the smallest gap that could have been seen: a difference, for a
    metric judged as a ratio a ratio), interval_by (whether resampled pupils or schools made the interval of
    the gap), design_effect, pooled (the value with partial pooling) with its limits, implied_difference (of
    recall, what right scores would leave), and whether it was declared.
    ``declared`` has the rows of the declared comparisons in their order, with p_adjusted (Holm's).
    ``overall`` has the values of everyone. Undefined is NaN, with its reason.
    """

    by_group: pd.DataFrame
    overall: pd.DataFrame
    declared: pd.DataFrame
    floors: Mapping[str, int]
    material: Mapping[str, float]
    level: float
    notes: tuple[str, ...] = ()

    @property
    def verdicts(self) -> dict[str, Any]:
        """The declared comparisons with their verdicts, for a gate: ``concern`` is true where any is one.

        ``passed`` counts "no sign" alone: "cannot tell" is never a pass.
        """
        said = self.declared["verdict"].value_counts()
        counts = {each: int(said.get(each, 0)) for each in ("no sign", "watch", "concern", "cannot tell")}
        return {
            "comparisons": records(self.declared),
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
            "overall": records(self.overall),
            "by_group": records(self.by_group),
        }


def group_audit(
    tally: Tally,
    attributes: pd.DataFrame,
    *,
    declared: Sequence[Comparison],
    material: Mapping[str, float],
    floors: Mapping[str, int],
    level: float,
    resamples: int,
) -> GroupAudit:
    """Every metric of ``tally`` for every group of each column of ``attributes`` (n_rows, n_attributes).

    Raises:
        WrongUsage: there is nothing to compare, a comparison is declared twice or is of another audit, or a
            material gap is none.
    """
    if not 0.5 < level < 1:
        raise WrongUsage(f"level is {level!r}; give the share of an interval, such as 0.95.")
    if resamples < 1 or min(floors.values()) < 1:
        raise WrongUsage("resamples, min_positives, min_pupils and fewest are whole numbers from 1 up.")
    if wrong := [each for each in declared if not isinstance(each, Comparison)]:
        raise WrongUsage(f"declared: {wrong[0]!r} is none; write Comparison(attribute, group, metric).")
    if len(set(declared)) < len(declared):
        raise WrongUsage("declared names a comparison twice: name each once.")
    metrics = {metric.name: metric for metric in tally.metrics}
    refuse_foreign(declared, metrics)
    gaps = material_gaps(material, metrics)
    everyone = pd.Series(EVERYONE, index=tally.marks.index, name=EVERYONE)
    tables = [
        compare_groups(tally, groups, floors=floors, level=level, resamples=resamples)
        for groups in (*(attributes[name] for name in attributes), everyone)
    ]
    by_group, told = judged(
        pd.concat(tables[:-1], ignore_index=True),
        metrics,
        declared,
        gaps,
        schools=tally.n_schools,
        level=level,
    )
    return GroupAudit(
        by_group=by_group,
        overall=tables[-1].loc[:, :"upper"],
        declared=told,
        floors=floors,
        material=gaps,
        level=level,
        notes=tuple(note for note in (_of_schools(tally.n_schools), *_of_attributes(attributes)) if note),
    )


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain values, ready for JSON; what is undefined or infinite is None."""
    rows = frame.astype(object).where(frame.notna() & ~frame.isin([np.inf, -np.inf]), None).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def _of_attributes(attributes: pd.DataFrame) -> tuple[str, str]:
    """What a reader must know of what the groups are made from."""
    empty = [str(name) for name in attributes if attributes[name].eq(NOT_RECORDED).all()]
    lost = f"Recorded for nobody, so nothing can be said by it: {', '.join(map(attribute_words, empty))}."
    return (lost if empty else "", as_recorded(str(name) for name in attributes if name not in empty))


def _of_schools(schools: int) -> str:
    """What a reader must know of how the intervals were made."""
    if not schools:
        return "Intervals say nothing of other schools: it was not said which school a pupil attends."
    if schools == 1:
        return "There is one school only: intervals say nothing of others."
    if schools < FEW:
        return (
            f"There are {schools} schools only: intervals from resampling them were stretched for so few, "
            "and may still be too narrow."
        )
    return f"Other pupils could be at these {schools} schools, or others asked: the wider interval counts."
