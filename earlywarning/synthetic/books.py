"""Where a story is written down: a data folder, or memory, which keeps only what the targets need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from earlywarning.synthetic.writing import Values, arrow
from earlywarning.tables.declare import Table


class Book(Protocol):
    """What a story needs of the place it is written to."""

    rows: dict[str, int]

    def keeps(self, table: str) -> bool:
        """Whether rows of the table are wanted at all."""

    def append(self, table: Table, columns: Mapping[str, Values], where: str = "", /) -> None:
        """Add rows to a table."""


@dataclass
class Memory:
    """Tables kept as Arrow; rows of any other table are not even made."""

    kept: frozenset[str]
    rows: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[pa.Table]] = field(default_factory=dict)

    def keeps(self, table: str) -> bool:
        """Whether rows of the table are wanted at all."""
        return table in self.kept

    def append(self, table: Table, columns: Mapping[str, Values], _where: str = "", /) -> None:
        """Add rows to a table."""
        batch = arrow(table, columns)
        self.parts.setdefault(table.name, []).append(batch)
        self.rows[table.name] = self.rows.get(table.name, 0) + batch.num_rows

    def table(self, name: str) -> pa.Table:
        """All rows of one table."""
        return pa.concat_tables(self.parts[name])
