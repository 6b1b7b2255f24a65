"""Who to talk about this term: the list, its bands, and the folder that a panel receives."""

from earlywarning.watchlist.bands import banded, kept
from earlywarning.watchlist.context import context_rows
from earlywarning.watchlist.issue import (
    Area,
    ContextRow,
    Evidence,
    ExclusionInProgress,
    Issue,
    ListedPupil,
    Measure,
    NotAssessed,
    Provenance,
    Trial,
)
from earlywarning.watchlist.keys import panel_refs, score_keys
from earlywarning.watchlist.rank import draw, refitted, reordered

__all__ = [
    "Area",
    "ContextRow",
    "Evidence",
    "ExclusionInProgress",
    "Issue",
    "ListedPupil",
    "Measure",
    "NotAssessed",
    "Provenance",
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
