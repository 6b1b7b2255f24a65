"""Counts that may leave the team: small ones hidden so that no sum gives them away, the rest rounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import csr_array, lil_array

from earlywarning.errors import WrongUsage

TOTAL = "total"
HIDDEN = "c"
"""What stands in place of a hidden number, as in the Department for Education's own tables."""

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Shown:
    """A table that may be passed on.

    ``counts`` are whole numbers rounded to ``rounded_to``, missing where hidden, with a row and a column
    :data:`TOTAL`; shape (n_groups + 1, n_parts + 1). A rate is worked out from these numbers, never from the
    exact ones.
    """

    counts: pd.DataFrame
    fewest: int
    rounded_to: int

    @property
    def hidden(self) -> int:
        """How many numbers are hidden."""
        return int(self.counts.isna().to_numpy().sum())

    def rate(self, part: str, of: str = TOTAL) -> pd.Series[float]:
        """The shown ``part`` of the shown ``of``, 0 to 1 by group; missing where either is hidden or 0."""
        whole = self.counts[of].astype("Float64")
        shares: pd.Series[float] = self.counts[part].astype("Float64") / whole.mask(whole == 0)
        return shares.clip(upper=1)

    def words(self) -> pd.DataFrame:
        """The table as text: numbers with thousands, ``c`` where hidden."""
        return self.counts.map(lambda value: HIDDEN if pd.isna(value) else f"{value:,}")

    def note(self) -> str:
        """The sentence that stands under the table."""
        return (
            f"Numbers under {self.fewest}, and those from which one could be worked out, are shown as "
            f"“{HIDDEN}”; the others are rounded to {self.rounded_to}, so they may not add up."
        )


def suppressed(counts: pd.DataFrame, *, fewest: int = 5, rounded_to: int = 5) -> Shown:
    """``counts`` with totals added, such that nothing shown tells that a hidden number is small.

    ``counts`` has a row a group and a column a part, whole numbers of pupils, shape (n_groups, n_parts):
    parts of a group are different pupils, so both ways of adding up mean something. A number from 1 to
    ``fewest`` - 1 is hidden, in the totals too. Then others are hidden, the smallest first, until what is
    shown leaves each hidden number room of ``fewest`` or more, and a small one the room to be ``fewest``.
    That is tried as an outsider would, by linear programming over the shown numbers (taken as exact, which
    is more than rounding shows). Nought is shown: it is nobody.

    Source: the method of complementary suppression with an audit of feasible intervals; Hundepool et al.
    (2012), *Statistical Disclosure Control*, sections 4.3 and 4.4.

    Raises:
        WrongUsage: a count is negative, missing or not whole, or a setting is below 1.

    >>> table = pd.DataFrame({"yes": [2, 40, 30], "no": [98, 60, 170]}, index=["Elm", "Oak", "Ash"])
    >>> print(suppressed(table).words())
           yes   no total
    Elm      c    c   100
    Oak     40   60   100
    Ash      c    c   200
    total   70  330   400
    """
    _refuse(counts, fewest, rounded_to)
    exact = _with_totals(counts)
    hidden = _hidden(exact, fewest)
    names = [*counts.columns, TOTAL]
    frame = pd.DataFrame(_rounded(exact, rounded_to), index=[*counts.index, TOTAL], columns=names)
    return Shown(frame.astype("Int64").mask(hidden), fewest, rounded_to)


def _hidden(exact: Counts, fewest: int) -> Mask:
    hidden = (exact > 0) & (exact < fewest)
    if hidden[-1, -1]:  # fewer pupils in all than may be shown
        return exact >= 0
    sums = _sums(exact.shape)
    while True:
        alone = _alone(hidden)  # one hidden number in a line is a subtraction: no programme is needed to tell
        cell = alone if alone is not None else _told(exact, hidden, sums, fewest)
        if cell is None:
            return hidden
        hidden.flat[_next(exact, hidden, cell)] = True


def _alone(hidden: Mask) -> int | None:
    """A hidden number that is the only one of its row or column."""
    rows, columns = np.nonzero(hidden & ((hidden.sum(axis=1) == 1)[:, None] | (hidden.sum(axis=0) == 1)))
    return int(rows[0] * hidden.shape[1] + columns[0]) if len(rows) else None


