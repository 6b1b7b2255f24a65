"""Invented rows for the model's tests: a planted signal, some values not visible, several periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.rules import ABSENCE, NEGATIVE_EVENTS, SUSPENSIONS, SUSPENSIONS_LATELY

PERIODS = ("2021/22", "2022/23", "2023/24")


@dataclass(frozen=True)
class Invented:
    """Features, rows and outcomes of one index (pupil_id, as_of_date)."""

    X: pd.DataFrame
    rows: pd.DataFrame
    y: np.ndarray

    def period(self, *names: str) -> Invented:
        keep = self.rows["period"].isin(names).to_numpy()
        return Invented(self.X[keep], self.rows[keep], self.y[keep])


def invent(pupils: int = 400, seed: int = 0, base: float = -2.0, signal: float = 1.2) -> Invented:
    """One row a pupil and period; ``signal`` 0 makes the outcome independent of every feature."""
    random = np.random.default_rng(seed)
    n = pupils * len(PERIODS)
    need = np.tile(random.normal(size=pupils), len(PERIODS))
    spells = random.poisson(np.exp(need - 1.5)).astype(float)
    absence = np.clip(random.beta(1, 12, n) * np.exp(0.4 * need), 0, 1)
    negative = random.poisson(np.exp(0.7 * need + 0.5)).astype(float)
    unseen = random.random(n) < 0.1
    index = pd.MultiIndex.from_arrays(
        [
            np.tile([f"p{number:05d}" for number in range(pupils)], len(PERIODS)),
            np.repeat(pd.to_datetime(["2021-12-31", "2022-12-31", "2023-12-31"]), pupils),
        ],
        names=["pupil_id", "as_of_date"],
    )
    X = pd.DataFrame(
        {
            SUSPENSIONS: spells,
            SUSPENSIONS_LATELY: np.round(spells / 3),
            ABSENCE: absence,
            NEGATIVE_EVENTS: np.where(unseen, np.nan, negative),
            "ks2_reading": np.where(random.random(n) < 0.2, np.nan, random.normal(100, 8, n)),
            "nothing": random.normal(size=n),
        },
        index=index,
    )
    rows = pd.DataFrame(
        {
            "school_id": random.choice(["s1", "s2", "s3"], n),
            "area": random.choice(["205", "213"], n),
            "group": random.choice(["7", "8", "9"], n),
            "period": np.repeat(PERIODS, pupils),
            "why_not": "",
        },
        index=index,
    )
    chance = 1 / (1 + np.exp(-(base + signal * need)))
    y = (random.random(n) < chance).astype(int)
    rows["state"] = np.where(y == 1, "event", "no_event")
    return Invented(X, rows, y)


@pytest.fixture(scope="session")
def invented() -> Invented:
    return invent()


@pytest.fixture(scope="session")
def fitted(invented: Invented) -> RiskClassifier:
    return RiskClassifier(n_seeds=2).fit(invented.X, invented.y, invented.rows["period"])
