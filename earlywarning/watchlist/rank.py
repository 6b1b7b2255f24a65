"""The lists of one issue: the list itself, and the re-runs that its bands come from.

Scores are indexed by ``pupil_id`` and ``as_of_date``, one row for everybody on roll who was assessed;
``area`` and ``tie_break`` are aligned with them. A list is drawn in one way only, by
:func:`earlywarning.model.lists.listed`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from earlywarning.model.lists import Capacity, listed


@dataclass(frozen=True)
class Limit:
    """At most ``places`` pupils ``of`` each kind on a list: of a school, or of a phase in an area.

    ``of`` is aligned with the scores; a kind without an entry in ``places`` is not limited. ``said`` is the
    limit in sentences, for the list's readers.
    """

    of: pd.Series
    places: Mapping[str, int]
    said: tuple[str, ...] = ()

    def on(self, index: pd.Index) -> Limit:
        """The limit on a list of some of the rows."""
        return replace(self, of=self.of.reindex(index))

    def within(self, score: pd.Series, tie_break: pd.Series) -> pd.Series:
        """``score`` without those beyond the places of their kind, who are missing as if not assessed."""
        everyone = {str(kind): len(score) for kind in self.of.unique()}
        dates = score.index.get_level_values("as_of_date")
        return score.where(listed(score, self.of, dates, {**everyone, **self.places}, tie_break))


def within(score: pd.Series, tie_break: pd.Series, limits: Sequence[Limit]) -> pd.Series:
    """``score`` without those beyond any limit: what a list is drawn from."""
    for limit in limits:
        score = limit.within(score, tie_break)
    return score


def draw(
    score: pd.Series,
    area: pd.Series,
    capacity: Capacity,
    tie_break: pd.Series,
    limits: Sequence[Limit] = (),
) -> pd.Series:
    """Who is on the list: booleans with the index of ``score``. A place that a limit leaves goes to the next.

    >>> index = pd.MultiIndex.from_product([["p1", "p2"], ["2025-12-31"]], names=["pupil_id", "as_of_date"])
    >>> score, area = pd.Series([0.1, 0.9], index), pd.Series("901", index)
    >>> draw(score, area, 1, tie_break=score).tolist()
    [False, True]
    """
    score = within(score, tie_break, limits)
    return listed(score, area, score.index.get_level_values("as_of_date"), capacity, tie_break)


def refitted(
    scores: Iterable[pd.Series],
    area: pd.Series,
    capacity: Capacity,
    tie_break: pd.Series,
    limits: Sequence[Limit] = (),
) -> Iterator[pd.Series]:
    """The re-runs of a model's list: one for the scores of each refit."""
    return (draw(score, area, capacity, tie_break, limits) for score in scores)


def reordered(
    score: pd.Series,
    area: pd.Series,
    capacity: Capacity,
    limits: Sequence[Limit] = (),
    *,
    times: int = 100,
    seed: int,
) -> Iterator[pd.Series]:
    """The re-runs of a rule's list: the same scores, with equal ones in ``times`` random orders."""
    chance = np.random.default_rng(seed)
    for _ in range(times):
        yield draw(score, area, capacity, pd.Series(chance.permutation(len(score)), score.index), limits)


def tie_break(index: pd.Index) -> pd.Series:
    """What decides between equal scores: a hash of the pseudonym and the date, which means nothing."""
    marks = [
        hashlib.sha256(f"{date:%Y-%m-%d}\x1f{pupil}".encode()).hexdigest()
        for pupil, date in zip(
            index.get_level_values("pupil_id"), index.get_level_values("as_of_date"), strict=True
        )
    ]
    return pd.Series(marks, index=index)
