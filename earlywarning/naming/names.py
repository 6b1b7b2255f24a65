"""The file that says who a pseudonym is; it never lies among the extracts or in an issue."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from earlywarning.errors import InputRefused
from earlywarning.watchlist.keys import panel_refs
from earlywarning.watchlist.printable import printable

COLUMNS = ("pupil_id", "name")


def names_by_reference(path: Path, refs: Iterable[str], key: bytes, issue: str) -> dict[str, str]:
    """The names of an issue's references ``refs``, of those that the file holds.

    The file is CSV (UTF-8) or Parquet with the columns ``pupil_id`` (as in the extracts) and ``name``.

    Raises:
        InputRefused: it cannot be read, lacks a column, gives a pupil two names, or holds nobody there.
    """
    names: dict[str, str] = {}
    twice = set()
    for pupil_id, name in _rows(path):
        if pupil_id and name and names.setdefault(pupil_id, name) != name:
            twice.add(pupil_id)
    if twice:
        raise InputRefused(
            f"The names file gives {len(twice):,} pupils two different names. Leave one row for each."
        )
    wanted = set(refs)
    found = {
        ref: name
        for ref, name in zip(panel_refs(names, key, issue), names.values(), strict=True)
        if ref in wanted
    }
    if not found:
        raise InputRefused(
            f"None of the {len(names):,} pupils in the names file is in the issue {issue}. Its pupil_id must "
            "be the pseudonym of the extracts, and the key the one that the issue was made with."
        )
    return found


def _rows(path: Path) -> list[tuple[str, str]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputRefused(f"The names file cannot be read: {error.strerror}.") from None
    columns = _parquet(data) if data.startswith(b"PAR1") else _comma_separated(data)
    lost = [f"'{name}'" for name in COLUMNS if name not in columns]
    if lost and len(columns) == 1 and ";" in next(iter(columns)):
        raise InputRefused(
            "The names file has semicolons between its values, and commas are needed. In Excel, save it as "
            "'CSV UTF-8 (comma delimited)'."
        )
    if lost:
        raise InputRefused(
            f"The names file has no column {' and none '.join(lost)}. Give it the columns pupil_id and name, "
            "as CSV with commas, or as Parquet."
        )
    return [
        (str(pupil_id or "").strip(), " ".join(printable(str(name or "")).split()))
        for pupil_id, name in zip(*(columns[name] for name in COLUMNS), strict=True)
    ]


def _parquet(data: bytes) -> dict[str, list[object]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        columns: dict[str, list[object]] = pq.read_table(pa.BufferReader(data)).to_pydict()
    except (pa.ArrowException, OSError, ValueError):
        raise InputRefused("The names file is damaged: it is no Parquet that can be read.") from None
    return columns


def _comma_separated(data: bytes) -> dict[str, list[object]]:
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except UnicodeDecodeError:
        raise InputRefused(
            "The names file is not UTF-8. In Excel, save it as 'CSV UTF-8 (comma delimited)'."
        ) from None
    except csv.Error:
        raise InputRefused("The names file is no CSV: a quotation mark is not closed.") from None
    head, rows = (lines[0] if lines else []), [line for line in lines[1:] if any(line)]
    short = sum(len(line) != len(head) for line in rows)
    if short:
        raise InputRefused(
            f"The names file has {short:,} rows with more or fewer cells than its headings. A name with a "
            "comma needs quotation marks around it."
        )
    return {heading.strip().casefold(): [line[at] for line in rows] for at, heading in enumerate(head)}
