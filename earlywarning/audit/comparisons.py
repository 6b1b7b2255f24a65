"""Which comparisons were declared before anyone looked, and what asking several at once costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from earlywarning.audit.decision_metrics import DECISIONS
from earlywarning.audit.metrics import BY_NAME, Metric
from earlywarning.errors import WrongUsage

ALL = MappingProxyType({**BY_NAME, **DECISIONS})
"""Every metric by its name: of a list, and of a panel's decisions."""


@dataclass(frozen=True)
class Comparison:
    """One group of an attribute against all the others, in one metric, declared before looking.

    Raises:
        WrongUsage: no metric that is judged has the name.

    >>> Comparison("sen_provision", "K", "recall").title
    'sen_provision K: recall'
    """

    attribute: str
    group: str
    metric: str

    def __post_init__(self) -> None:
        """Refuse a metric that nothing could be said of."""
        judged = [name for name, metric in ALL.items() if metric.judged]
        if self.metric not in judged:
            raise WrongUsage(_unknown(self.metric, judged, "A declared comparison names"))

    @property
    def title(self) -> str:
        """What is compared, in a few words."""
        return f"{self.attribute} {self.group}: {self.metric.replace('_', ' ')}"


DECLARED = tuple(
    Comparison(attribute, group, metric)
    for metric, groups in {
        "observed_over_expected": (
            ("ethnicity", "BCRB"),
            ("ethnicity_major", "Black"),
            ("sen_provision", "K"),
            ("sen_provision", "E"),
            ("fsm_eligible", "yes"),
            ("sex", "M"),
        ),
        "recall": (
            ("ethnicity", "BCRB"),
            ("ethnicity_major", "Black"),
            ("sen_provision", "K"),
            ("fsm_eligible", "yes"),
        ),
    }.items()
    for attribute, group in groups
)
"""What a study of pupils in schools declares where its policy file does not say otherwise."""


DECLARED_DECISIONS = tuple(
    Comparison(attribute, group, metric)
    for metric, groups in {
        "supported": (
            ("ethnicity", "BCRB"),
            ("ethnicity_major", "Black"),
            ("sen_provision", "K"),
            ("fsm_eligible", "yes"),
            ("sex", "M"),
        ),
        "declined": (("ethnicity_major", "Black"), ("sen_provision", "K")),
        "added": (("ethnicity_major", "Black"), ("sen_provision", "K")),
    }.items()
    for attribute, group in groups
)
"""The same for the decisions of a panel."""


def refuse_foreign(declared: Iterable[Comparison], metrics: Collection[str]) -> None:
    """Nothing, where every comparison is of one of ``metrics``.

    Raises:
        WrongUsage: one is of a metric that this audit does not have.
    """
    for each in declared:
        if each.metric not in metrics:
            raise WrongUsage(
                f"declared: {each.metric!r} is no metric of this audit. Allowed: {', '.join(metrics)}."
            )


def material_gaps(given: Mapping[str, float], metrics: Mapping[str, Metric] = BY_NAME) -> dict[str, float]:
    """The material gap of every one of ``metrics``: those ``given``, else its own.

    Raises:
        WrongUsage: a metric is not known, a difference is not above 0 or a ratio not above 1.

    >>> material_gaps({"recall": 0.2})["recall"]
    0.2
    """
    for name, gap in given.items():
        if name not in metrics:
            raise WrongUsage(_unknown(name, list(metrics), "material names"))
        least = 1.0 if metrics[name].unit == "ratio" else 0.0
        if not least < gap < np.inf:
            kind = "ratio above 1" if least else "difference above 0"
            raise WrongUsage(f"material: {name} is {gap!r}; give a {kind}.")
    return {**{name: metric.material for name, metric in metrics.items()}, **given}


def holm(p_values: Iterable[float]) -> npt.NDArray[np.float64]:
    """The p-values (n,) adjusted for n questions asked at once.

    Source: Holm (1979), *A simple sequentially rejective multiple test procedure*.

    >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.array(list(p_values), dtype=float)
    order = np.argsort(p, kind="stable")
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return np.asarray(np.minimum(adjusted, 1.0))


def _unknown(name: str, allowed: list[str], start: str) -> str:
    near = get_close_matches(name, allowed, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"{start} the metric {name!r}, which is not known.{hint} Allowed: {', '.join(allowed)}."
