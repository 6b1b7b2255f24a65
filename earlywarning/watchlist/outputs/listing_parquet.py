"""listing.parquet: which references stand on which page, against which a filled workbook is read back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from earlywarning.files import write_whole
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.rows import BANDS, Placed

COLUMNS = ("ref", "area", "school", "group", "page")
NOT_ASSESSED = "not assessed"
IN_PROGRESS = "exclusion in progress"
PLACED = "placed elsewhere"
SHOWN = "shown, not scored"
LEFT = "left the list"


def write(issue: Issue, path: Path) -> None:
    """Nothing; writes a row for each reference to ``path``, in the order of the pages, the same bytes.

    ``area`` is what people call it. ``page`` is the pupil's band on the list, or which other page it is.
    """
    rows = list(_rows(issue))
    table = pa.table(
        {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)},
        pa.schema([(name, pa.string()) for name in COLUMNS]),
    )
    memory = io.BytesIO()
    pq.write_table(table, memory, compression="zstd")
    write_whole(path, memory.getvalue())


def _rows(issue: Issue) -> Iterator[tuple[str, ...]]:
    """Each reference once, on the first page that has it."""
    seen = set()
    pages: tuple[tuple[str, tuple[Placed, ...]], ...] = (
        *((band, issue.in_band(band)) for band in BANDS),
        (NOT_ASSESSED, issue.not_assessed),
        (IN_PROGRESS, issue.in_progress),
        (PLACED, issue.register),
        (SHOWN, issue.shown),
        (LEFT, issue.since.left if issue.since else ()),
    )
    for page, rows in pages:
        for row in issue.in_order(rows):
            if row.ref not in seen:
                seen.add(row.ref)
                yield row.ref, issue.area_name(row.area), row.school, row.group, page
