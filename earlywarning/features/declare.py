"""What a feature is: a frozen value with its expression, its meaning and its sentence side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import narwhals as nw


@dataclass(frozen=True)
class Feature:
    """One column of the model's input.

    ``value`` is an expression over the family's measures. ``reason`` is the sentence a professional reads: a
    template over the family's measures and features, so that every pupil's sentence holds that pupil's own
    facts; "" for a feature that has no sentence of its own (its share joins "other context"). ``direction``
    is +1 or -1 where more of it can only be read as more or less need, else 0. ``off`` says why the feature
    is no input unless the policy file records a reason for it, which is then its ``recorded``; "" for one
    that is. What the features of a family share is said once:
    ``feature = partial(Feature, theme="attendance", direction=+1)``.
    """

    name: str
    value: nw.Expr
    unit: str
    description: str
    reason: str = ""
    theme: str = field(kw_only=True)
    direction: int = field(default=0, kw_only=True)
    off: str = field(default="", kw_only=True)
    recorded: str = field(default="", kw_only=True)

    @property
    def used(self) -> bool:
        """Whether it is an input: never off, or switched on with a reason that was recorded."""
        return not self.off or bool(self.recorded)

    @property
    def lookback(self) -> str:
        """How far back it looks: what its name ends with."""
        return self.name.rpartition("_")[2]


@dataclass(frozen=True)
class SeenThrough:
    """Where visibility comes from: ``feed`` in coverage, sent by the ``source`` column of ``located_by``."""

    feed: str
    located_by: str
    source: str


AT_SCHOOL = ("enrolments", "school_id")
AT_HOME = ("residence", "home_la")
VISIBILITY = "1 where visible"
"""The unit of a feature that says whether anything could be seen: it is never missing itself."""


CONTACTS = frozenset({"services", "sen"})
"""Tables of what is already in place: shown as that, and never held against a pupil."""


@dataclass(frozen=True)
class Family:
    """Features that come from one table. A measure is an expression for each row of it.

    Events (summed within each look-back):

    * ``measures``: ``<measure>_<lookback>``, the sum. ``by``: the columns that all expressions are made from,
      where few different values stand in very many rows; rows alike in them are then put together first.
    * ``weeks``: ``weeks_<name>_<lookback>``, the school weeks with at least one row that meets a condition.
    * ``latest``: ``days_since_<name>_<lookback>``, days from the last row that meets a condition; missing
      where there is none.
    * ``elsewhere``: measures summed also over schools other than today's, ``<measure>_elsewhere_<lookback>``.

    Spells (the largest over a pupil's spells begun by the day, named as in ``measures``) and the derived
    table ``stays`` (one row a school, summed): expressions may use ``open``; ``until`` (last day as known,
    today while open); ``as_of_day``, ``start_day`` and so on (each date as a day number); ``school_id_now``,
    ``area_now`` and ``group_now`` (where the pupil is today); ``from_<lookback>``.

    ``seen`` says what makes the family visible. A visible pupil without rows has 0; a pupil who is not
    visible has missing values and the sentence ``not_visible``; ``seen_<family>`` is 1 or 0. Without ``seen``
    only a row makes a value. A measure of spells is seen through the look-back its name ends with, else the
    first in ``lookbacks``. ``needs`` names the columns a source may leave out, and the measures that are then
    not available.
    """

    name: str
    table: str
    measures: Mapping[str, nw.Expr]
    features: tuple[Feature, ...]
    lookbacks: tuple[str, ...] = ()
    not_visible: str = ""
    seen: SeenThrough | None = None
    by: tuple[str, ...] = ()
    weeks: Mapping[str, nw.Expr] = field(default_factory=dict)
    latest: Mapping[str, nw.Expr] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a sentence about a contact; its share joins "other context".

        Raises:
            ValueError: a feature made of a table of contacts has a reason.
        """
        spoken = [feature.name for feature in self.features if feature.reason]
        if self.table in CONTACTS and spoken:
            raise ValueError(
                f"family '{self.name}' reads contacts ('{self.table}'), which are never a reason: leave the "
                f"reason of {', '.join(spoken)} empty"
            )

    @property
    def inputs(self) -> tuple[Feature, ...]:
        """The features that are inputs."""
        return tuple(feature for feature in self.features if feature.used)

    def recording(self, reasons: Mapping[str, str]) -> Family:
        """The family with the features on that are off and have a reason here, and no other of them.

        ``reasons`` are the policy file's, by the feature's name: :func:`earlywarning.inputs.permitted`.
        """
        told = tuple(replace(f, recorded=reasons.get(f.name, "") if f.off else "") for f in self.features)
        return replace(self, features=told)


HERE = nw.col("school_id") == nw.col("school_id_now")
"""A spell or stay at the school where the pupil is today."""
RECENT = MappingProxyType(
    {"1ht": "this half term", "1t": "in the last two half terms", "3t": "in the last three terms"}
)
"""Look-backs as they are said."""


def now_and_before(measure: str, noun: str, lookback: str) -> str:
    """A template's count of ``measure`` in a look-back, and what it was before (in a year: of late).

    What stands in brackets is left out for a pupil of whom it is not known.

    >>> now_and_before("spells", "suspension", "1ht")
    '{spells_1ht:suspension} this half term[; {spells_1ht_before:none} the half term before]'
    """
    others = {
        "1ht": f"[; {{{measure}_1ht_before:none}} the half term before]",
        "1t": f"[; {{{measure}_1t_before:none}} in the four before]",
        "3t": f"[; {{{measure}_1ht:none}} of the {{{measure}_3t:n}} this half term]",
    }
    return f"{{{measure}_{lookback}:{noun}}} {RECENT[lookback]}{others[lookback]}"


def rate(part: str, whole: str) -> nw.Expr:
    """``part / whole``, missing where ``whole`` is 0 or missing."""
    return nw.when(nw.col(whole) > 0).then(nw.col(part) / nw.col(whole))


def count(condition: nw.Expr) -> nw.Expr:
    """1 for each row where ``condition`` holds, else 0."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0))


def amount(value: nw.Expr, condition: nw.Expr) -> nw.Expr:
    """``value`` for each row where ``condition`` holds, else 0."""
    return nw.when(condition).then(value).otherwise(nw.lit(0))


def flag(condition: nw.Expr, known: nw.Expr) -> nw.Expr:
    """1 where ``condition`` holds and 0 where it does not, missing unless ``known``."""
    return nw.when(known).then(count(condition))


def above(least: float, value: nw.Expr) -> nw.Expr:
    """1 where ``value`` is at least ``least``, 0 where it is less, missing where it is missing."""
    return flag(value >= least, ~value.is_null())


def during(lookback: str) -> nw.Expr:
    """Whether a spell or stay lasted into ``lookback``."""
    return nw.col("until") >= nw.col(f"from_{lookback}")


def against_year_group(measure: str) -> nw.Expr:
    """``measure`` over its mean among the pupils of the same school and year group on the same day.

    Schools record and award points each in their own way: only classmates can be compared.
    """
    usual = nw.col(measure).mean().over("as_of_date", "school_id", "group")
    return nw.when(usual > 0).then(nw.col(measure) / usual).otherwise(nw.col(measure))