def _told(exact: Counts, hidden: Mask, sums: csr_array, fewest: int) -> int | None:
    """The first hidden number that what is shown gives away."""
    cells = (int(cell) for cell in np.flatnonzero(hidden))
    return next((cell for cell in cells if _tells(exact, hidden, cell, sums, fewest)), None)


def _next(exact: Counts, hidden: Mask, cell: int) -> int:
    """What to hide next: the cheapest shown number of a line that gives ``cell`` away, else the cheapest."""
    cost = np.where(hidden, np.inf, _cost(exact))
    places = np.arange(exact.size).reshape(exact.shape)
    lines = [*zip(places, hidden, strict=True), *zip(places.T, hidden.T, strict=True)]
    alone = [line for line, gone in lines if gone.sum() == 1]  # one hidden number in a line is a subtraction
    own = [line for line, _ in lines if cell in line]
    for line in [*alone, *own]:
        if np.isfinite(cost.flat[line]).any():
            return int(line[np.argmin(cost.flat[line])])
    return int(np.argmin(cost))


def _cost(exact: Counts) -> npt.NDArray[np.float64]:
    """What it costs a reader to lose each number: small ones first, totals late, noughts protect little."""
    everyone = float(exact[-1, -1])
    cost = exact.astype(float)
    cost[exact == 0] += everyone / 2
    cost[-1, :] += everyone
    cost[:, -1] += everyone
    cost[-1, -1] = np.inf
    return cost


def _tells(exact: Counts, hidden: Mask, cell: int, sums: csr_array, fewest: int) -> bool:
    """Whether what is shown tells that a hidden number is small, or exactly what it is."""
    low, high = feasible(exact, hidden, cell, sums)
    return high - low < fewest or (int(exact.flat[cell]) < fewest and high < fewest)


def feasible(exact: Counts, hidden: Mask, cell: int, sums: csr_array | None = None) -> tuple[float, float]:
    """The least and the most that ``cell`` could be, from what is shown.

    ``exact`` has its totals in the last row and column; ``cell`` is a place in the flattened table.
    """
    sums = _sums(exact.shape) if sums is None else sums
    values = exact.ravel().astype(float)
    free = np.flatnonzero(hidden.ravel())
    known = np.where(hidden.ravel(), 0.0, values)
    equations, right = sums[:, free], -(sums @ known)
    touched = np.flatnonzero(np.diff(equations.indptr))
    lines: Any = equations[touched]  # sparse, which scipy takes and its stubs do not know
    aim = (free == cell).astype(float)
    ends = []
    for sign in (1.0, -1.0):
        solved = linprog(sign * aim, A_eq=lines, b_eq=right[touched], bounds=(0.0, None))
        ends.append(np.inf if solved.fun is None else float(solved.fun) * sign)
    return round(ends[0], 6), abs(round(ends[1], 6))


def _sums(shape: tuple[int, ...]) -> csr_array:
    """One equation a line of the table, its parts less its total are 0: (n_rows + n_columns, n_cells)."""
    rows, columns = shape
    places = np.arange(rows * columns).reshape(rows, columns)
    lines: Sequence[npt.NDArray[np.int64]] = [*places, *places.T]
    equations = lil_array((len(lines), rows * columns))
    for number, line in enumerate(lines):
        equations[number, line[:-1]] = 1.0
        equations[number, line[-1]] = -1.0
    return csr_array(equations)


def _with_totals(counts: pd.DataFrame) -> Counts:
    inner = counts.to_numpy(dtype=np.int64)
    wide = np.column_stack([inner, inner.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)])


def _rounded(exact: Counts, to: int) -> Counts:
    return (exact + to // 2) // to * to


def _refuse(counts: pd.DataFrame, fewest: int, rounded_to: int) -> None:
    if fewest < 1 or rounded_to < 1:
        raise WrongUsage("disclosure: fewest and rounded_to are whole numbers from 1 up.")
    numbers = counts.to_numpy(dtype=float)
    wrong = int(np.sum(~np.isfinite(numbers) | (numbers < 0) | (numbers != np.floor(numbers))))
    if wrong or counts.empty:
        raise WrongUsage(f"disclosure: {wrong} of {counts.size} numbers are not whole numbers of pupils.")
