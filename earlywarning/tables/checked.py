"""Tables that have been checked: what may be used, and an account of every row that may not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.engines import Engine, Frame
from earlywarning.tables.extracts import Positions
from earlywarning.tables.rules import AGAIN


@dataclass(frozen=True)
class Fault:
    """Rows of a table that broke one rule about one column: what would be allowed, and their row numbers.

    Row 1 is the first row of the extract, in a CSV file the first under the header.
    """

    rule: str
    column: str
    allowed: str
    rows: Positions


@dataclass(frozen=True)
class Counts:
    """Rows of one table: ``read`` is always ``used`` plus ``quarantined``.

    ``again`` counts rows that are used and yet are worth a look: one event_id, on more than one row that
    nobody took back.
    """

    read: int
    faults: tuple[Fault, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    again: int = 0

    @property
    def quarantined(self) -> int:
        """Rows set aside."""
        return sum(len(fault.rows) for fault in self.faults)

    @property
    def used(self) -> int:
        """Rows left."""
        return self.read - self.quarantined


@dataclass(frozen=True)
class Checked:
    """The tables as the rest of the library sees them.

    ``frames`` are lazy, one a declared table, with every declared column in its declared type, derived
    columns supplied and old codes read as the ones that replaced them. A table that is not required and was
    not received has no rows. They live as long as ``engine`` is open. ``absent`` names what was not received:
    a table, or ``table.column`` for a column that may be left out and cannot be supplied.
    """

    frames: Mapping[str, Frame]
    counts: Mapping[str, Counts]
    extracted_on: dt.date
    synthetic: bool
    data_hash: str
    engine: Engine = field(repr=False)
    absent: frozenset[str] = frozenset()

    def to_dict(self) -> dict[str, Any]:
        """What was read, used and set aside, as plain values for JSON: no row and no pupil."""
        return {
            "extracted_on": self.extracted_on.isoformat(),
            "synthetic": self.synthetic,
            "data_hash": self.data_hash,
            "tables": {name: _account(counts) for name, counts in self.counts.items()},
        }

    def quarantine(self) -> pd.DataFrame:
        """Rows set aside, shape (n_quarantined, 4): table, rule, column, row. No value of any row."""
        parts = [
            pd.DataFrame({"table": name, "rule": fault.rule, "column": fault.column, "row": fault.rows})
            for name, counts in self.counts.items()
            for fault in counts.faults
        ]
        empty = pd.DataFrame({"table": [], "rule": [], "column": [], "row": np.array([], dtype=np.int64)})
        return pd.concat(parts, ignore_index=True) if parts else empty


def _account(counts: Counts) -> dict[str, Any]:
    return {
        "read": counts.read,
        "used": counts.used,
        "quarantined": counts.quarantined,
        "faults": [
            {"rule": f.rule, "column": f.column, "allowed": f.allowed, "rows": len(f.rows)}
            for f in counts.faults
        ],
        "ignored_columns": list(counts.ignored_columns),
        "warnings": [{"rule": AGAIN, "column": "event_id", "rows": counts.again}] if counts.again else [],
    }
