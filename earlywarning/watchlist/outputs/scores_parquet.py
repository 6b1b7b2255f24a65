"""scores.parquet: every pupil assessed, for the data scientist, keyed so that no panel file joins to it."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from earlywarning.files import write_whole
from earlywarning.watchlist.issue import Issue

SCHEMA = pa.schema(
    [
        ("score_key", pa.string()),
        ("area", pa.string()),
        ("as_of_date", pa.date32()),
        ("probability", pa.float64()),
        ("margin", pa.float64()),
        ("band", pa.string()),
        ("listed", pa.bool_()),
    ]
)


def write(issue: Issue, path: Path) -> None:
    """Nothing; writes the scores to ``path`` ordered by key, the same bytes for the same issue."""
    scores = issue.scores.sort_values("score_key", kind="stable")
    table = pa.Table.from_pandas(scores, schema=SCHEMA, preserve_index=False)
    memory = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(), memory, compression="zstd")
    write_whole(path, memory.getvalue())
