"""The files of an issue: one format a module, listed here by file name.

To add an output, write one module with ``write(issue, path)`` and one line in :data:`OUTPUTS`. The manifest
comes last: it holds the hashes of the files before it.
"""

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.outputs import (
    briefing_html,
    listing_parquet,
    manifest_json,
    panel_html,
    panel_xlsx,
    scores_parquet,
)

Writer = Callable[[Issue, Path], None]

OUTPUTS: MappingProxyType[str, Writer] = MappingProxyType(
    {
        "panel.xlsx": panel_xlsx.write,
        "panel.html": panel_html.write,
        "briefing.html": briefing_html.write,
        "scores.parquet": scores_parquet.write,
        "listing.parquet": listing_parquet.write,
        "manifest.json": manifest_json.write,
    }
)

__all__ = ["OUTPUTS", "Writer"]
