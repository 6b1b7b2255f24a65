"""One term's issue as a frozen value: all that the panel's files say, and nothing that names a pupil."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from earlywarning.watchlist.agree import check_agreement
from earlywarning.watchlist.evidence import Evidence, Provenance
from earlywarning.watchlist.rows import (
    BANDS,
    STILL,
    Area,
    Band,
    ContextRow,
    ExclusionInProgress,
    ListedPupil,
    NotAssessed,
    Placement,
    Row,
    Shown,
    SinceLast,
    Trend,
    natural,
)


@dataclass(frozen=True)
class Issue:
    """Everything the files of one issue say. Reading it in a traceback shows counts, never a pupil.

    What happens is looked for from ``opens``, the panel's meeting or later, to ``horizon_end``. ``notes`` are
    what else a reader must know of this list, ``sharing`` to whom it may be passed on, ``limits`` what else
    the list was held to, ``hand_over`` what the blank sheet for the next school asks.
    ``inputs`` are the themes used with a description of each input, ``scores`` one row for every pupil
    assessed (columns ``SCORE_COLUMNS``; keys of no use for joining to the panel's files). ``shown_of`` is how
    many there are of those ``shown``; ``objections_received``: the extract says who may not be listed.
    ``since`` is ``None`` for the first issue. Raises ``ValueError`` when its parts do not agree.
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
    register: tuple[Placement, ...] = field(default=(), repr=False)
    shown: tuple[Shown, ...] = field(default=(), repr=False)
    shown_of: int = 0
    since: SinceLast | None = None
    trends: tuple[Trend, ...] = ()
    limits: tuple[str, ...] = field(default=(), repr=False)
    hand_over: tuple[str, ...] = ()
    objections_received: bool = True

    def __post_init__(self) -> None:
        """Nothing; raises ``ValueError`` when the parts do not agree."""
        check_agreement(self)

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

    def placed_instead(self, area: str) -> set[str]:
        """References of the pupils of an area who are on the register and not among those listed from."""
        return {row.ref for row in self.register if row.instead and row.area == area}

    def where(self, placed: Placement) -> str:
        """Whether a pupil on the register is on the list as well, in plain words."""
        if placed.instead:
            return "No: here instead"
        return "Yes" if any(pupil.ref == placed.ref for pupil in self.pupils) else "No"

    def changes(self) -> dict[str, object] | None:
        """What changed since the last list in counts: last list = still + left + gone."""
        if self.since is None:
            return None
        said = Counter(pupil.since_last for pupil in self.pupils)
        still = said.pop(STILL, 0)
        return {
            "last_as_of_date": self.since.as_of_date.isoformat(),
            "model_changed": self.since.model_changed,
            "still": still,
            "new": dict(sorted(said.items())),
            "left": dict(sorted(Counter(row.why for row in self.since.left).items())),
            "gone": self.since.gone,
        }

    def why_not_counts(self) -> list[tuple[str, int]]:
        """How many were not assessed for each reason, the most frequent first."""
        counts = Counter(row.why for row in self.not_assessed)
        return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

    def counts(self) -> dict[str, object]:
        """The counts that reconcile, by area.

        On roll = assessed + not assessed + permanent exclusions in progress + on the register instead + left
        out.
        """
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
            "on_the_register_instead": len(self.placed_instead(area.code)),
            "left_out": dict(sorted(area.left_out.items())),
            "listed": {band: listed[band] for band in BANDS},
            "places_for_nominations": area.nominations,
            "placements": sum(row.area == area.code for row in self.register),
            "shown_not_scored": sum(row.area == area.code for row in self.shown),
        }
