"""Boosters grown and read: the one place that talks to LightGBM.

Everything here takes a plain float matrix. Names, missing values and classes are the classifier's business.
Where cores are shared, the environment variable ``OMP_NUM_THREADS`` says how many to use at most, and
``OMP_WAIT_POLICY=passive`` keeps threads that wait from burning the others' time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np

from earlywarning.model.arrays import FloatArray, IntArray

# The same trees on the same machine whatever the number of threads, and no words on the screen. Columns
# are not filtered while binning, so that one binning serves every leaf size and every subset of rows. A split
# compares one threshold drawn at random for each column (Geurts et al. 2006, Machine Learning 63, 3–42): the
# best of all is fitted to the training rows' own accidents (docs/decisions/0023).
STEADY: dict[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "force_row_wise": True,
    "feature_pre_filter": False,
    "extra_trees": True,
    "verbosity": -1,
}


@dataclass(frozen=True)
class Recipe:
    """How a booster is grown, every number settled; ``num_threads`` changes the time, never the trees.

    ``directions``: 1, -1 or 0 a column, the way in which alone it may move the margin (0: either).
    """

    rounds: int
    learning_rate: float
    num_leaves: int
    min_leaf_rows: int
    column_fraction: float
    max_bin: int
    num_threads: int = 1
    directions: tuple[int, ...] = ()

    def parameters(self, seed: int = 0) -> dict[str, Any]:
        """The recipe in LightGBM's words; ``seed`` draws the columns of each tree and its thresholds."""
        held = {"monotone_constraints": list(self.directions), "monotone_constraints_method": "basic"}
        return (STEADY | held if any(self.directions) else STEADY) | {
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_data_in_leaf": self.min_leaf_rows,
            "feature_fraction": self.column_fraction,
            # Only these seeds vary: LightGBM refuses to reuse a binned Dataset when its general seed changes.
            "feature_fraction_seed": seed,
            "extra_seed": seed,
            "max_bin": self.max_bin,
            "num_threads": self.num_threads,
        }


def rounds_for(events: int) -> int:
    """The number of rounds that ``events`` (rows of the rarer class) can carry: 16 √events, from 50 to 350.

    250 rounds of 0.02 suit about 250 events. With 20 to 60 events they ranked worse than 75 to 120 (AUROC
    0.01 to 0.02 lower, on thinned real learners and on invented rare events alike); with thousands, more
    gave a little more.

    >>> [rounds_for(events) for events in (5, 60, 250, 4000)]
    [50, 124, 253, 350]
    """
    return int(np.clip(round(16 * events**0.5), 50, 350))


def leaf_rows_for(rows: int) -> int:
    """The fewest rows a leaf may hold: 40, or a tenth of the ``rows`` where there are fewer than 400.

    >>> leaf_rows_for(30), leaf_rows_for(10_000)
    (3, 40)
    """
    return max(1, min(40, rows // 10))


def threads_for(rows: int) -> int:
    """One below 50,000 ``rows``, where threads mostly wait for each other; else 0, which is all there are.

    On two cores the second made 150,000 rows 1.7 times as fast.

    >>> threads_for(10_000), threads_for(150_000)
    (1, 0)
    """
    return 0 if rows >= 50_000 else 1


def booster_names(names: Sequence[str]) -> list[str]:
    """``names`` as LightGBM can write them: letters, digits and ``_.-``, numbered where two would clash.

    >>> booster_names(["absence rate", "marks:late"])
    ['absence_rate', 'marks_late']
    """
    plain = [re.sub(r"[^A-Za-z0-9_.-]", "_", name) for name in names]
    return plain if len(set(plain)) == len(plain) else [f"{i}_{name}" for i, name in enumerate(plain)]


def binned(
    X: FloatArray,
    event: IntArray,
    names: Sequence[str],
    recipe: Recipe,
    like: lgb.Dataset | None = None,
) -> lgb.Dataset:
    """``X`` (n, n_features) and 0/1 ``event``, binned once for every booster; ``like`` lends its bins."""
    rows = lgb.Dataset(
        X, label=event, feature_name=booster_names(names), params=recipe.parameters(), reference=like
    )
    return rows.construct()


def grown(rows: lgb.Dataset, recipe: Recipe, seeds: Iterable[int]) -> tuple[lgb.Booster, ...]:
    """One booster a seed, grown on the same binned ``rows``."""
    return tuple(lgb.train(recipe.parameters(int(seed)), rows, recipe.rounds) for seed in seeds)


def mean_margin(boosters: Sequence[lgb.Booster], X: FloatArray, num_threads: int = 1) -> FloatArray:
    """The mean raw margin (log-odds before calibration) of the ``boosters``: shape (n,)."""
    margins = [np.asarray(one.predict(X, raw_score=True, num_threads=num_threads)) for one in boosters]
    return np.asarray(np.mean(margins, axis=0), dtype=np.float64)


def mean_contributions(boosters: Sequence[lgb.Booster], X: FloatArray, num_threads: int = 1) -> FloatArray:
    """The mean contribution of every feature to the margin, the base last: shape (n, n_features + 1).

    These are the path-dependent Shapley values of Lundberg et al. 2020 (Nature Machine Intelligence 2,
    56–67), which LightGBM computes itself; a row adds up to its :func:`mean_margin`.
    """
    parts = [np.asarray(one.predict(X, pred_contrib=True, num_threads=num_threads)) for one in boosters]
    return np.asarray(np.mean(parts, axis=0), dtype=np.float64)


def booster_text(booster: lgb.Booster) -> str:
    """The booster as LightGBM's own text, without the line that says how many threads grew it.

    That line is the only difference between one thread and two; without it the same model is the same bytes.
    """
    return without_threads(booster.model_to_string())


def without_threads(text: str) -> str:
    r"""``text`` of a booster without its ``num_threads`` line.

    >>> without_threads("[max_bin: 63]\n[num_threads: 2]\n[seed: 0]\n")
    '[max_bin: 63]\n[seed: 0]\n'
    """
    return re.sub(r"(?m)^\[num_threads: \d+\]\n", "", text)


def from_text(text: str) -> lgb.Booster:
    """The booster that ``text`` describes."""
    return lgb.Booster(model_str=text)
