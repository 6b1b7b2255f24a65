"""The data dictionary: the declarations as a page to read.

``python -m earlywarning.tables.dictionary docs/reference/tables.md`` writes it again; a test compares.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from earlywarning import codes
from earlywarning.codes import CodeSet
from earlywarning.tables import TABLES
from earlywarning.tables.declare import Cell, Column, Table

INTRODUCTION = """\
# Tables

Generated from the declarations in `earlywarning/tables` and the code sets in `earlywarning/codes/data`:
`python -m earlywarning.tables.dictionary docs/reference/tables.md` writes this page. Every example is made
up.

## A folder of extracts

One file a table, `<table>.parquet` or `<table>.csv`, with the columns below, and `extract.toml`:

```toml
extracted_on = 2026-08-31   # the day the extract was taken
synthetic = false           # true only for invented data; everything made from it then says so
```

CSV files have a header row, commas and UTF-8. Dates are `YYYY-MM-DD`; `DD/MM/YYYY` is read too. An empty
value is a missing one. Columns that are not listed here are ignored, and named in what `check` reports. A
column that may be missing may be left out; so may one that is *supplied*: `known_from` is then the day of
the row plus the table's lag, but never later than the extract, `end_known_from` the same for the end of a
spell, and `record` is `new`. An old code that has a successor is read as that successor.

Every row is used or set aside, with its number and the first rule it broke: a value that cannot be read as
its type, a required value that is missing, an unknown code, a code not in force on the date, a value
outside its bounds, a date after the extract, a row known before it happened, an end before its start, a
pupil or school that is not in its table, a key that an earlier row has. Too many rows set aside in one
table (2% of them, where that is more than 5) refuse the run.
"""


def dictionary(tables: Mapping[str, Table] = TABLES) -> str:
    """The tables and the code sets they use, as one Markdown page.

    >>> dictionary().startswith("# Tables")
    True
    """
    used = sorted({c.codes for table in tables.values() for c in table.columns if c.codes})
    parts = [
        INTRODUCTION,
        *(_table(table) for table in tables.values()),
        "## Code sets\n",
        *(_code_set(codes.load(name)) for name in used),
    ]
    return "\n".join(parts)


def _table(table: Table) -> str:
    facts = [f"Required: {_yes(table.required)}.", f"Key: {_names(table.key)}."]
    if any(column.derived for column in table.columns):
        facts.append(f"Lag where the extract has no `known_from`: {table.lag_days} days.")
    if table.feed:
        facts.append(f"Feed in `coverage`: `{table.feed}`.")
    facts += [f"Each `{name}` must be in `{target}`." for name, target in table.foreign]
    lines = [f"## {table.name}", "", f"{table.meaning} ({_kind(table)})", "", " ".join(facts), ""]
    header = ("column", "type", "allowed", "missing", "meaning", "example")
    lines += _grid(header, (_column(column) for column in table.columns))
    return "\n".join(lines) + "\n"


def _kind(table: Table) -> str:
    if table.kind == "event":
        return f"One row an event, which happened on `{table.date}`."
    return "One row a spell." if table.kind == "spell" else "One row a thing."


def _column(column: Column) -> tuple[str, ...]:
    kind = f"{column.type}, {column.unit}" if column.unit else column.type
    return (
        f"`{column.name}`",
        kind,
        _allowed(column),
        _missing(column),
        column.meaning,
        _example(column.example),
    )


def _missing(column: Column) -> str:
    if column.derived:
        return "supplied"
    return "may be" if column.nullable else ""


def _allowed(column: Column) -> str:
    if column.codes:
        when = ", in force on the day" if column.dated else ""
        return f"[{column.codes}](#codes-{column.codes}){when}"
    if column.low is not None or column.high is not None:
        return " ".join(
            f"{word} {bound:g}"
            for word, bound in (("from", column.low), ("to", column.high))
            if bound is not None
        )
    return ""


def _code_set(held: CodeSet) -> str:
    rows = [
        (
            f"`{entry.code}`",
            entry.label,
            _day(entry.valid_from),
            _day(entry.valid_to),
            entry.replaced_by,
            entry.source,
        )
        for entry in held.entries
    ]
    header = ("code", "meaning", "from", "to", "read as", "source")
    return "\n".join([f"### Codes: {held.name}", "", *_grid(header, rows)]) + "\n"


def _grid(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [_line(header), _line("---" for _ in header), *(_line(row) for row in rows)]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _day(day: dt.date | None) -> str:
    return day.isoformat() if day else ""


def _example(value: Cell) -> str:
    if value is None:
        return ""
    return f"`{_yes(value) if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(dictionary(), encoding="utf-8", newline="\n")
