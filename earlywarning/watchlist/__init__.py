"""Who to talk about this term: the list, its bands, and the folder that a panel receives."""

from earlywarning.watchlist.bands import banded, kept
from earlywarning.watchlist.context import context_rows
from earlywarning.watchlist.evidence import Evidence, Measure, Provenance, Trial
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.keys import panel_refs, score_keys
from earlywarning.watchlist.rank import draw, refitted, reordered
from earlywarning.watchlist.rows import (
    Area,
    ContextRow,
    ExclusionInProgress,
    Left,
    ListedPupil,
    NotAssessed,
    Placement,
    Shown,
    SinceLast,
    Trend,
)

__all__ = [
    "Area",
    "ContextRow",
    "Evidence",
    "ExclusionInProgress",
    "Issue",
    "Left",
    "ListedPupil",
    "Measure",
    "NotAssessed",
    "Placement",
    "Provenance",
    "Shown",
    "SinceLast",
    "Trend",
    "Trial",
    "banded",
    "context_rows",
    "draw",
    "kept",
    "panel_refs",
    "refitted",
    "reordered",
    "score_keys",
]
