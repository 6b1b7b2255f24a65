"""The canary: with shuffled labels the whole path must know nothing, or there is a hole in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.errors import GateRefused
from earlywarning.model.arrays import FloatArray, IntArray
from earlywarning.model.ranking import unscored_last

ALLOWED = 4.0
"""How many standard errors the mean AUROC may lie from one half; in 1 of 16,000 clean runs it is more."""


def canary(
    fit_and_margin: Callable[[IntArray], npt.ArrayLike],
    y: npt.ArrayLike,
    *,
    pupils: npt.ArrayLike,
    as_of_date: npt.ArrayLike,
    test: npt.ArrayLike,
    repeats: int = 5,
    seed: int = 0,
) -> dict[str, Any]:
    """``{"mean", "standard_error", "passed", "aurocs", "events", "repeats"}`` on permuted labels.

    ``fit_and_margin(permuted)`` is the real path: given other labels (n,) for the same rows, it trains as
    always and returns the margins (n,) of all rows, of which those in ``test`` are looked at. Only rows
    with a known outcome belong here. Labels move between pupils within an ``as_of_date``; a pupil who is
    there twice on one date keeps one label, so that copies cannot hide.

    AUROC is taken within dates and pooled, since the dates' own rates stay and may rightly be known. Its
    standard error is that of pure chance (Mann and Whitney 1947), over ``repeats`` runs. The calibrator
    does not enter: a margin that ranks the wrong way round is as much a hole.

    Raises:
        GateRefused: no date of the test has both outcomes, so that nothing can be said.
    """
    outcome, tested = np.asarray(y, dtype=np.int64), np.asarray(test, dtype=bool)
    dates = np.unique(np.asarray(as_of_date), return_inverse=True)[1]
    who = pd.MultiIndex.from_arrays([dates, np.asarray(pupils)])
    random = np.random.default_rng(seed)
    runs = []
    for _ in range(repeats):
        permuted = _permuted(outcome, who, random)
        margin = unscored_last(np.asarray(fit_and_margin(permuted), dtype=np.float64))
        runs.append(_within_dates(permuted[tested], margin[tested], dates[tested]))
    aurocs, variances = np.transpose(runs)
    if np.isnan(aurocs).any():
        raise GateRefused(
            "The canary cannot sing: no as_of_date of the test has both pupils with the event and pupils"
            " without. Test on a period in which it happened."
        )
    mean, error = float(aurocs.mean()), float(np.sqrt(variances.sum()) / repeats)
    return {
        "mean": mean,
        "standard_error": error,
        "passed": abs(mean - 0.5) <= ALLOWED * error,
        "aurocs": aurocs.tolist(),
        "events": int(outcome[tested].sum()),
        "repeats": repeats,
    }


def _permuted(outcome: IntArray, who: pd.MultiIndex, random: np.random.Generator) -> IntArray:
    """``outcome`` with the pupils of each date exchanged at random; ``who`` is (date, pupil) of each row."""
    code, _ = pd.factorize(who)
    first = np.unique(code, return_index=True)[1]
    label, date = outcome[first], who.codes[0][first]
    in_order, shuffled = np.argsort(date, kind="stable"), np.lexsort((random.random(len(date)), date))
    exchanged = np.empty_like(label)
    exchanged[in_order] = label[shuffled]
    return np.asarray(exchanged[code])


def _within_dates(event: IntArray, margin: FloatArray, date: IntArray) -> tuple[float, float]:
    """AUROC over pairs of one date, and its variance by chance; NaN where no date has both outcomes."""
    frame = pd.DataFrame({"event": event, "date": date, "rank": pd.Series(margin).groupby(date).rank()})
    by_date = frame.groupby("date")
    events, rows = by_date["event"].sum(), by_date.size()
    won = frame["rank"].where(frame["event"] == 1).groupby(date).sum() - events * (events + 1) / 2
    pairs = events * (rows - events)
    if not pairs.sum():
        return float("nan"), float("nan")
    return float(won.sum() / pairs.sum()), float((pairs * (rows + 1) / 12).sum() / pairs.sum() ** 2)
