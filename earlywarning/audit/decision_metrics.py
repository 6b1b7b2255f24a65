"""What is measured of a panel's decisions by group: rows as those of a list, of other counts.

Three are judged as differences. Of those not listed so few are added that a difference would always look
small, so that one is judged as a ratio to all others.
"""

from __future__ import annotations

from types import MappingProxyType

from earlywarning.audit.intervals import jeffreys
from earlywarning.audit.metrics import Metric

MATERIAL = 0.15


def _of_listed(name: str, title: str, meaning: str) -> Metric:
    return Metric(
        name=name,
        title=title,
        meaning=meaning,
        count=name,
        out_of="listed",
        over="listed",
        function=None,
        interval=jeffreys,
        enough="listed",
        floor="positives",
        undefined="no pupil in this group was listed",
        material=MATERIAL,
    )


DECISION_METRICS = (
    _of_listed(
        "supported", "Supported, of those listed", "Of the pupils listed, the share an action was agreed for."
    ),
    _of_listed(
        "declined", "Declined, of those listed", "Of the pupils listed, the share the panel disagreed about."
    ),
    _of_listed(
        "undecided",
        "Undecided, of those listed",
        "Of the pupils listed, the share nothing was decided about.",
    ),
    Metric(
        name="added",
        title="Added, of those not listed",
        meaning="Of the pupils not listed, the share the panel added.",
        count="nominated",
        out_of="not_listed",
        over="not_listed",
        function=None,
        interval=jeffreys,
        enough="not_listed",
        floor="pupils",
        undefined="every pupil in this group was listed",
        material=2.0,
        unit="ratio",
    ),
)

DECISIONS = MappingProxyType({metric.name: metric for metric in DECISION_METRICS})
