"""Train on earlier periods, test on a later one, with a gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.errors import GateRefused
from earlywarning.studies.declare import Study


@dataclass(frozen=True)
class Fold:
    """Which rows train and which are tested, as boolean masks of shape (n_rows,)."""

    test_period: str
    train: np.ndarray
    test: np.ndarray


def temporal_folds(study: Study, data: Dataset) -> list[Fold]:
    """One fold a test period: trained on every earlier label that had matured before the test began.

    The first ``study.burn_in`` periods only feed look-backs, and the next can only be trained on. Pupils with
    a permanent exclusion in progress are in neither part.

    Raises:
        GateRefused: too few mature periods to train on one and test on another.
    """
    rows = data.rows
    periods = _mature_periods(rows)
    usable = periods[study.burn_in :]
    asked = study.test_periods
    wanted = asked if isinstance(asked, tuple) else tuple(usable[1:][-asked:])
    folds = [_fold(study, data, usable, period) for period in wanted]
    if not folds or not all(fold.train.any() for fold in folds):
        raise GateRefused(
            f"study '{study.name}': {len(periods)} period(s) have matured labels "
            f"({', '.join(periods) or 'none'}); {study.burn_in} for look-backs, 1 to train and 1 to test are "
            "needed. Add earlier years to the extracts."
        )
    return folds


def trainable(study: Study, data: Dataset) -> np.ndarray:
    """Rows of every mature period after the burn-in with a known outcome: what ships is refitted on these."""
    usable = _mature_periods(data.rows)[study.burn_in :]
    mature = data.rows["period"].isin(usable) & ~data.rows["in_progress"].astype(bool)
    return np.asarray(mature & data.known)


def _mature_periods(rows: pd.DataFrame) -> list[str]:
    """Periods without an immature label, in order of time."""
    immature = rows["state"].eq("immature").groupby(rows["period"]).any()
    start = rows["panel_date"].groupby(rows["period"]).min()
    return [str(period) for period in start.sort_values(kind="stable").index if not immature[period]]


def _fold(study: Study, data: Dataset, usable: list[str], period: str) -> Fold:
    rows = data.rows
    shown = ~rows["in_progress"].to_numpy(dtype=bool)
    test = rows["period"].eq(period).to_numpy() & shown
    begins = rows.loc[test, "train_before"].min()
    earlier = rows["period"].isin(usable) & (rows["matures_on"] < begins)
    train = earlier.to_numpy() & ~test & data.known & shown
    if study.unseen_only:
        pupils = rows.index.get_level_values("pupil_id")
        test &= ~pupils.isin(pupils[train].unique())
    return Fold(period, train, test)
