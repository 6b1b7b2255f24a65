"""A sound training run, into which each test plants one fault."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.checks import CheckContext, Rows

N_PUPILS = 300
CANARY = {"mean": 0.503, "standard_error": 0.006}


def make_rows(years: range, seed: int) -> Rows:
    """One row a pupil and year: an as_of_date in September, a label to Christmas, settled a month later."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product(
        [[f"p{i:04d}" for i in range(N_PUPILS)], [pd.Timestamp(year, 9, 26) for year in years]],
        names=["pupil_id", "as_of_date"],
    )
    as_of = index.get_level_values("as_of_date")
    absence = rng.beta(1, 12, len(index))
    ks2 = np.repeat(rng.integers(80, 121, N_PUPILS), len(years)).astype(float)
    y = pd.Series(rng.random(len(index)) < 0.1 + absence, index=index)
    about = pd.DataFrame(
        {
            "state": np.where(y, "event", "no_event"),
            "panel_date": as_of + pd.Timedelta(days=14),
            "matures_on": as_of + pd.Timedelta(days=115),
            "train_before": pd.Timestamp(years.start, 9, 26),
        },
        index=index,
    )
    features = pd.DataFrame(
        {"attendance_absence_rate_1t": absence, "ks2_reading_scaled_ever": ks2}, index=index
    )
    features.loc[features.index[::7], "ks2_reading_scaled_ever"] = np.nan
    return Rows(X=features, y=y, about=about)


@pytest.fixture
def sound() -> CheckContext:
    return CheckContext(
        train=make_rows(range(2021, 2024), 1),
        test=make_rows(range(2024, 2025), 2),
        extracted_on=dt.date(2025, 8, 31),
        canary=CANARY,
    )
