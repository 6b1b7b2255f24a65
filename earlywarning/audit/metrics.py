"""What is measured by group: one row a metric, with the counts it is made of and its official function.

:data:`METRICS` are those of a list; those of a panel's decisions are in ``decision_metrics.py``. To add a
metric, write one row; its two counts are names in :data:`COUNTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt
from fairlearn.metrics import false_positive_rate, selection_rate, true_positive_rate
from sklearn.metrics import precision_score

from earlywarning.audit.intervals import Interval, jeffreys, poisson_ratio

# What is counted in every group, and how it is said.
COUNTS = MappingProxyType(
    {
        "pupils": "pupils on roll",
        "listed": "listed pupils",
        "known": "pupils whose outcome is known",
        "scored": "scored pupils whose outcome is known",
        "positives": "pupils with the event",
        "negatives": "pupils without the event",
        "listed_known": "listed pupils whose outcome is known",
        "listed_positives": "listed pupils with the event",
        "listed_negatives": "listed pupils without the event",
        "scored_positives": "scored pupils with the event",
        "expected": "events expected from the score",
        "expected_listed": "listed events expected from the score",
        "unlisted_known": "pupils not listed whose outcome is known",
        "missed": "pupils with the event who were not listed",
        "placed_positives": "pupils with the event, ranked",
        "places": "places in the ranking, added up",
        "not_listed": "pupils not listed",
        "supported": "listed pupils for whom an action was agreed",
        "declined": "listed pupils about whom the panel disagreed",
        "undecided": "listed pupils about whom nothing was decided",
        "nominated": "pupils added though not listed",
    }
)


@dataclass(frozen=True)
class Metric:
    """One measure of a list within a group: ``count`` over ``out_of``, both names in :data:`COUNTS`.

    ``function`` is Fairlearn's or scikit-learn's: it takes (y_true, y_pred, sample_weight) of the rows it
    is ``over``; None where neither defines it, and then the value is the one count over the other.
    ``material`` is the smallest gap between a group and the rest that matters: a difference for a rate, a
    ratio (above 1, either way) for a ratio. A metric that is not ``judged`` stands beside another.
    ``interval`` takes (count, out_of, level). ``enough`` names the count that must reach the floor (one of
    the audit's two, "positives" or "pupils") before anything is said.
    ``undefined`` is what is said where ``out_of`` is 0; ``headline`` metrics are drawn.
    """

    name: str
    title: str
    meaning: str
    count: str
    out_of: str
    over: Literal["pupils", "known", "scored", "listed", "not_listed"]
    function: Callable[..., float] | None
    interval: Callable[[npt.ArrayLike, npt.ArrayLike, float], Interval]
    enough: str
    floor: Literal["positives", "pupils"]
    undefined: str
    material: float
    unit: Literal["rate", "ratio"] = "rate"
    needs: Literal["", "score", "ranking"] = ""
    headline: bool = False
    judged: bool = True

    @property
    def positives(self) -> str:
        """The count that is shown as positives: pupils with the event; of a decision, those decided so."""
        if self.over in ("listed", "not_listed"):
            return self.count
        return "scored_positives" if self.over == "scored" else "positives"

    def missing(self, given: Collection[str]) -> str:
        """Why there is no value at all, given "score", "ranking", both or neither; "" where there can be."""
        return "" if not self.needs or self.needs in given else _NOT_GIVEN[self.needs]


_NOT_GIVEN = {
    "score": "no calibrated score was given, and a rule has none",
    "ranking": "no score or ranking was given",
}


def false_omission_rate(y_true: npt.ArrayLike, y_pred: npt.ArrayLike, sample_weight: npt.ArrayLike) -> float:
    """Of those not listed, the share with the event: 1 less scikit-learn's precision of the other label."""
    of_others = precision_score(
        y_true, y_pred, pos_label=0, sample_weight=sample_weight, zero_division=np.nan
    )
    return 1.0 - float(of_others)


METRICS = (
    Metric(
        name="observed_over_expected",
        title="Events seen for each one expected",
        meaning="Whether a score is worth the same in every group: above 1 it is too low for the group, "
        "below 1 too high.",
        count="scored_positives",
        out_of="expected",
        over="scored",
        function=None,
        interval=poisson_ratio,
        enough="scored_positives",
        floor="positives",
        undefined="no event was expected in this group",
        material=1.25,
        unit="ratio",
        needs="score",
        headline=True,
    ),
    Metric(
        name="recall",
        title="Listed, of those who later had the event",
        meaning="Of the pupils who later had the event, the share who were on the list.",
        count="listed_positives",
        out_of="positives",
        over="known",
        function=partial(true_positive_rate, pos_label=1),
        interval=jeffreys,
        enough="positives",
        floor="positives",
        undefined="no pupil in this group had the event",
        material=0.05,
        headline=True,
    ),
    Metric(
        name="recall_implied",
        title="What the scores promise of that",
        meaning="What that share would be on as long a list, drawn by scores that are worth the same in "
        "every group: groups with different rates must differ in it.",
        count="expected_listed",
        out_of="expected",
        over="scored",
        function=None,
        interval=jeffreys,
        enough="scored_positives",
        floor="positives",
        undefined="no event was expected in this group",
        material=0.05,
        needs="score",
        judged=False,
    ),
    Metric(
        name="selection_rate",
        title="Listed, of all on roll",
        meaning="Of all pupils on roll, the share who were on the list.",
        count="listed",
        out_of="pupils",
        over="pupils",
        function=partial(selection_rate, pos_label=1),
        interval=jeffreys,
        enough="pupils",
        floor="pupils",
        undefined="no pupil in this group was on roll",
        material=0.01,
    ),
    Metric(
        name="false_positive_rate",
        title="Listed, of those who did not have the event",
        meaning="Of the pupils who did not have the event, the share who were on the list.",
        count="listed_negatives",
        out_of="negatives",
        over="known",
        function=partial(false_positive_rate, pos_label=1),
        interval=jeffreys,
        enough="negatives",
        floor="pupils",
        undefined="every pupil in this group had the event",
        material=0.01,
    ),
    Metric(
        name="precision",
        title="Had the event, of those listed",
        meaning="Of the pupils on the list, the share who later had the event.",
        count="listed_positives",
        out_of="listed_known",
        over="known",
        function=partial(precision_score, pos_label=1, zero_division=np.nan),
        interval=jeffreys,
        enough="listed_known",
        floor="positives",
        undefined="no pupil in this group was listed",
        material=0.10,
    ),
    Metric(
        name="false_omission_rate",
        title="Had the event, of those not listed",
        meaning="Of the pupils who were not on the list, the share who later had the event.",
        count="missed",
        out_of="unlisted_known",
        over="known",
        function=false_omission_rate,
        interval=jeffreys,
        enough="unlisted_known",
        floor="pupils",
        undefined="every pupil in this group was listed",
        material=0.02,
    ),
    Metric(
        name="mean_rank",
        title="Mean place of those who later had the event",
        meaning="Where pupils who later had the event stood in the ranking of everyone on roll: 0% first, "
        "100% last; who could not be ranked is last.",
        count="places",
        out_of="placed_positives",
        over="known",
        function=None,
        interval=jeffreys,
        enough="placed_positives",
        floor="positives",
        undefined="no pupil in this group had the event",
        material=0.10,
        needs="ranking",
    ),
)

BY_NAME = MappingProxyType({metric.name: metric for metric in METRICS})
