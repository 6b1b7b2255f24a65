"""Point values by group as Fairlearn's ``MetricFrame`` gives them, where it or scikit-learn has one."""

from __future__ import annotations

from typing import Any

import pandas as pd
from fairlearn.metrics import MetricFrame

from earlywarning.audit.inputs import AuditInputs
from earlywarning.audit.metrics import METRICS


def official_values(inputs: AuditInputs, groups: pd.Series[Any]) -> pd.DataFrame:
    """Fairlearn's value of every metric of a list that it defines, shape (n_groups, n_metrics).

    Pupils alike in group, outcome and list are given to Fairlearn as one row with a weight: the values are
    the same, and a large cohort takes no longer than a small one.
    """
    alike = pd.DataFrame(
        {"group": groups, "known": inputs.known, "y": inputs.y, "listed": inputs.listed}, index=groups.index
    )
    rows = alike.value_counts(sort=False).rename("weight").reset_index()
    parts = []
    for over, chosen in (("pupils", rows), ("known", rows[rows["known"]])):
        metrics = {m.name: m.function for m in METRICS if m.over == over and m.function is not None}
        if chosen.empty:
            continue
        frame = MetricFrame(
            metrics=metrics,
            y_true=chosen["y"].astype(int),
            y_pred=chosen["listed"].astype(int),
            sensitive_features=chosen["group"],
            sample_params={name: {"sample_weight": chosen["weight"].astype(float)} for name in metrics},
        )
        parts.append(frame.by_group)
    values: pd.DataFrame = pd.concat(parts, axis=1)
    return values
