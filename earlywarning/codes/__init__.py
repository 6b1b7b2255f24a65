"""DfE code sets, and a few of our own, as dated data: one CSV file a set.

Every row carries its source; "unverified" marks what comes from general knowledge. To add a set, put a
file in ``codes/data``: columns ``code``, ``label``, ``valid_from``, ``valid_to``, any of its own, and
``source``.
"""

from __future__ import annotations

import csv
import datetime as dt
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from earlywarning.codes.declare import Code, CodeSet

_COMMON = ("code", "label", "valid_from", "valid_to", "replaced_by", "source")


@cache
def load(name: str) -> CodeSet:
    """The code set called ``name``; ``KeyError`` when the package has none of that name.

    >>> load("session").allowed() == {"AM", "PM"}
    True
    """
    path = files("earlywarning.codes") / "data" / f"{name}.csv"
    if not path.is_file():
        raise KeyError(f"no code set {name!r}; there are: {', '.join(names())}")
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return CodeSet(name, tuple(_entry(row) for row in rows))


def names() -> tuple[str, ...]:
    """The names of every code set, sorted.

    >>> "attendance" in names()
    True
    """
    folder = files("earlywarning.codes") / "data"
    return tuple(sorted(item.name[:-4] for item in folder.iterdir() if item.name.endswith(".csv")))


def _entry(row: dict[str, str]) -> Code:
    return Code(
        code=row["code"],
        label=row["label"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
        replaced_by=row.get("replaced_by", ""),
        extra=MappingProxyType({name: value for name, value in row.items() if name not in _COMMON}),
        source=row["source"],
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


__all__ = ["Code", "CodeSet", "load", "names"]
