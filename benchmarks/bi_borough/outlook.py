"""What the oracle knows: the true probability of the main label, which no table holds."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

ROLL = ["pupil_id", "as_of_date", "school_id"]
"""A pupil on two rolls has an outlook at each school."""


def outlook(folder: Path, rows: pd.DataFrame) -> pd.Series:
    """The true probability of each of a dataset's ``rows``, with their index, from what synth wrote."""
    truth = pd.read_parquet(folder / "truth" / "outlook.parquet", columns=[*ROLL, "probability"])
    truth["as_of_date"] = pd.to_datetime(truth["as_of_date"])
    truth = truth.drop_duplicates(ROLL)  # two spells at one school can meet on the day
    found = rows.reset_index()[ROLL].merge(truth, on=ROLL, how="left", validate="one_to_one")
    return found["probability"].set_axis(rows.index)
