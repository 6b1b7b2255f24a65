"""A share by half term for a few pupils, from the cells that features are made of: what a page can draw."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence

import narwhals as nw
import pyarrow as pa

from earlywarning.dataset.cells import cells
from earlywarning.dataset.history import History
from earlywarning.features.declare import Family
from earlywarning.school_calendar import HalfTerm, half_terms

SHOWN = 6
Shares = tuple[tuple[str, float | None], ...]


def by_half_term(
    history: History, family: Family, pupils: Sequence[str], part: str, whole: str
) -> list[Shares]:
    """For each of ``pupils`` the share ``part`` of ``whole``, two of the family's measures, oldest first.

    As known on the last cut, in the half terms begun by then: at most :data:`SHOWN`, a year of them. ``None``
    where there is no ``whole``, which is not 0.
    """
    cut = history.calendar.as_of_dates[-1]
    halves = half_terms(history.engine.collect(history.tables["terms"]))
    starts = [half.start_date for half in halves]
    begun = range(len(halves))[: bisect_right(starts, cut)][-SHOWN:]
    names = sorted(set(pupils))
    asked = pa.table(
        {"pupil_id": pa.array(names, pa.string()), "pupil": pa.array(range(len(names)), pa.int64())}
    )
    made = (
        cells(history, family, history.engine.from_arrow(asked))
        .filter(nw.col("segment") >= min(starts[n].toordinal() for n in begun))
        .group_by("pupil", "segment")  # added up where the cells are: what comes home is a line a half term
        .agg(nw.col(part).sum(), nw.col(whole).sum())
    )
    sums: dict[tuple[str, int], tuple[float, float]] = {}
    for number, segment, some, all_ in history.engine.collect(made).itertuples(index=False):
        place = (names[int(number)], bisect_right(starts, dt.date.fromordinal(int(segment))) - 1)
        before = sums.get(place, (0.0, 0.0))
        sums[place] = (before[0] + some, before[1] + all_)
    labels = _labels(halves)
    return [tuple((labels[n], _share(*sums.get((pupil, n), (0.0, 0.0)))) for n in begun) for pupil in pupils]


def _labels(halves: Sequence[HalfTerm]) -> list[str]:
    """What people call each half term: "autumn 2, 2025/26"."""
    terms = [(half.term, half.academic_year) for half in halves]
    return [
        f"{term} {terms[: number + 1].count((term, year))}, {year}"
        for number, (term, year) in enumerate(terms)
    ]


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
