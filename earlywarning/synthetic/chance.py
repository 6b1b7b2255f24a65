"""Random streams that do not disturb each other, and the few draws that several files share."""

from __future__ import annotations

import hashlib

import numpy as np

from earlywarning.synthetic.arrays import Bools, Dates, Floats, Ints


def stream(seed: int, *topic: str | int) -> np.random.Generator:
    """A generator for one topic of one seed; adding a topic later changes no other topic's draws.

    >>> float(stream(1, "need", 2024).random()) == float(stream(1, "need", 2024).random())
    True
    >>> float(stream(1, "need", 2024).random()) == float(stream(1, "marks", 2024).random())
    False
    """
    name = "/".join([str(seed), *map(str, topic)])
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"))


def pick(rng: np.random.Generator, weights: Floats) -> Ints:
    """One column for each row of ``weights`` (rows, choices), drawn in proportion to the row."""
    upto = np.cumsum(weights, axis=1)
    drawn = rng.random(len(weights)) * upto[:, -1]
    return np.asarray((upto <= drawn[:, None]).sum(axis=1), dtype=np.int64)


def happens(rng: np.random.Generator, probability: Floats) -> Bools:
    """True with each entry's own probability."""
    return np.asarray(rng.random(probability.shape) < probability)


def days_after(rng: np.random.Generator, dates: Dates, low: int, high: int) -> Dates:
    """Each date plus a whole number of days drawn evenly from ``low`` to ``high``."""
    return np.asarray(dates + rng.integers(low, high + 1, len(dates)).astype("timedelta64[D]"))


def scatter(rng: np.random.Generator, counts: Ints, exposed: Bools) -> tuple[Ints, Ints]:
    """Rows and day numbers of ``counts`` events a row, spread evenly over the row's exposed days.

    ``exposed`` has the shape (rows, days); a row that has a count has at least one exposed day. Comes back
    in the order of the rows.
    """
    rows = np.repeat(np.arange(len(counts)), counts)
    upto = np.cumsum(exposed, axis=1)
    nth = np.floor(rng.random(len(rows)) * upto[rows, -1])
    return rows, np.asarray((upto[rows] <= nth[:, None]).sum(axis=1), dtype=np.int64)
