"""What may be said of one number: "cannot tell", or that it is shown. Never that it is fair."""

from __future__ import annotations

from typing import Literal, TypeAlias

from earlywarning.audit.metrics import COUNTS, Metric

Verdict: TypeAlias = Literal["cannot tell", "shown"]


def verdict(
    metric: Metric, *, out_of: float, size: float, rest_size: float | None, floor: int, scored: bool
) -> tuple[Verdict, str]:
    """The verdict on one group's metric and, where it is "cannot tell", the plain reason.

    ``size`` counts what the metric needs enough of in the group and ``rest_size`` in everyone else (None
    where there is no one else), both already divided by the design effect; ``floor`` is the least.

    >>> from earlywarning.audit.metrics import METRICS
    >>> recall = next(metric for metric in METRICS if metric.name == "recall")
    >>> verdict(recall, out_of=3, size=3, rest_size=90, floor=10, scored=True)
    ('cannot tell', 'pupils with the event: 3, at least 10 needed')
    >>> verdict(recall, out_of=30, size=30, rest_size=90, floor=10, scored=True)
    ('shown', '')
    """
    if metric.needs_score and not scored:
        return "cannot tell", "no calibrated score was given"
    if out_of <= 0:
        return "cannot tell", metric.undefined
    noun = COUNTS[metric.enough]
    if size < floor:
        return "cannot tell", f"{noun}: {size:.3g}, at least {floor} needed"
    if rest_size is None:
        return "cannot tell", "only one group: no one to compare with"
    if rest_size < floor:
        return "cannot tell", f"{noun} in all other groups together: {rest_size:.3g}, at least {floor} needed"
    return "shown", ""
