"""That both sides give the same numbers: no time is printed of sides that compute different things.

python -m benchmarks.features.same DATA SCRATCH runs in a process of its own, because a process is charged
with the memory of the one that started it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.features.sides import (
    SPINE,
    STUDY,
    connected,
    keep_until_last_term,
    with_earlywarning,
    with_sql,
    write_spine,
)
from benchmarks.features.with_pandas import KINDS, attendance_with_pandas
from earlywarning.engines import open_engine

CLOSE = 1e-12
KEYS = ["pupil_id", "as_of_date"]


def same_as_sql(data: Path, scratch: Path) -> dict[str, int]:
    """How many columns of each family are the same as those of the SQL written by hand.

    Raises:
        ValueError: a column is missing on one side, or a value differs by more than :data:`CLOSE`.
    """
    connection, told = connected(data, scratch), {}
    with open_engine("duckdb") as engine:
        frames = with_earlywarning(engine, data, scratch, STUDY.families)
        with_sql(connection, STUDY.family_names)
        for family, frame in zip(STUDY.families, frames, strict=True):
            ours = engine.collect(frame, sort_by=KEYS)
            theirs = connection.execute(f"FROM {family.name}_family ORDER BY pupil_id, as_of_date").df()
            if set(ours) != set(theirs) or ours["pupil_id"].tolist() != theirs["pupil_id"].tolist():
                raise ValueError(f"{family.name}: the sides have other columns or rows")
            for column in ours.columns.drop(KEYS):
                _same(ours[column], theirs[column], f"{family.name}: {column}")
            told[family.name] = len(ours.columns) - len(KEYS)
    return told


def same_as_pandas(data: Path, scratch: Path) -> int:
    """How many columns of attendance are the same as pandas computes, where they are visible.

    Raises:
        ValueError: a value differs.
    """
    theirs = attendance_with_pandas(data, pd.read_parquet(scratch / SPINE))
    with open_engine("duckdb") as engine:
        (frame,) = with_earlywarning(engine, data, scratch, STUDY.families[:1])
        ours = engine.collect(frame, sort_by=KEYS)
    columns = [column for column in map(str, theirs) if column.startswith(tuple(KINDS))]
    for column in columns:
        _same(ours[column], theirs[column].where(ours[column].notna()), f"pandas: {column}")
    return len(columns)


def _same(ours: pd.Series, theirs: pd.Series, what: str) -> None:
    one, other = ours.to_numpy(dtype=float), theirs.astype(float).to_numpy(dtype=float)
    if (np.isnan(one) != np.isnan(other)).any():
        raise ValueError(f"{what}: some values are missing on one side only")
    apart = float(np.nanmax(np.abs(one - other), initial=0))
    if apart > CLOSE:
        raise ValueError(f"{what}: values differ by up to {apart}")


def prepared(data: Path, scratch: Path) -> dict[str, object]:
    """What both sides start from, written to ``scratch``, and how much of what they give is the same."""
    dates = write_spine(data, scratch)
    columns, of_pandas = same_as_sql(data, scratch), same_as_pandas(data, scratch)
    keep_until_last_term(data, scratch)
    return {"dates": dates, "same columns": columns, "same columns as pandas": of_pandas}


if __name__ == "__main__":
    print(json.dumps(prepared(Path(sys.argv[1]), Path(sys.argv[2]))))
