"""The rows that an issue's pages are made of: finished words and counts, nothing that names a pupil."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

from earlywarning.explain.reasons import PupilReasons

Band = Literal["discuss first", "also consider"]
BANDS: tuple[Band, ...] = ("discuss first", "also consider")
STILL = "Still on the list"
SCORE_COLUMNS = ("score_key", "area", "as_of_date", "probability", "margin", "band", "listed")


@dataclass(frozen=True)
class Area:
    """One panel's area: ``capacity`` places on its list, ``on_roll`` pupils in the cohort on the day.

    ``nominations`` places are kept beside the list for pupils whom professionals name; ``left_out`` counts
    pupils of whom no list may be made, by why.
    """

    code: str
    name: str
    capacity: int
    on_roll: int
    nominations: int = 10
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ListedPupil:
    """One pupil to talk about. ``area`` is a code, ``group`` what people call it ("Year 9").

    ``in_place`` is support and services already there, ``facts`` what else the panel should have before it
    (a suspension still open), each in finished words; ``data_to`` is the last day received of each feed.
    ``since_last`` says whether the pupil is new to the list, and why; "" where there is no list before.
    ``absence`` is the share of sessions absent in each half term, oldest first, ``None`` where not visible.
    """

    ref: str
    area: str
    school: str
    group: str
    band: Band
    reasons: PupilReasons
    in_place: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    data_to: Mapping[str, dt.date | None] = field(default_factory=dict)
    since_last: str = ""
    absence: tuple[tuple[str, float | None], ...] = ()


@dataclass(frozen=True)
class NotAssessed:
    """A pupil on roll about whom there was not enough information; ``why`` is plain words."""

    ref: str
    area: str
    school: str
    group: str
    why: str


@dataclass(frozen=True)
class ExclusionInProgress:
    """A permanent exclusion under way on the day, shown apart and not scored; ``stage`` is plain words."""

    ref: str
    area: str
    school: str
    group: str
    since: dt.date
    stage: str


@dataclass(frozen=True)
class Placement:
    """One placement on the register, made by ``school``; a pupil may have two.

    ``weeks`` are whole weeks out so far, ``review`` says when it is due or by how much it is overdue.
    ``instead`` says that the pupil stands here and not among those a list is drawn from.
    """

    ref: str
    area: str
    school: str
    group: str
    route: str
    setting: str
    since: dt.date
    weeks: int
    review: str
    instead: bool


@dataclass(frozen=True)
class Shown:
    """A pupil who is shown and not scored (Year 11 in the summer), with the facts that are known."""

    ref: str
    area: str
    school: str
    group: str
    facts: tuple[str, ...]
    in_place: tuple[str, ...]


@dataclass(frozen=True)
class Left:
    """A pupil of the last list who is still here and not on this one; ``why`` is plain words."""

    ref: str
    area: str
    school: str
    group: str
    why: str


@dataclass(frozen=True)
class SinceLast:
    """What became of the last list, cut on ``as_of_date``: who ``left`` it, and how many are not on roll now.

    ``gone`` are pupils who are on none of the rolls looked at, or of whom no list may be made any more.
    """

    as_of_date: dt.date
    left: tuple[Left, ...] = field(repr=False)
    gone: int
    model_changed: bool


@dataclass(frozen=True)
class Trend:
    """Suspensions in one term in one area, and the pupils who had one; ``so_far``: the term is not over."""

    area: str
    term: str
    so_far: bool
    pupils: int
    suspensions: int


@dataclass(frozen=True)
class ContextRow:
    """Counts for one school, one year group, one ward or the like of an area; ``kind`` says which.

    ``suspended`` pupils of ``visible`` had a suspension in the last three terms; ``visible`` are those for
    whom that could be seen at all.
    """

    area: str
    kind: str
    name: str
    on_roll: int
    assessed: int
    visible: int
    suspended: int
    listed: int


def natural(text: str) -> str:
    """What to sort by so that Year 10 comes after Year 9.

    >>> sorted(["Year 10", "Year 9"], key=natural)
    ['Year 9', 'Year 10']
    """
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), text)


class Placed(Protocol):
    """Any row about one pupil of one school."""

    @property
    def ref(self) -> str:
        """What stands for the pupil in this issue."""

    @property
    def area(self) -> str:
        """The code of the area."""

    @property
    def school(self) -> str:
        """What people call the school."""

    @property
    def group(self) -> str:
        """What people call the year group."""


Row = TypeVar("Row", bound=Placed)
