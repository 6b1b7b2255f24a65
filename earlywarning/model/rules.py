"""The simple rules a model has to beat: flags, counts and rates that fit on the back of an envelope.

A rule is a frozen value. Some learn a number or a small table from the training rows first (a school's rate,
a high count); what they learn is plain JSON, so that a rule ships in a bundle as a model does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.model.arrays import FloatArray

State: TypeAlias = Mapping[str, Any]


def _nothing(_X: pd.DataFrame, _rows: pd.DataFrame, _y: npt.ArrayLike) -> State:
    return {}


@dataclass(frozen=True)
class Rule:
    """One rule: ``value(X, rows, state)`` scores each row, higher first, NaN where nothing is visible.

    ``looks_at`` names the features it reads, whose facts are a listed pupil's reasons; a study without them
    has to do without the rule. ``learn(X, rows, y)`` gives the ``state`` from the training rows.
    """

    name: str
    sentence: str
    looks_at: tuple[str, ...]
    value: Callable[[pd.DataFrame, pd.DataFrame, State], npt.ArrayLike]
    learn: Callable[[pd.DataFrame, pd.DataFrame, npt.ArrayLike], State] = _nothing

    kind: ClassVar[Literal["rule"]] = "rule"

    def fit(self, X: pd.DataFrame, rows: pd.DataFrame, y: npt.ArrayLike) -> FittedRule:
        """The rule with what it learnt from training rows: ``X``, ``rows`` and 0/1 ``y`` of one length."""
        return FittedRule(self, self.learn(X, rows, y))


@dataclass(frozen=True)
class FittedRule:
    """A rule ready to score, with what it learnt."""

    rule: Rule
    state: State = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.rule.name

    @property
    def sentence(self) -> str:
        """The rule in words."""
        return self.rule.sentence

    @property
    def looks_at(self) -> tuple[str, ...]:
        """The features whose facts are its reasons."""
        return self.rule.looks_at

    def score(self, X: pd.DataFrame, rows: pd.DataFrame) -> FloatArray:
        """A score for each row, higher first; NaN where not assessed or not visible: shape (n,)."""
        value = np.asarray(self.rule.value(X, rows, self.state), dtype=np.float64)
        return np.where(rows["why_not"].to_numpy() == "", value, np.nan)

    def probability(self, X: pd.DataFrame, rows: pd.DataFrame) -> None:
        """``None``: a rule ranks and estimates nothing."""


SUSPENSIONS = "suspensions_count_spells_3t"
SUSPENSIONS_LATELY = "suspensions_count_spells_1t"
ABSENCE = "attendance_absence_rate_3t"
NEGATIVE_EVENTS = "behaviour_negative_events_1t"

PERSISTENT_ABSENCE = 0.10
"""The DfE counts a pupil as persistently absent from 10% of sessions."""

MANY = 0.90
"""Negative events are many above this quantile of the training rows: schools record too differently for a
number from elsewhere."""

TYPICAL_ROWS = 30
"""A school's rate in a year group is drawn towards the overall rate as by this many typical pupils."""


def _any_suspension(X: pd.DataFrame, _rows: pd.DataFrame, _state: State) -> npt.ArrayLike:
    spells = X[SUSPENSIONS].to_numpy()
    return np.where(np.isnan(spells), np.nan, spells > 0)


def _number_of_suspensions(X: pd.DataFrame, _rows: pd.DataFrame, _state: State) -> npt.ArrayLike:
    return X[SUSPENSIONS].to_numpy()


def _list_a_term_ago(X: pd.DataFrame, _rows: pd.DataFrame, _state: State) -> npt.ArrayLike:
    """Suspensions in the record a term ago: those of a year of terms without the last two half terms.

    Last term's list is the list that the number of suspensions made then. Ranked by that number, a list of
    any length, in any area, holds those who were on it and are still on roll, then who was next in line.
    What it reads ends on the day of the last issue at Easter, before it in December, and up to a half term
    after it in September (docs/decisions/0014).
    """
    return np.asarray(X[SUSPENSIONS] - X[SUSPENSIONS_LATELY])


def _many_negative_events(X: pd.DataFrame, _rows: pd.DataFrame, _y: npt.ArrayLike) -> State:
    seen = X[NEGATIVE_EVENTS].dropna()
    return {"many": float(seen.quantile(MANY)) if len(seen) else None}


def _flags(X: pd.DataFrame, _rows: pd.DataFrame, state: State) -> npt.ArrayLike:
    absence, negative = X[ABSENCE].to_numpy(), X[NEGATIVE_EVENTS].to_numpy()
    many = np.inf if state["many"] is None else state["many"]
    raised = (absence >= PERSISTENT_ABSENCE).astype(float) + (negative > many)
    # A flag that cannot be seen is not raised; who has neither visible is not scored.
    return np.where(np.isnan(absence) & np.isnan(negative), np.nan, raised)


def _rates(_X: pd.DataFrame, rows: pd.DataFrame, y: npt.ArrayLike) -> State:
    event = pd.Series(np.asarray(y, dtype=np.float64), index=rows.index)
    overall = float(event.mean())
    cells = event.groupby([rows["school_id"], rows["group"]]).agg(["sum", "size"])
    shrunk = (cells["sum"] + TYPICAL_ROWS * overall) / (cells["size"] + TYPICAL_ROWS)
    schools, groups = (shrunk.index.get_level_values(level).astype(str) for level in (0, 1))
    rates: dict[str, dict[str, float]] = {}
    for school, group, rate in zip(schools, groups, shrunk, strict=True):
        rates.setdefault(school, {})[group] = float(rate)
    return {"overall": overall, "rates": rates}


def _school_and_group(_X: pd.DataFrame, rows: pd.DataFrame, state: State) -> npt.ArrayLike:
    rates, overall = state["rates"], state["overall"]
    cells = zip(rows["school_id"].astype(str), rows["group"].astype(str), strict=True)
    return [rates.get(school, {}).get(group, overall) for school, group in cells]


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule(
            name="any_suspension",
            sentence="any suspension in the last three terms",
            looks_at=(SUSPENSIONS,),
            value=_any_suspension,
        ),
        Rule(
            name="number_of_suspensions",
            sentence="the number of suspensions in the last three terms",
            looks_at=(SUSPENSIONS,),
            value=_number_of_suspensions,
        ),
        Rule(
            name="last_terms_list",
            sentence="last term's list: the number of suspensions up to a term ago",
            looks_at=(SUSPENSIONS, SUSPENSIONS_LATELY),
            value=_list_a_term_ago,
        ),
        Rule(
            name="attendance_behaviour_flags",
            sentence="flags for persistent absence and for many negative behaviour events",
            looks_at=(ABSENCE, NEGATIVE_EVENTS),
            value=_flags,
            learn=_many_negative_events,
        ),
        Rule(
            name="school_group_rate",
            sentence="how often it happened in the pupil's school and year group before",
            looks_at=(),
            value=_school_and_group,
            learn=_rates,
        ),
    )
}
