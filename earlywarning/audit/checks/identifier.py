"""EW02: no feature says which pupil a row is about."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from earlywarning.audit.checks.declare import Check, CheckContext, Finding, Rows, judge

NAMED = re.compile(r"(^|_)(id|ids|upn|uln|uid|uuid)$|^(index|row|row_number)$", re.IGNORECASE)
NEARLY_ALL, ENOUGH_PUPILS = 0.95, 50


def run(ctx: CheckContext) -> Finding:
    """Failed for a column named like an identifier, or with a value of its own for nearly every pupil."""
    faults = [
        f"{name} {fault}"
        for name in ctx.train.X.columns
        if (fault := _fault(str(name), ctx.train.X[name], ctx.train))
    ]
    return judge(faults, f"none of {ctx.train.X.shape[1]} features tells pupils apart by itself")


def _fault(name: str, values: pd.Series[Any], rows: Rows) -> str:
    if NAMED.search(name):
        return "is named like an identifier"
    by_pupil = values.groupby(rows.pupils)
    present = int((by_pupil.count() > 0).sum())
    if present < ENOUGH_PUPILS or by_pupil.nunique().max() > 1:
        return ""
    # A rate may differ between all pupils by chance; a whole number of one's own was given out.
    if (values.dropna() % 1 != 0).any():
        return ""
    if values.nunique() >= NEARLY_ALL * present:
        return f"has a value of its own for nearly each of {present} pupils"
    return ""


CHECK = Check(
    code="EW02",
    title="An identifier is among the features",
    looks_for="A feature named like an identifier, or a whole number that never changes within a pupil and "
    "is a pupil's own for at least 95 of 100 pupils.",
    why="A model given an identifier learns pupils by heart: it looks excellent on pupils it has met and "
    "knows nothing of others. It also puts a pseudonym into the model's text.",
    to_do="Take the column out of the family that makes it; keep identifiers in the index.",
    run=run,
)
