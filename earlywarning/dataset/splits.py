"""Train on earlier years, test on a later one, with a gap: one splitter, for a study and for scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.studies.declare import Study

KNOWN = ("event", "no_event")
NEEDED = ("period", "panel_date", "matures_on", "train_before", "state")
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Fold:
    """Which rows train and which are tested, as boolean masks of shape (n_rows,)."""

    test_period: str
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True, eq=False)
class AcademicYearSplit:
    """Folds by academic year: trained on every earlier label that had matured before the test year began.

    ``rows`` are those of a :class:`~earlywarning.dataset.assemble.Dataset`, one for each pupil and
    ``as_of_date``: ``period`` (the academic year), ``panel_date``, ``matures_on``, ``train_before`` and
    ``state``; optionally ``apart`` ("", or why a pupil is in neither part). ``test_periods`` are named, or
    the number of the latest mature ones. The first ``burn_in`` periods only feed look-backs.
    ``embargo_days`` are left between the day the last training label matured and the first test date.
    ``unseen_only`` leaves pupils met in training out of the test.

    Use it as ``cv=`` in scikit-learn with an ``X`` that has the index of ``rows`` or of some of them (see
    :meth:`split`):

    >>> dates = pd.to_datetime([f"{year}-12-31" for year in range(2020, 2024)])
    >>> rows = pd.DataFrame({"as_of_date": dates, "period": ["2020/21", "2021/22", "2022/23", "2023/24"]})
    >>> rows["panel_date"] = rows["as_of_date"] + pd.Timedelta(days=14)
    >>> rows["matures_on"], rows["train_before"] = rows["as_of_date"] + pd.Timedelta(days=130), dates
    >>> years = AcademicYearSplit(rows.assign(state="no_event"), test_periods=2)
    >>> [(train.tolist(), test.tolist()) for train, test in years.split(rows)]
    [([1], [2]), ([1, 2], [3])]
    """

    rows: pd.DataFrame = field(repr=False)
    test_periods: int | tuple[str, ...] = 1
    burn_in: int = 1
    embargo_days: int = 0
    unseen_only: bool = False

    def __post_init__(self) -> None:
        """Refuse rows that do not say when they may train.

        Raises:
            WrongUsage: a column is missing, a row stands twice, or a number is out of bounds.
        """
        if missing := [name for name in NEEDED if name not in self.rows]:
            raise WrongUsage(
                f"rows have no column {', '.join(missing)}; needed are {', '.join(NEEDED)}. "
                "Pass Dataset.rows."
            )
        if not self.rows.index.is_unique:
            raise WrongUsage("rows hold a pupil and date more than once. Pass Dataset.rows as it is.")
        tests = self.test_periods if isinstance(self.test_periods, int) else len(self.test_periods)
        if self.burn_in < 0 or self.embargo_days < 0 or tests < 1:
            raise WrongUsage("burn_in and embargo_days are 0 or more, and test_periods at least 1.")

    def folds(self) -> list[Fold]:
        """One fold a test period; everyone on roll is tested, whether or not the outcome is known.

        Raises:
            GateRefused: too few mature periods to train on one and test on another, or one that was named is
                not among them.
        """
        usable, wanted = mature_periods(self.rows)[self.burn_in :], self.test_periods
        if not isinstance(wanted, int) and (immature := [name for name in wanted if name not in usable]):
            raise GateRefused(
                f"{', '.join(immature)} cannot be tested on: the periods with matured labels, after "
                f"{self.burn_in} for look-backs, are {', '.join(usable) or 'none'}. Choose among them."
            )
        chosen = usable[-wanted:] if isinstance(wanted, int) else wanted
        folds = [self._fold(usable, period) for period in chosen]
        if isinstance(wanted, int):  # where nothing had matured before a period began, later ones are tested
            folds = [fold for fold in folds if fold.train.any()]
        if not folds or not all(fold.train.any() for fold in folds):
            raise GateRefused(self._too_few(1 if isinstance(wanted, int) else len(wanted)))
        return folds

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[tuple[Positions, Positions]]:
        """Positions in ``X`` of the training and the test rows of each fold, outcomes known.

        ``X`` is a frame with the index of ``rows``, or of some of them in any order; anything else of as many
        rows is taken to be in their order. ``y`` and ``groups`` decide nothing: states and dates are in
        ``rows``.

        Raises:
            WrongUsage: ``X`` has rows that ``rows`` do not know.
            GateRefused: too few mature periods.
        """
        del y, groups
        at, known = self._positions(X), self.rows["state"].isin(KNOWN).to_numpy()
        for fold in self.folds():
            yield np.flatnonzero(fold.train[at]), np.flatnonzero((fold.test & known)[at])

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """The number of folds; the arguments are scikit-learn's and decide nothing."""
        del X, y, groups
        return len(self.folds())

    def _positions(self, X: Any) -> Positions:
        index = getattr(X, "index", None)
        if isinstance(index, pd.Index) and index.nlevels == self.rows.index.nlevels:
            at = np.asarray(self.rows.index.get_indexer(index), dtype=np.intp)
            if strangers := int((at < 0).sum()):
                raise WrongUsage(
                    f"{strangers} rows of X are not among those of the splitter. Make both from one dataset: "
                    "data.X and data.rows."
                )
            return at
        size = int(np.shape(X)[0])
        if size != len(self.rows):
            raise WrongUsage(
                f"X has no index of pupils and dates, and {size} rows where the splitter has "
                f"{len(self.rows)}. Pass the frame data.X, or all of its rows in their order."
            )
        return np.arange(size, dtype=np.intp)

    def _fold(self, usable: list[str], period: str) -> Fold:
        rows = self.rows
        asked = ~_apart(rows)
        test = rows["period"].eq(period).to_numpy() & asked
        begins = rows.loc[test, "train_before"].min() - pd.Timedelta(days=self.embargo_days)
        earlier = rows["period"].isin(usable) & (rows["matures_on"] < begins)
        train = earlier.to_numpy() & ~test & rows["state"].isin(KNOWN).to_numpy() & asked
        if self.unseen_only:
            pupils = rows.index.get_level_values("pupil_id")
            test &= ~pupils.isin(pupils[train].unique())
        return Fold(period, train, test)

    def _too_few(self, tests: int) -> str:
        """What is there and what is needed, in a sentence."""
        have, between = mature_periods(self.rows), self._years_between()
        parts = [f"{self.burn_in} for look-backs", "1 to train", f"{tests} to test"]
        if between:
            parts.append(f"{between} between them, because a label takes that long to mature")
        needed = self.burn_in + 1 + tests + between
        return (
            f"{len(have)} period(s) have matured labels ({', '.join(have) or 'none'}); needed are "
            f"{needed}: {', '.join(parts)}. Add earlier years to the extracts."
        )

    def _years_between(self) -> int:
        """Periods that begin before the first label of the period before them has matured."""
        by_period = self.rows.groupby("period")
        begins = by_period["train_before"].min().sort_values()
        apart = begins.diff().dt.days.median() if len(begins) > 1 else 365.0
        ready = by_period["matures_on"].min() + pd.Timedelta(days=self.embargo_days)
        return max(int((ready - begins).dt.days.max() / apart), 0)


