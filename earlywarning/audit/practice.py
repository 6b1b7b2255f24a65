"""Observed against expected events of each school, given its pupils: a funnel for peers, no league table."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import gammaincinv
from sklearn.linear_model import LogisticRegression

from earlywarning.drawing import Axis, Curve, curves, steps

COLUMNS = (
    "school",
    "n",
    "observed",
    "expected",
    "ratio",
    "low_95",
    "high_95",
    "low_998",
    "high_998",
    "position",
)
LEAST_EXPECTED = 3.0
"""Nothing is said of a school where fewer events than this would be usual."""


def school_practice(
    event: npt.NDArray[np.bool_], school: pd.Series[Any], pupils: pd.DataFrame
) -> pd.DataFrame:
    """One row a school with :data:`COLUMNS`, in the order of their names: never in that of their ratios.

    ``event`` and ``school`` have one entry a pupil, shape (n_pupils,); ``pupils`` are text columns that say
    who they are (year group, SEN, free school meals, ethnicity), shape (n_pupils, n_columns). ``expected`` is
    how many events pupils like a school's have at all schools together, from a logistic regression on these
    columns without the school (indirect standardisation). ``low`` and ``high`` are the ratios between which
    19 in 20 and 998 in 1,000 schools would lie by chance, widened where schools differ from each other by
    more than chance throughout. ``position`` is "as expected", "higher than expected" or "lower than
    expected" (beyond the outer limits), "watch" between the two, "cannot tell" with under
    :data:`LEAST_EXPECTED` expected events.

    A school's ratio holds its practice, what its pupils bring that these columns do not say, and chance. It
    is a question for a conversation between schools.

    Source: Spiegelhalter (2005), *Funnel plots for comparing institutional performance*, sections 3 and 4.1.
    """
    expected = _usual(event, pupils)
    told = pd.DataFrame({"n": 1, "observed": event.astype(int), "expected": expected})
    rows = told.groupby(school.astype(str).to_numpy()).sum().rename_axis("school").reset_index()
    rows["ratio"] = rows["observed"] / rows["expected"]
    spread = _spread(rows)
    for name, level in (("95", 0.95), ("998", 0.998)):
        low, high = limits(rows["expected"].to_numpy(), level, spread)
        rows[f"low_{name}"], rows[f"high_{name}"] = low, high
    rows["position"] = _position(rows)
    return rows[list(COLUMNS)]


def limits(
    expected: npt.NDArray[np.float64], level: float, spread: float = 1.0
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The ratios between which a share ``level`` of schools lies, that expect so many events.

    Quantiles of a Poisson count by way of the gamma distribution, interpolated so that they fall smoothly;
    ``spread`` multiplies their distance from 1.

    >>> low, high = limits(np.array([4.0, 100.0]), 0.95)
    >>> [f"{a:.2f} to {b:.2f}" for a, b in zip(low, high)]
    ['0.34 to 2.38', '0.82 to 1.21']
    """
    tail = (1 - level) / 2
    low = gammaincinv(expected + 0.5, tail) / expected
    high = gammaincinv(expected + 0.5, 1 - tail) / expected
    return np.maximum(1 - (1 - low) * spread, 0.0), 1 + (high - 1) * spread


def funnel(rows: pd.DataFrame, name: str) -> str:
    """The rows as an inline SVG: a dot a school, across how many events were expected, between the limits."""
    most = float(rows["expected"].max())
    along = np.linspace(max(1.0, most / 60), most * 1.05, 60)
    spread = _spread(rows)
    usual = float(limits(rows["expected"].to_numpy(), 0.998, spread)[1].min())
    across, up = steps(most * 1.05), steps(max(2.0, usual, float(rows["ratio"].max()) * 1.05))
    places = [(float(e), float(r)) for e, r in zip(rows["expected"], rows["ratio"], strict=True)]
    return curves(
        [
            *_edges("998 in 1,000 schools would lie inside by chance", along, 0.998, spread, up[-1]),
            *_edges("19 in 20 schools would lie inside by chance", along, 0.95, spread, up[-1], second=True),
            Curve("a school", places, bars=[(ratio, ratio) for _, ratio in places]),
        ],
        Axis(0.0, across[-1], tuple((value, f"{value:g}") for value in across)),
        Axis(0.0, up[-1], tuple((value, f"{value:g}") for value in up)),
        name=name,
        title="Events at each school for each one expected given its pupils",
        says="A dot is a school. Dots between the lines differ by no more than chance. The numbers are in "
        "the table beside it, in the order of names.",
        words=("Events expected given the pupils", "Events seen for each one expected"),
    )


def _edges(
    label: str,
    along: npt.NDArray[np.float64],
    level: float,
    spread: float,
    top: float,
    *,
    second: bool = False,
) -> Iterator[Curve]:
    """Both edges of a funnel, the upper one as far as it lies under the ``top`` of the picture."""
    for name, edge in zip(("", label), limits(along, level, spread), strict=True):
        inside = edge <= top
        points = [(float(x), float(y)) for x, y in zip(along[inside], edge[inside], strict=True)]
        yield Curve(name, points, second=second, bare=True)


def _usual(event: npt.NDArray[np.bool_], pupils: pd.DataFrame) -> npt.NDArray[np.float64]:
    """How likely the event is for pupils like each one, over all schools; adds up to the events seen."""
    if event.all() or not event.any() or pupils.shape[1] == 0:
        return np.full(len(event), float(event.mean()))
    columns = pd.get_dummies(pupils.astype(str), dtype=float)
    fitted = LogisticRegression(C=1.0, max_iter=1000).fit(columns, event)
    chance = np.asarray(fitted.predict_proba(columns)[:, 1], dtype=np.float64)
    return chance * float(event.sum() / chance.sum())


def _spread(rows: pd.DataFrame) -> float:
    """By how much schools differ beyond chance throughout, as a factor of 1 or more on a limit's distance.

    The root of the mean squared standardised residual, each pulled in to the tenth part at either end.
    """
    enough = rows[rows["expected"] >= LEAST_EXPECTED]
    if len(enough) < 5:
        return 1.0
    z = 2 * (np.sqrt(enough["observed"]) - np.sqrt(enough["expected"]))
    return math.sqrt(max(1.0, float((z.clip(*z.quantile([0.1, 0.9])) ** 2).mean())))


def _position(rows: pd.DataFrame) -> npt.NDArray[np.object_]:
    few = rows["expected"] < LEAST_EXPECTED
    inner = rows["ratio"].between(rows["low_95"], rows["high_95"])
    words = [
        (few, "cannot tell"),
        (inner, "as expected"),
        (rows["ratio"] > rows["high_998"], "higher than expected"),
        (rows["ratio"] < rows["low_998"], "lower than expected"),
    ]
    chosen: npt.NDArray[np.object_] = np.select([mask for mask, _ in words], [w for _, w in words], "watch")
    return chosen
