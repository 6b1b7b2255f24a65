"""CSV files: a header row, commas, UTF-8 with or without a byte order mark. Every value is read as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from earlywarning.sources.declare import Format, Opened

_BLOCK_BYTES = 8 << 20


def open_csv(path: Path) -> Opened:
    """The file's columns, all of them text, so that leading zeros survive; empty values are missing."""
    ragged: list[int] = []

    def note(row: pc.InvalidRow) -> str:
        ragged.append(row.number - 1)  # the header is row 1 to the reader
        return "skip"

    # One thread, because only then does the reader know the number of a row that it cannot use.
    reading = pc.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES)
    parsing = pc.ParseOptions(newlines_in_values=False, invalid_row_handler=note)
    heading = pc.ParseOptions(newlines_in_values=True, invalid_row_handler=_skip)
    with pc.open_csv(path, reading, heading) as header:
        names = header.schema.names

    def batches(columns: list[str]) -> Iterator[pa.RecordBatch]:
        converting = pc.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=columns,
            strings_can_be_null=True,
            null_values=[""],
        )
        with pc.open_csv(path, reading, parsing, converting) as reader:
            yield from reader

    return Opened(names, batches, ragged)


def _skip(_: pc.InvalidRow) -> str:
    return "skip"


CSV = Format("csv", open_file=open_csv)
