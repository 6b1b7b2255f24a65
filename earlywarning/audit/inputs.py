"""What an audit is given, checked once: one row a pupil on a list's date, all arrays of one length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.audit.attributes import attribute_levels
from earlywarning.errors import WrongUsage

Column: TypeAlias = "Sequence[Any] | npt.NDArray[Any] | pd.Series[Any]"


@dataclass(frozen=True, eq=False)
class AuditInputs:
    """Checked arrays of shape (n_rows,), and ``attributes`` of strings, shape (n_rows, n_attributes).

    ``y`` is False where the outcome is not ``known``; ``score`` is NaN for a pupil who was not assessed;
    ``place`` is the share of a list's roll that ranks before a pupil, equal ones halved, who has no rank
    last; ``drawn`` the share of the orders of ties in which a list of the same length, drawn by the score,
    would have held each; ``clusters`` are integer codes of the pupils, ``schools`` of the schools.
    """

    y: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    listed: npt.NDArray[np.bool_]
    attributes: pd.DataFrame
    score: npt.NDArray[np.float64] | None
    clusters: npt.NDArray[np.int64] | None
    place: npt.NDArray[np.float64] | None
    drawn: npt.NDArray[np.float64]
    schools: npt.NDArray[np.int64] | None

    @property
    def given(self) -> frozenset[str]:
        """What metrics may need and is there: "score", "ranking"."""
        there = {"score": self.score, "ranking": self.place}
        return frozenset(name for name, values in there.items() if values is not None)

    def marks(self) -> pd.DataFrame:
        """One 0/1 column for each of :data:`~earlywarning.audit.metrics.COUNTS` (``expected``: the score).

        A group's counts are the sums of these, so groups that part the rows part every count.
        """
        score = np.full(len(self.y), np.nan) if self.score is None else self.score
        scored = self.known & ~np.isnan(score)
        no_event = self.known & ~self.y
        columns = {
            "pupils": np.ones(len(self.y)),
            "listed": self.listed,
            "known": self.known,
            "scored": scored,
            "positives": self.y,
            "negatives": no_event,
            "listed_known": self.listed & self.known,
            "listed_positives": self.listed & self.y,
            "listed_negatives": self.listed & no_event,
            "scored_positives": scored & self.y,
            "expected": np.where(scored, score, 0.0),
            "expected_listed": np.where(scored, score * self.drawn, 0.0),
            "unlisted_known": self.known & ~self.listed,
            "missed": self.y & ~self.listed,
            "placed_positives": self.y & (self.place is not None),
            "places": np.where(self.y, 0.0 if self.place is None else self.place, 0.0),
        }
        return pd.DataFrame(columns, dtype=float)


def check_inputs(
    y_true: Column,
    listed: Column,
    sensitive_features: pd.DataFrame,
    score: Column | None,
    clusters: Column | None,
    known: Column | None,
    pairs: Sequence[tuple[str, str]],
    *,
    schools: Column | None = None,
    ranking: Column | None = None,
    lists: Column | None = None,
) -> AuditInputs:
    """The arguments of :func:`~earlywarning.audit.fairness.fairness_audit` as one checked value.

    Raises:
        WrongUsage: lengths or indexes differ, a value is outside what is allowed, or an attribute of a
            pair is not a column.
    """
    given = {"y_true": y_true, "listed": listed, "score": score, "clusters": clusters, "known": known}
    given |= {"schools": schools, "ranking": ranking, "lists": lists}
    for name, values in given.items():
        if values is not None or name in ("y_true", "listed"):
            _check_aligned(name, values, sensitive_features)
    outcome = pd.Series(np.asarray(y_true, dtype=object))
    is_known = (
        outcome.notna().to_numpy() if known is None else _booleans("known", pd.Series(np.asarray(known)))
    )
    on_list = _booleans("listed", pd.Series(np.asarray(listed)))
    of = np.zeros(len(outcome), dtype=np.int64) if lists is None else _codes(lists)
    return AuditInputs(
        y=_booleans("y_true", outcome.where(is_known, False)),
        known=is_known,
        listed=on_list,
        attributes=attribute_levels(sensitive_features, pairs),
        score=None if score is None else _probabilities(_numbers("score", score)),
        clusters=None if clusters is None else _codes(clusters),
        place=_places(_numbers("ranking", score if ranking is None else ranking), of),
        drawn=_drawn(_numbers("score", score), on_list, of),
        schools=None if schools is None else _codes(schools),
    )


def codes_of(
    name: str, values: Column | None, sensitive_features: pd.DataFrame
) -> npt.NDArray[np.int64] | None:
    """Integer codes (n_rows,) of ``values``, which say what each row of ``sensitive_features`` belongs to.

    Raises:
        WrongUsage: lengths or indexes differ.
    """
    if values is None:
        return None
    _check_aligned(name, values, sensitive_features)
    return _codes(values)


def _codes(values: Column) -> npt.NDArray[np.int64]:
    return pd.factorize(np.asarray(values), use_na_sentinel=False)[0]


def _numbers(name: str, values: Column | None) -> npt.NDArray[np.float64]:
    """The values as numbers, shape (n_rows,); shape (0,) where none were given."""
    try:
        return np.asarray([] if values is None else pd.Series(np.asarray(values)), dtype=float)
    except (TypeError, ValueError):
        raise WrongUsage(f"{name} has values that are no numbers; a missing one is NaN.") from None


def _places(ranking: npt.NDArray[np.float64], of: npt.NDArray[np.int64]) -> npt.NDArray[np.float64] | None:
    """The place of each row within its list as a share of those on roll, (n_rows,): 0 first, 1 last."""
    if not len(ranking):
        return None
    ranks = pd.Series(ranking)
    place = ranks.fillna(-np.inf).groupby(of).rank(ascending=False).to_numpy(dtype=float)
    return np.asarray((place - 0.5) / np.bincount(of)[of])


def _drawn(
    score: npt.NDArray[np.float64], listed: npt.NDArray[np.bool_], of: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """The share of the orders of ties in which each row is among as many on its list, drawn by the score."""
    ranks = pd.Series(score if len(score) else np.full(len(of), np.nan)).groupby(of)
    first, last = (ranks.rank(ascending=False, method=method).to_numpy() for method in ("min", "max"))
    places = np.bincount(of, listed)[of]
    return np.asarray(np.nan_to_num(np.clip((places - first + 1) / (last - first + 1), 0.0, 1.0)))


def _check_aligned(name: str, given: Any, sensitive_features: pd.DataFrame) -> None:
    shape = np.shape(given) if hasattr(given, "__len__") else ()
    if len(shape) != 1:
        what = f"of shape {shape}" if shape else type(given).__name__
        raise WrongUsage(
            f"{name} is {what}: give one value for each row of sensitive_features, in one column."
        )
    if len(given) != len(sensitive_features):
        raise WrongUsage(
            f"{name} has {len(given)} rows and sensitive_features has {len(sensitive_features)}: "
            "give one row for each pupil on roll, in the same order."
        )
    if isinstance(given, pd.Series) and not given.index.equals(sensitive_features.index):
        raise WrongUsage(
            f"{name} and sensitive_features have the same length but not the same index: "
            f"put them in one order first, for example {name}.reindex(sensitive_features.index)."
        )


def _booleans(name: str, values: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    wrong = int((~values.isin([True, False])).sum())
    if wrong:
        raise WrongUsage(f"{name} has {wrong} values other than true and false (or 1 and 0).")
    return values.astype(bool).to_numpy()


def _probabilities(score: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    wrong = int(np.sum((score < 0) | (score > 1)))
    if wrong:
        raise WrongUsage(
            f"score has {wrong} values outside 0 to 1: give the calibrated probability (missing for a pupil "
            "who was not assessed), or no score for a list made by a rule."
        )
    return score
