"""How much of a gap between groups is which school a pupil attends, and how much is inside schools."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

COLUMNS = (
    "group",
    "n",
    "events",
    "rate",
    "rest_rate",
    "gap",
    "within",
    "within_lower",
    "within_upper",
    "between",
    "schools",
    "reason",
)
FEWEST = 10
"""Fewer pupils of a group than this, at schools that have others too, tell nothing of what is inside them."""

Flags = npt.NDArray[np.bool_]


def within_schools(event: Flags, group: pd.Series[Any], school: pd.Series[Any]) -> pd.DataFrame:
    """One row a group with :data:`COLUMNS`: its rate less everybody else's, inside schools and between them.

    All of shape (n_pupils,). ``within`` is the gap that is left between pupils of the same school: each
    school's own difference, weighted by how many pairs it has (Mantel and Haenszel's risk difference), with a
    95% interval; ``between`` is the rest of the gap, which comes of going to other schools. ``schools`` are
    those that have pupils of the group and others. Where they hold fewer than :data:`FEWEST` of the group,
    or of the others, both parts are NaN and ``reason`` says so. Neither part says why.

    Source: Greenland and Robins (1985), *Estimation of a common effect parameter from sparse follow-up
    data*, for the estimate and its variance.

    >>> event = np.array([True, False, False, False] * 10 + [True, True, True, False] * 10)
    >>> group = pd.Series(["A", "A", "A", "B"] * 10 + ["B", "B", "B", "A"] * 10)
    >>> school = pd.Series(["Elm"] * 40 + ["Oak"] * 40)
    >>> told = within_schools(event, group, school).set_index("group")
    >>> told.loc["A", ["gap", "within", "between"]].round(2).to_dict()
    {'gap': -0.5, 'within': -0.33, 'between': -0.17}
    """
    rows = [_split(str(name), event, group.eq(name).to_numpy(), school) for name in sorted(set(group))]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _split(name: str, event: Flags, inside: Flags, school: pd.Series[Any]) -> tuple[object, ...]:
    n, events = int(inside.sum()), int(event[inside].sum())
    rate = events / n if n else math.nan
    rest = float(event[~inside].mean()) if not inside.all() else math.nan
    counts = _by_school(event, inside, school)
    both = counts[(counts["n"] > 0) & (counts["others"] > 0)]
    told = (name, n, events, rate, rest, rate - rest)
    if math.isnan(rest):
        return (*told, *[math.nan] * 4, 0, "only one group: no one to compare with")
    if both["n"].sum() < FEWEST or both["others"].sum() < FEWEST:
        few = f"under {FEWEST} pupils of this group, or of the others, at schools that have both"
        return (*told, *[math.nan] * 4, len(both), few)
    within, error = _common_difference(both)
    return (
        *told,
        within,
        within - 1.96 * error,
        within + 1.96 * error,
        rate - rest - within,
        len(both),
        "",
    )


def _by_school(event: Flags, inside: Flags, school: pd.Series[Any]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "n": inside,
            "others": ~inside,
            "events": event & inside,
            "others_events": event & ~inside,
        }
    ).astype(int)
    return frame.groupby(school.to_numpy()).sum()


def _common_difference(both: pd.DataFrame) -> tuple[float, float]:
    """The weighted difference inside schools and its standard error."""
    a, n, b, m = (both[name].to_numpy(dtype=float) for name in ("events", "n", "others_events", "others"))
    weight = n * m / (n + m)
    within = float(np.sum((a / n - b / m) * weight) / np.sum(weight))
    # The variance of each school's difference, kept away from 0 where a school had no event or only events.
    spread = ((a + 0.5) / (n + 1)) * ((n - a + 0.5) / (n + 1)) / n
    spread += ((b + 0.5) / (m + 1)) * ((m - b + 0.5) / (m + 1)) / m
    return within, float(np.sqrt(np.sum(weight**2 * spread)) / np.sum(weight))
