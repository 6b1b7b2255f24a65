"""How often a 95% interval holds the truth: by adding up every outcome, and with resampled schools."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from earlywarning.audit.compare import Tally, compare_groups
from earlywarning.audit.inputs import check_inputs
from earlywarning.audit.intervals import gap, jeffreys
from earlywarning.audit.metrics import METRICS

RATES = np.linspace(0.05, 0.95, 181)
SIZES = (5, 6, 8, 10, 15, 25, 50, 100)
SIMULATED = (5, 10, 25)
REST, SCHOOLS, GROUPS = 300, 20, 60
LOW, HIGH, FLOOR = 0.93, 0.99, 0.86


def coverage(seed: int = 0) -> dict[str, Any]:
    """Mean and least coverage over true rates from .05 to .95, for groups of each size.

    ``rate`` and ``gap`` (to 300 others of the same rate) are exact: the sum over every outcome that there
    could be. ``with_schools`` is simulated: an audit of 60 groups of one rate over 20
    schools, at each of 10 rates, where the wider of two intervals counts.
    """
    told: dict[str, Any] = {
        str(n): {
            "rate": _summary(_rate(n)),
            "gap": _summary(_gap(n)),
            **({"with_schools": _simulated(n, seed)} if n in SIMULATED else {}),
        }
        for n in SIZES
    }
    exact = [told[str(n)][what] for n in SIZES for what in ("rate", "gap")]
    met = all(LOW <= each["mean"] <= HIGH and each["least"] >= FLOOR for each in exact)
    return told | {"met": met}


def _rate(n: int) -> npt.NDArray[np.float64]:
    k = np.arange(n + 1)
    lower, upper = jeffreys(k, np.full(n + 1, n))
    holds = (lower[:, None] <= RATES) & (upper[:, None] >= RATES)
    return np.asarray(np.sum(stats.binom.pmf(k[:, None], n, RATES) * holds, axis=0))


def _gap(n: int) -> npt.NDArray[np.float64]:
    a, b = np.arange(n + 1)[:, None] / n, np.arange(REST + 1)[None, :] / REST
    own, rest = jeffreys(a * n, np.full_like(a, n)), jeffreys(b * REST, np.full_like(b, REST))
    lower, upper = gap(a, own, b, rest)
    holds = (lower <= 0) & (upper >= 0)
    first = stats.binom.pmf(np.arange(n + 1)[:, None], n, RATES)
    other = stats.binom.pmf(np.arange(REST + 1)[:, None], REST, RATES)
    return np.asarray(np.einsum("ir,ij,jr->r", first, holds, other))


def _simulated(n: int, seed: int) -> dict[str, float]:
    """The recall of many groups of ``n`` positives each, whose pupils are spread over the schools."""
    random = np.random.default_rng(seed)
    group = np.repeat(np.arange(GROUPS), n).astype(str)
    of_value, of_gap = [], []
    for rate in np.linspace(0.05, 0.95, 10):
        listed = random.random(len(group)) < rate
        frame = pd.DataFrame({"group": group})
        schools = random.integers(SCHOOLS, size=len(group))
        inputs = check_inputs(np.ones(len(group)), listed, frame, None, None, None, (), schools=schools)
        found = compare_groups(
            Tally(inputs.marks(), METRICS, schools=inputs.schools, given=inputs.given),
            inputs.attributes["group"],
            floors={"positives": 1, "pupils": 1},
            level=0.95,
            resamples=1_000,
        ).query("metric == 'recall'")
        of_value.append(((found["lower"] <= rate) & (rate <= found["upper"])).mean())
        of_gap.append(((found["difference_lower"] <= 0) & (found["difference_upper"] >= 0)).mean())
    return {"rate": round(float(np.mean(of_value)), 3), "gap": round(float(np.mean(of_gap)), 3)}


def _summary(chance: npt.NDArray[np.float64]) -> dict[str, float]:
    return {"mean": round(float(chance.mean()), 3), "least": round(float(chance.min()), 3)}
