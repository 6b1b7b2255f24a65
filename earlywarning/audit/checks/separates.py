"""EW03: no single feature gives the label away."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import rankdata

from earlywarning.audit.checks.declare import Check, CheckContext, Finding, judge

TOO_GOOD, ENOUGH_EVENTS = 0.99, 20


def run(ctx: CheckContext) -> Finding:
    """Failed for a feature whose values, or whose being missing, alone reach AUROC .99 either way."""
    y = ctx.train.y.to_numpy(dtype=bool)
    if min(y.sum(), (~y).sum()) < ENOUGH_EVENTS:
        return Finding("not_applicable", f"fewer than {ENOUGH_EVENTS} pupils with, or without, the event")
    faults = [f"{name} {how}" for name in ctx.train.X.columns for how in _ways(ctx.train.X[name], y)]
    return judge(faults, f"no feature alone reaches AUROC {TOO_GOOD}")


def _ways(values: pd.Series[Any], y: npt.NDArray[np.bool_]) -> list[str]:
    missing = values.isna().to_numpy()
    ways = {
        "by its values": _auroc(values.to_numpy(dtype=float)[~missing], y[~missing]),
        "by being missing": _auroc(missing.astype(float), y),
    }
    return [f"{how} (AUROC {auroc:.3f})" for how, auroc in ways.items() if max(auroc, 1 - auroc) >= TOO_GOOD]


def _auroc(values: npt.NDArray[np.float64], y: npt.NDArray[np.bool_]) -> float:
    events, others = int(y.sum()), int((~y).sum())
    if min(events, others) < ENOUGH_EVENTS:
        return 0.5
    return float((rankdata(values)[y].sum() - events * (events + 1) / 2) / (events * others))


CHECK = Check(
    code="EW03",
    title="One feature alone gives the label away",
    looks_for="A feature that by itself, or by being missing, ranks training rows with an AUROC of at least "
    ".99 (or at most .01), given at least 20 pupils with and 20 without the event.",
    why="Nothing known beforehand predicts a suspension so well. Such a feature was made with the label, or "
    "reached the extract because of the event.",
    to_do="Follow the feature back to its rows and their known_from; correct it or take it out.",
    run=run,
)