@dataclass(frozen=True, eq=False)
class LeaveSchoolsOut(AcademicYearSplit):
    """The same years, and in each fold only schools tested that no training row is of.

    Schools are dealt into ``n_groups`` of about as many rows, the same at every call; each year is tested
    once for each group that has anybody in it. ``rows`` need a ``school_id``.
    """

    n_groups: int = 5

    def __post_init__(self) -> None:
        """Refuse fewer schools than groups.

        Raises:
            WrongUsage: as for the years, or there are too few schools.
        """
        super().__post_init__()
        schools = self.rows["school_id"].nunique() if "school_id" in self.rows else 0
        if not 2 <= self.n_groups <= schools:
            raise WrongUsage(
                f"rows are of {schools} school(s), to be dealt into {self.n_groups} groups: at least 2 are "
                "needed, each of a school or more. Check column 'school_id', or choose fewer groups."
            )

    def folds(self) -> list[Fold]:
        """One fold a test period and group of schools.

        Raises:
            GateRefused: too few mature periods.
        """
        group = self._groups()
        apart = [
            Fold(fold.test_period, fold.train & (group != number), fold.test & (group == number))
            for fold in super().folds()
            for number in range(self.n_groups)
        ]
        return [fold for fold in apart if fold.train.any() and fold.test.any()]

    def _groups(self) -> Positions:
        """The group of each row's school: the largest school left goes to the smallest group."""
        sizes = np.zeros(self.n_groups, dtype=int)
        dealt: dict[object, int] = {}
        counts = (
            self.rows["school_id"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
        )
        for school, size in counts.items():
            dealt[school] = int(sizes.argmin())
            sizes[dealt[school]] += size
        return np.asarray(self.rows["school_id"].map(dealt), dtype=np.intp)


def temporal_folds(study: Study, data: Dataset) -> list[Fold]:
    """The folds of ``data`` as ``study`` asks for them.

    Raises:
        GateRefused: too few mature periods to train on one and test on another.
    """
    try:
        return AcademicYearSplit(
            data.rows,
            test_periods=study.test_periods,
            burn_in=study.burn_in,
            unseen_only=study.unseen_only,
        ).folds()
    except GateRefused as refused:
        raise GateRefused(f"study '{study.name}': {refused}") from None


def trainable(study: Study, data: Dataset) -> np.ndarray:
    """Rows of every mature period after the burn-in with a known outcome: what ships is refitted on these."""
    usable = mature_periods(data.rows)[study.burn_in :]
    return np.asarray(data.rows["period"].isin(usable).to_numpy() & ~_apart(data.rows) & data.known)


def mature_periods(rows: pd.DataFrame) -> list[str]:
    """Periods without an immature label, in order of time."""
    immature = rows["state"].eq("immature").groupby(rows["period"]).any()
    start = rows["panel_date"].groupby(rows["period"]).min()
    return [str(period) for period in start.sort_values(kind="stable").index if not immature[period]]


def _apart(rows: pd.DataFrame) -> np.ndarray:
    if "apart" not in rows:
        return np.zeros(len(rows), dtype=bool)
    return rows["apart"].ne("").to_numpy(dtype=bool)
