"""manifest.json: what is in the folder, what it was made from, and hashes of both."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from earlywarning.files import write_whole
from earlywarning.watchlist.issue import Issue

FORMAT = 2
ASKS_WHEN_CLOSED = 2
"""The first format whose workbook asks when an action was closed."""


def write(issue: Issue, path: Path) -> None:
    """Nothing; writes the manifest of ``path``'s folder, in which the other files already are."""
    manifest = {
        "format": FORMAT,
        "issue": issue.name,
        "title": issue.title,
        "study": issue.study,
        "synthetic": issue.synthetic,
        "marking": issue.marking,
        "as_of_date": issue.as_of_date.isoformat(),
        "panel_date": issue.panel_date.isoformat(),
        "horizon_end": issue.horizon_end.isoformat(),
        "labels_mature_on": issue.labels_mature_on.isoformat(),
        "extracted_on": issue.extracted_on.isoformat(),
        "destroy_after": issue.destroy_after.isoformat(),
        "winner": issue.winner,
        "standing": issue.evidence.standing,
        "made_with": asdict(issue.provenance),
        "counts": issue.counts(),
        "since_last_list": issue.changes(),
        "objections_received": issue.objections_received,
        "files": {
            file.name: {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "bytes": file.stat().st_size}
            for file in sorted(path.parent.iterdir())
            if file.name != path.name
        },
    }
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_whole(path, text.encode())
