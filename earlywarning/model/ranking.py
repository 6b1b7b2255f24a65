"""How well a score ranks: average precision and AUROC with ties treated as what they are, a toss-up.

A rule gives hundreds of pupils the same score. scikit-learn's average precision then takes each run of ties
as one step; here it is the mean over all orders the ties could be put in, which is what a list drawn at
random among them would get, so that a rule and a model are measured with the same ruler.

Both measures take optional whole-number weights of shape (b, n), one row a resample, and then return b
values: a row with weight 2 counts as two tied rows.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from earlywarning.model.arrays import FloatArray, IntArray


def unscored_last(score: npt.ArrayLike) -> FloatArray:
    """``score`` with NaN as minus infinity: who could not be scored ranks below everyone, tied.

    >>> unscored_last([0.5, float("nan")]).tolist()
    [0.5, -inf]
    """
    values = np.asarray(score, dtype=np.float64)
    return np.where(np.isnan(values), -np.inf, values)


def average_precision(
    event: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> FloatArray:
    """The mean of average precision over every order of the ties: shape (b,), or () without weights.

    Average precision is the mean, over the events, of the precision of the list that ends at that event.
    Within a run of m ties with k events, after n rows with e events, position j holds an event with
    probability k/m, and e + 1 + (j - 1)(k - 1)/(m - 1) events are then expected up to it. NaN where there
    is no event.

    >>> float(average_precision([1, 0, 1], [0.9, 0.5, 0.1])).__round__(4)
    0.8333
    >>> float(average_precision([1, 0], [0.5, 0.5]))  # first or second, half the time each
    0.75
    """
    rows, events = _tie_blocks(event, score, weights)
    rows_before = np.cumsum(rows, axis=-1) - rows
    events_before = np.cumsum(events, axis=-1) - events
    harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, rows.sum(axis=-1).max() + 1))])
    inverse = harmonic[rows_before + rows] - harmonic[rows_before]  # sum of 1/(n + j) over the run
    others = rows - (rows_before + 1) * inverse  # sum of (j - 1)/(n + j) over the run
    share = np.divide(events, rows, out=np.zeros_like(inverse), where=rows > 0)
    among_others = np.divide(events - 1, rows - 1, out=np.zeros_like(inverse), where=rows > 1)
    total = (share * ((events_before + 1) * inverse + among_others * others)).sum(axis=-1)
    return _ratio(total, events.sum(axis=-1))


def auroc(event: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> FloatArray:
    """The share of (event, no event) pairs ranked the right way, ties counting half: shape (b,), or ().

    NaN where either class is absent.

    >>> float(auroc([1, 0, 0, 1], [0.9, 0.5, 0.1, 0.5]))
    0.875
    """
    rows, events = _tie_blocks(event, score, weights)
    others = (rows - events).astype(np.float64)
    below = others.sum(axis=-1, keepdims=True) - np.cumsum(others, axis=-1)
    return _ratio((events * (below + others / 2)).sum(axis=-1), events.sum(axis=-1) * others.sum(axis=-1))


def _tie_blocks(
    event: npt.ArrayLike, score: npt.ArrayLike, weights: npt.ArrayLike | None
) -> tuple[IntArray, IntArray]:
    """Rows and events in each run of equal scores, best score first: each (b, n_runs), or (n_runs,)."""
    values = np.asarray(score, dtype=np.float64)
    if np.isnan(values).any():
        raise ValueError("A score is missing: say first how it ranks (see unscored_last).")
    outcome = np.asarray(event, dtype=np.int64)
    counts = np.ones_like(outcome) if weights is None else np.asarray(weights, dtype=np.int64)
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    begins = np.concatenate([[True], ranked[1:] != ranked[:-1]])[: len(ranked)]
    starts = np.flatnonzero(begins)
    counts = counts[..., order]
    return np.add.reduceat(counts, starts, axis=-1), np.add.reduceat(counts * outcome[order], starts, axis=-1)


def _ratio(over: npt.ArrayLike, under: npt.ArrayLike) -> FloatArray:
    """``over / under``, NaN where nothing can be divided."""
    below = np.asarray(under, dtype=np.float64)
    return np.asarray(np.divide(over, below, out=np.full(below.shape, np.nan), where=below > 0))
