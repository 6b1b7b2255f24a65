"""The aggregate briefing: what is common where, in counts from which nobody can be worked out."""

from __future__ import annotations

from dataclasses import dataclass

from earlywarning.explain.phrases import say
from earlywarning.watchlist.context import GROUP, SCHOOL
from earlywarning.watchlist.issue import Issue

FEWEST = 10
"""A count below this is not told; every other is told to the nearest multiple of it."""
FEWER = f"fewer than {FEWEST}"


@dataclass(frozen=True)
class Counts:
    """One table of the briefing: a caption, headings, and rows of texts that are safe to pass on."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def briefing(issue: Issue) -> tuple[Counts, ...]:
    """Every table: what happened in the last terms, then year groups, phases, wards and the move to Year 7.

    Schools are left out: a school is few pupils, and a list of schools is a league table.
    """
    kinds = [kind for kind in dict.fromkeys(row.kind for row in issue.context) if kind != SCHOOL]
    return (*_trends(issue), *[_context(issue, kind) for kind in sorted(kinds, key=lambda k: k != GROUP)])


def coarse(count: int) -> str:
    """A count as it may be passed on: rounded, and never a small one.

    Each is rounded by itself and no total is told, so that no count can be worked out from the others.

    >>> coarse(0), coarse(9), coarse(14), coarse(1_236)
    ('fewer than 10', 'fewer than 10', '10', '1,240')
    """
    if count < FEWEST:
        return FEWER
    return say(FEWEST * ((count + FEWEST // 2) // FEWEST))


def _trends(issue: Issue) -> tuple[Counts, ...]:
    rows = tuple(
        (
            issue.area_name(row.area),
            f"{row.term} so far" if row.so_far else row.term,
            coarse(row.pupils),
            coarse(row.suspensions),
        )
        for row in issue.trends
    )
    headings = ("Area", "Term", "Pupils suspended", "Suspensions")
    return (Counts("Suspensions by term, as known now", headings, rows),) if rows else ()


def _context(issue: Issue, kind: str) -> Counts:
    rows = tuple(
        (
            issue.area_name(row.area),
            row.name,
            coarse(row.on_roll),
            coarse(row.suspended) if row.visible else "not visible",
        )
        for row in issue.context
        if row.kind == kind
    )
    return Counts(kind, ("Area", kind, "On roll", "Suspended in the last three terms"), rows)
