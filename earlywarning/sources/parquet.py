"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from earlywarning.sources.declare import Format, Opened


def open_parquet(path: Path) -> Opened:
    """The file's columns, with the types it gives them."""
    file = pq.ParquetFile(path)

    def batches(columns: list[str]) -> Iterator[pa.RecordBatch]:
        with file:
            yield from file.iter_batches(columns=columns)

    types = {column.name: column.type for column in file.schema_arrow}
    return Opened(file.schema_arrow.names, batches, types=types)


PARQUET = Format("parquet", open_file=open_parquet)
