"""Cells that were added up before: read where they are kept, so that a new term reads its own rows only.

A part is a segment with the days between two marks on which rows became known. A late row lies in the part of
its own day and the day it was known, and so does the retraction of a correction: no other part changes. A row
that was changed in the extract without a retraction changes the part it lies in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import pandas as pd

from earlywarning.dataset.cells import cells, keys_of
from earlywarning.dataset.history import History, known_on
from earlywarning.dataset.kept import Kept, key_of
from earlywarning.dataset.spine import Spine
from earlywarning.engines import Frame
from earlywarning.features.declare import Family


@dataclass(frozen=True)
class Part:
    """Cells that are kept together, and the hash of what they are made of."""

    family: str
    segment: int
    known_at: int
    key: str

    @property
    def name(self) -> str:
        """First day of the segment, and last day on which its rows became known."""
        numbers = (self.segment, self.known_at)
        happened, known = (str(dt.date.fromordinal(n)) if n else "earlier" for n in numbers)
        return f"cells/{self.family}/{happened}-known-{known}"


def finished_cells(spine: Spine, family: Family) -> Frame:
    """What :func:`~earlywarning.dataset.cells.cells` gives of a family by ``pupil``, from what is kept.

    What is kept is of everybody: who is asked about changes from term to term.
    """
    history = spine.history
    parts = parts_of(history, family) if history.kept else []
    if history.kept is None or not parts:
        return cells(history, family, spine.pupils)
    kept = history.kept
    if missing := [part for part in parts if kept.find(part.name, part.key) is None]:
        _add_up(history, family, kept, missing)
    found = history.engine.scan(*[kept.path(part.name) for part in parts])
    return found.join(spine.pupils, on="pupil_id").drop("pupil_id")


def parts_of(history: History, family: Family) -> list[Part]:
    """The parts of a family's cells that its look-backs reach, in order."""
    lookups = history.lookups
    reached = set(lookups.windows(family.lookbacks)["segment"])
    made_of = [family.measures, family.weeks, family.latest, family.elsewhere, family.by]
    told = known_on(history.digests(family.table), history.calendar.as_of_dates[-1])
    segment = {day: lookups.segment_of(day.date()) for day in told["day"].unique()}
    known_at = {day: lookups.known_at(day.date()) for day in told["known_from"].unique()}
    found: dict[tuple[int, int], list[int]] = {}
    marks = pd.util.hash_pandas_object(told, index=False).tolist()  # of the day too
    for day, known_from, mark in zip(told["day"], told["known_from"], marks, strict=True):
        if segment[day] in reached:
            found.setdefault((segment[day], known_at[known_from]), []).append(mark)
    always = [history.engine.name, *[repr(part) for part in made_of]]
    return [Part(family.name, *place, key_of(*always, sorted(found[place]))) for place in sorted(found)]


def _add_up(history: History, family: Family, kept: Kept, missing: Sequence[Part]) -> None:
    """Add up the parts that are missing in one reading of the events, and keep each."""
    engine, keys = history.engine, keys_of(family)
    only = pd.DataFrame(
        {"segment": [part.segment for part in missing], "known_at": [part.known_at for part in missing]}
    )
    made = engine.keep(cells(history, family, only=only))
    for segment in sorted({part.segment for part in missing}):  # one by one: memory for one segment's cells
        rows = engine.collect(made.filter(nw.col("segment") == nw.lit(segment)), sort_by=keys)
        for part in missing:
            if part.segment == segment:
                kept.write(part.name, part.key, rows[rows["known_at"] == part.known_at], keys)
