"""What a check is: a frozen value with a stable code, what it looks for, why, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import pandas as pd

from earlywarning.errors import WrongUsage

Status: TypeAlias = Literal["passed", "failed", "not_applicable"]

ROW_COLUMNS = ("state", "panel_date", "matures_on", "train_before")


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows a model is trained or tested on: three frames of one index (pupil_id, as_of_date).

    ``X`` holds the features, ``y`` whether the event came, ``about`` at least :data:`ROW_COLUMNS`. Only
    rows whose outcome is known belong here: what censored rows became nobody can check.
    """

    X: pd.DataFrame
    y: pd.Series[Any]
    about: pd.DataFrame

    def __post_init__(self) -> None:
        """Refuse rows that lack what the checks look at."""
        missing = [name for name in ROW_COLUMNS if name not in self.about.columns]
        if missing:
            raise WrongUsage(f"checks need the columns {', '.join(missing)} in about, beside each row of X.")
        if not (self.X.index.equals(self.y.index) and self.X.index.equals(self.about.index)):
            raise WrongUsage("checks need X, y and about on one index (pupil_id, as_of_date), in one order.")

    @property
    def pupils(self) -> pd.Index[Any]:
        """The pupil of each row, shape (n_rows,)."""
        return self.X.index.get_level_values(0)

    @property
    def as_of(self) -> pd.Series[Any]:
        """The as_of_date of each row, on the rows' own index."""
        return pd.Series(self.X.index.get_level_values(1), index=self.X.index)


@dataclass(frozen=True, eq=False)
class CheckContext:
    """What the checks may look at: the rows of training and of the test, and what the canary found.

    ``test`` is None for a refit on all years, which has none. ``canary`` holds at least ``mean`` (AUROC on
    permuted labels) and ``standard_error``. ``extracted_on`` is the day the extract was taken.
    """

    train: Rows
    test: Rows | None
    extracted_on: dt.date
    canary: Mapping[str, Any] | None = None
    min_events_train: int = 50
    min_events_test: int = 20

    @property
    def parts(self) -> dict[str, Rows]:
        """The rows by name, "training" first, and "test" where there is one."""
        return {"training": self.train} | ({} if self.test is None else {"test": self.test})


@dataclass(frozen=True)
class Finding:
    """What one run of a check found; ``detail`` holds counts and column names, never a pupil."""

    status: Status
    detail: str


def judge(faults: list[str], otherwise: str) -> Finding:
    """A failed finding that lists the faults, or a passed one that says ``otherwise``."""
    return Finding("failed", "; ".join(faults)) if faults else Finding("passed", otherwise)


@dataclass(frozen=True)
class Check:
    """One gate: ``code`` never changes once published; ``run`` looks and never alters anything."""

    code: str
    title: str
    looks_for: str
    why: str
    to_do: str
    run: Callable[[CheckContext], Finding]


@dataclass(frozen=True)
class CheckResult:
    """What one check said of one run. Not applicable is not passed."""

    code: str
    title: str
    status: Status
    detail: str
    to_do: str

    def to_dict(self) -> dict[str, str]:
        """The result as plain values, ready for JSON."""
        return asdict(self)
