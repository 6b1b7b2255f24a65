"""One term's issue as a frozen value: all that the panel's files say, and nothing that names a pupil."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeVar

import pandas as pd

from earlywarning.explain.reasons import PupilReasons

Band = Literal["discuss first", "also consider"]
BANDS: tuple[Band, ...] = ("discuss first", "also consider")
SCORE_COLUMNS = ("score_key", "area", "as_of_date", "probability", "margin", "band", "listed")


@dataclass(frozen=True)
class Area:
    """One panel's area: ``capacity`` places on its list, ``on_roll`` pupils in the cohort on the day."""

    code: str
    name: str
    capacity: int
    on_roll: int


@dataclass(frozen=True)
class ListedPupil:
    """One pupil to talk about. ``area`` is a code, ``group`` what people call it ("Year 9").

    ``in_place`` is support and services already there, ``facts`` what else the panel should have before it
    (a suspension still open), each in finished words; ``data_to`` is the last day received of each feed.
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
class ContextRow:
    """Counts for one school or one year group of an area.

    ``suspended`` pupils of ``visible`` had a suspension in the last three terms; ``visible`` are those for
    whom that could be seen at all.
    """

    area: str
    kind: Literal["School", "Year group"]
    name: str
    on_roll: int
    assessed: int
    visible: int
    suspended: int
    listed: int


@dataclass(frozen=True)
class Measure:
    """A share from 0 to 1, or ``None`` where it is undefined.

    ``interval`` is a 95% interval; ``bounds`` are the share if none, and if all, of the pupils whose
    outcome is not known had had the outcome.
    """

    value: float | None
    interval: tuple[float, float] | None = None
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True)
class Trial:
    """How a way of making the list did on the test lists: ``precision`` and ``recall`` at capacity."""

    name: str
    sentence: str
    precision: Measure
    recall: Measure


@dataclass(frozen=True)
class Evidence:
    """How good the list was when it was tested on terms it had not seen.

    ``by`` says until when the outcome was looked for ("before the end of term"). ``pupils`` counts a
    pupil once a list, ``events`` those of them with the outcome. ``winner`` made this issue; ``beside`` is
    the best simple rule when the model made it, and the model when a rule did. ``model_won`` the test;
    ``standing`` says whether a model was promoted, without which a rule makes it.
    """

    tested_on: str
    outcome: str
    by: str
    pupils: int
    events: int
    winner: Trial
    beside: Trial | None
    model_won: bool
    standing: str


@dataclass(frozen=True)
class Provenance:
    """What an issue was made with; enough to find it again and to make it again."""

    model_name: str
    model_version: str
    model_hash: str
    data_hash: str
    software: str


@dataclass(frozen=True)
class Issue:
    """Everything the files of one issue say. Reading it in a traceback shows counts, never a pupil.

    What happens is looked for from ``opens``, the panel's meeting or later, to ``horizon_end``. ``notes`` are
    what else a reader must know of this list, ``sharing`` to whom it may be passed on.
    ``inputs`` are the themes used with a description of each input, ``scores`` one row for every pupil
    assessed (columns ``SCORE_COLUMNS``; keys of no use for joining to the panel's files). Raises
    ``ValueError`` when its parts do not agree with each other.
    """

    study: str
    term: str
    as_of_date: dt.date
    panel_date: dt.date
    horizon_end: dt.date
    labels_mature_on: dt.date
    extracted_on: dt.date
    destroy_after: dt.date
    opens: dt.date
    notes: tuple[str, ...]
    sharing: str
    synthetic: bool
    winner: str
    evidence: Evidence
    areas: tuple[Area, ...]
    inputs: Mapping[str, tuple[str, ...]]
    provenance: Provenance
    contact: str
    marking: str
    pupils: tuple[ListedPupil, ...] = field(repr=False)
    not_assessed: tuple[NotAssessed, ...] = field(repr=False)
    in_progress: tuple[ExclusionInProgress, ...] = field(repr=False)
    context: tuple[ContextRow, ...] = field(repr=False)
    scores: pd.DataFrame = field(repr=False, compare=False)

    def __post_init__(self) -> None:
        """Nothing; raises ``ValueError`` when the parts do not agree."""
        _agree(self)

    @property
    def name(self) -> str:
        """The folder's name: ``<study>-<as_of_date>``."""
        return f"{self.study}-{self.as_of_date.isoformat()}"

    @property
    def title(self) -> str:
        """What the issue is called on its pages."""
        return f"Pupils to talk about: {self.term}"

    def area_name(self, code: str) -> str:
        """The area as the panel says it."""
        return next(area.name for area in self.areas if area.code == code)

    def in_band(self, band: Band) -> tuple[ListedPupil, ...]:
        """The pupils of one band in the order of the pages: area, school, year, reference."""
        return self.in_order(pupil for pupil in self.pupils if pupil.band == band)

    def in_order(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Rows by area, school, year and reference. The reference is keyed, so order says nothing."""
        return tuple(
            sorted(rows, key=lambda row: (self.area_name(row.area), row.school, natural(row.group), row.ref))
        )

    def counts(self) -> dict[str, object]:
        """The counts that reconcile, by area: on roll = assessed + not assessed + in progress."""
        return {area.code: self._counts(area) for area in self.areas}

    def _counts(self, area: Area) -> dict[str, object]:
        listed = Counter(pupil.band for pupil in self.pupils if pupil.area == area.code)
        why = Counter(row.why for row in self.not_assessed if row.area == area.code)
        return {
            "name": area.name,
            "capacity": area.capacity,
            "on_roll": area.on_roll,
            "assessed": int((self.scores["area"] == area.code).sum()),
            "not_assessed": dict(sorted(why.items())),
            "permanent_exclusions_in_progress": sum(row.area == area.code for row in self.in_progress),
            "listed": {band: listed[band] for band in BANDS},
        }


def natural(text: str) -> str:
    """What to sort by so that Year 10 comes after Year 9.

    >>> sorted(["Year 10", "Year 9"], key=natural)
    ['Year 9', 'Year 10']
    """
    return re.sub(r"\d+", lambda digits: digits[0].zfill(6), text)


class _Placed(Protocol):
    @property
    def ref(self) -> str: ...
    @property
    def area(self) -> str: ...
    @property
    def school(self) -> str: ...
    @property
    def group(self) -> str: ...


Row = TypeVar("Row", bound=_Placed)


def _agree(issue: Issue) -> None:
    """Nothing; raises ``ValueError`` naming the parts of an issue that contradict each other."""
    if list(issue.scores.columns) != list(SCORE_COLUMNS):
        raise ValueError(f"scores must have the columns {', '.join(SCORE_COLUMNS)}, in this order")
    rows: list[_Placed] = [*issue.pupils, *issue.not_assessed, *issue.in_progress]
    if len({row.ref for row in rows}) != len(rows):
        raise ValueError("two rows of the issue share a reference")
    if strange := {row.area for row in rows} - {area.code for area in issue.areas}:
        raise ValueError(f"rows lie in {len(strange)} areas that the issue does not cover")
    for area in issue.areas:
        scored = issue.scores[issue.scores["area"] == area.code]
        listed = sum(pupil.area == area.code for pupil in issue.pupils)
        apart = sum(row.area == area.code for row in rows) - listed
        if len(scored) + apart != area.on_roll:
            raise ValueError(
                f"area {area.code}: {area.on_roll} on roll, but {len(scored)} assessed and {apart} set apart"
            )
        if listed != int(scored["listed"].sum()) or listed > area.capacity:
            raise ValueError(
                f"area {area.code}: {listed} pupils listed, {int(scored['listed'].sum())} listed in scores, "
                f"capacity {area.capacity}"
            )
