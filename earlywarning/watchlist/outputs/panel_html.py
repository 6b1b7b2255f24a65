"""panel.html: the same issue as one page to read, search and print, one sheet a pupil."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from markupsafe import Markup

from earlywarning.drawing import spark
from earlywarning.explain.phrases import say
from earlywarning.files import write_whole
from earlywarning.watchlist.columns import SUPPORTED
from earlywarning.watchlist.cover import BAND_WORDS, INVENTED, basis, cover
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.notes import (
    HAND_OVER_NOTE,
    nominations_note,
    register_note,
    shown_note,
    since_note,
)
from earlywarning.watchlist.outputs.page import rendered
from earlywarning.watchlist.rows import BANDS, STILL, ListedPupil

SEVERE = 0.5
"""The share of sessions from which the DfE speaks of severe absence: the top of the small line."""


def write(issue: Issue, path: Path) -> None:
    """Nothing; writes the page to ``path``, the same bytes for the same issue.

    The page holds its style and its one small script, asks the network for nothing (its content security
    policy forbids it) and can be read and printed with scripts switched off.
    """
    write_whole(path, render(issue).encode())


def foot(marking: str, *, synthetic: bool) -> str:
    """What stands at the foot of each sheet of paper."""
    return f"{marking}{' · INVENTED DATA' if synthetic else ''}"


def render(issue: Issue) -> str:
    """The page as text."""
    return rendered(
        "panel.html.jinja",
        "panel.css",
        "panel.js",
        foot=foot(issue.marking, synthetic=issue.synthetic),
        issue=issue,
        invented=INVENTED,
        basis=basis(issue),
        sections=cover(issue),
        bands=[(band, BAND_WORDS[band], issue.in_band(band)) for band in BANDS],
        contexts=_contexts(issue),
        not_assessed=issue.in_order(issue.not_assessed),
        not_assessed_counts=_not_assessed_counts(issue),
        in_progress=issue.in_order(issue.in_progress),
        since_note=since_note(issue.since) if issue.since else "",
        nominations_note=nominations_note(issue),
        register_note=register_note(issue),
        shown_note=shown_note(issue),
        hand_over_note=HAND_OVER_NOTE,
        still=STILL,
        supported=SUPPORTED,
        absence_line=_absence_line,
        absence_words=_absence_words,
    )


def _contexts(issue: Issue) -> list[tuple[str, list[Any]]]:
    kinds = dict.fromkeys(row.kind for row in issue.context)
    return [
        (f"{area.name}, by {kind[:1].lower()}{kind[1:]}", rows)
        for area in issue.areas
        for kind in kinds
        if (rows := [row for row in issue.context if row.area == area.code and row.kind == kind])
    ]


def _not_assessed_counts(issue: Issue) -> list[tuple[str, str, str, int]]:
    counts = Counter((issue.area_name(row.area), row.school, row.why) for row in issue.not_assessed)
    return [(*key, count) for key, count in sorted(counts.items())]


def _absence_line(pupil: ListedPupil) -> Markup:
    """The pupil's absence as a small line, up to 50%: what is beyond lies at the top."""
    return Markup(spark([share for _, share in pupil.absence], SEVERE))  # noqa: S704 - numbers alone


def _absence_words(pupil: ListedPupil) -> str:
    told = "; ".join(
        f"{term}: {'not visible' if share is None else say(share, '%')}" for term, share in pupil.absence
    )
    return f"Share of sessions absent, oldest first. {told}."
