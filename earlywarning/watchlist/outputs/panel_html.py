"""panel.html: the same issue as one page to read, search and print, one sheet a pupil."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from earlywarning.explain.phrases import say
from earlywarning.files import write_whole
from earlywarning.watchlist.cover import BAND_WORDS, INVENTED, basis, cover
from earlywarning.watchlist.issue import BANDS, Issue
from earlywarning.watchlist.printable import printable


def write(issue: Issue, path: Path) -> None:
    """Nothing; writes the page to ``path``, the same bytes for the same issue.

    The page holds its style and its one small script, asks the network for nothing (its content security
    policy forbids it) and can be read and printed with scripts switched off.
    """
    write_whole(path, render(issue).encode())


def render(issue: Issue) -> str:
    """The page as text."""
    style, script = _part("panel.css"), _part("panel.js")
    template = _ENVIRONMENT.from_string(_part("panel.html.jinja"))
    return template.render(
        issue=issue,
        invented=INVENTED,
        basis=basis(issue),
        sections=cover(issue),
        bands=[(band, BAND_WORDS[band], issue.in_band(band)) for band in BANDS],
        contexts=_contexts(issue),
        not_assessed=issue.in_order(issue.not_assessed),
        not_assessed_counts=_not_assessed_counts(issue),
        in_progress=issue.in_order(issue.in_progress),
        style=Markup(style),  # noqa: S704 - from the package, and named in the policy by its hash
        script=Markup(script),  # noqa: S704
        policy=(
            f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _contexts(issue: Issue) -> list[tuple[str, list[Any]]]:
    return [
        (f"{area.name}, by {kind.lower()}", rows)
        for area in issue.areas
        for kind in ("School", "Year group")
        if (rows := [row for row in issue.context if row.area == area.code and row.kind == kind])
    ]


def _not_assessed_counts(issue: Issue) -> list[tuple[str, str, str, int]]:
    counts = Counter((issue.area_name(row.area), row.school, row.why) for row in issue.not_assessed)
    return [(*key, count) for key, count in sorted(counts.items())]


def _part(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _finalize(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_finalize
)
_ENVIRONMENT.filters["say"] = say
