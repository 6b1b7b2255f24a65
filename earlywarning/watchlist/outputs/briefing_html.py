"""briefing.html: the counts of the issue without a pupil, a school or a list."""

from __future__ import annotations

from pathlib import Path

from earlywarning.files import write_whole
from earlywarning.watchlist.briefing import FEWER, FEWEST, briefing
from earlywarning.watchlist.cover import INVENTED
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.outputs.page import rendered


def write(issue: Issue, path: Path) -> None:
    """Nothing; writes the page to ``path``, the same bytes for the same issue."""
    page = rendered(
        "briefing.html.jinja",
        "panel.css",
        foot=f"OFFICIAL{' · INVENTED DATA' if issue.synthetic else ''}",
        issue=issue,
        invented=INVENTED,
        tables=briefing(issue),
        fewer=FEWER,
        fewest=FEWEST,
    )
    write_whole(path, page.encode())
