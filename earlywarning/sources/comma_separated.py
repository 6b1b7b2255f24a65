"""CSV files: a header row, commas, UTF-8 with or without a byte order mark. Every value is read as text."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from earlywarning.sources.declare import Format, Misread, Opened

_BLOCK_BYTES = 8 << 20
_REMEDY = "Export it again; from Excel, save it as 'CSV UTF-8 (comma delimited)'."
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def open_csv(path: Path) -> Opened:
    """The file's columns, all of them text, so that leading zeros survive; empty values are missing.

    Raises:
        Misread: it is UTF-16, or something else than commas stands between its values.
    """
    with path.open("rb") as file:
        start = file.read(2)
    if start in _UTF_16 or start.count(0) == 1:  # without a mark, every other byte of plain letters is 0
        raise Misread("its text is UTF-16, and UTF-8 is needed")
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
    if len(names) == 1:
        for separator, called in _SEPARATORS.items():
            if separator in names[0]:
                raise Misread(f"{called} stand between its values, and commas are needed")

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


CSV = Format("csv", open_file=open_csv, remedy=_REMEDY)
