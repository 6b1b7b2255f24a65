"""Every row accounted for: used, or set aside with the rule it broke and its number.

A fault in a row sets that row aside. Too many in one table refuse the run, because then the fault is in
the export.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from earlywarning.engines import Engine, Frame
from earlywarning.errors import InputRefused
from earlywarning.files import write_whole
from earlywarning.tables import TABLES
from earlywarning.tables.checked import Checked, Counts, Fault
from earlywarning.tables.declare import Table
from earlywarning.tables.extracts import Extracts, Positions, Received
from earlywarning.tables.rules import (
    ORPHANED,
    RAGGED,
    READABLE,
    REPEATED,
    UNDATED_RETRACTION,
    UNREADABLE,
    Rule,
    as_charge,
    known_flag,
    row_rules,
)
from earlywarning.tables.supply import empty, supplied, with_current_codes

ROW = "_row"
CHARGE = "_charge"
ALWAYS_ALLOWED = 5
"""Rows that may be set aside whatever the share, so that one slip does not refuse a small table."""


def check(
    extracts: Extracts, engine: Engine, tables: Mapping[str, Table] = TABLES, *, threshold: float = 0.02
) -> Checked:
    """The extracts with every row that breaks a rule set aside.

    ``threshold`` is the share of a table's rows that may be set aside; :data:`ALWAYS_ALLOWED` may in any
    case. A row is charged with one rule, the first it breaks. Of rows with the same key the first is kept.
    A value counts as known in another table even when its row there was set aside for another reason: a
    pupil whose ethnicity code is wrong stays on the roll.

    Raises:
        InputRefused: more rows of a table broke a rule than may be set aside.
    """
    known = {
        (name, target): _known(extracts.tables[target].path, name, target, engine)
        for name, target in {pair for table in tables.values() for pair in table.foreign}
        if target in extracts.tables
    }
    frames: dict[str, Frame] = {}
    counts: dict[str, Counts] = {}
    for name, table in tables.items():
        if name not in extracts.tables:
            frames[name], counts[name] = engine.from_arrow(empty(table)), Counts(read=0)
            continue
        received = extracts.tables[name]
        checking = _Checking(table, received, extracts.extracted_on, engine, known, threshold)
        counts[name] = Counts(received.read, checking.faults, received.ignored, checking.again)
        frames[name] = checking.used
    return Checked(
        MappingProxyType(frames),
        MappingProxyType(counts),
        extracts.extracted_on,
        extracts.synthetic,
        extracts.data_hash,
        engine,
        _absent(extracts, tables),
    )


def write_quarantine(checked: Checked, path: Path) -> None:
    """Write the rows set aside to ``path`` as CSV: table, rule, column, row. For its owner only."""
    write_whole(path, checked.quarantine().to_csv(index=False, lineterminator="\n").encode())


def _known(path: Path, name: str, target: str, engine: Engine) -> Frame:
    """The distinct values of a column in the table it is looked up in, each with a flag beside it."""
    values = engine.scan(path).filter(~nw.col(name).is_null())
    return engine.keep(values.group_by(name).agg(nw.len().alias(known_flag(target))))


@dataclass(frozen=True)
class _Checking:
    """One table on its way from received to checked. Until the end rows go by position, from 0."""

    table: Table
    received: Received
    extracted_on: dt.date
    engine: Engine
    known: Mapping[tuple[str, str], Frame]
    threshold: float

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault, with row numbers of the extract; refused when they are too many."""
        by_position = [*self._unreadable, *self._broken, *self._repeated, *self._orphaned]
        numbered = [replace(fault, rows=self.received.row_numbers(fault.rows)) for fault in by_position]
        faults = (*self._ragged, *numbered)
        self._refuse_too_many([(fault, len(fault.rows)) for fault in faults])
        return faults

    @property
    def used(self) -> Frame:
        """The rows that broke no rule, with the declared columns."""
        kept = self._without([*self._unreadable, *self._broken, *self._repeated, *self._orphaned])
        return with_current_codes(kept, self.table).select(*[column.name for column in self.table.columns])

    @property
    def again(self) -> int:
        """Rows beyond one for each event_id, of those that are not retracted: each counts as an event."""
        if "event_id" not in self.table.key:
            return 0
        sign = nw.when(nw.col("record") == nw.lit("retraction")).then(nw.lit(-1)).otherwise(nw.lit(1))
        events = self.used.select("event_id", sign.alias("n")).group_by("event_id").agg(nw.col("n").sum())
        more = self.engine.collect(events.filter(nw.col("n") > 1).group_by("n").agg(nw.len().alias("events")))
        return int(((more["n"] - 1) * more["events"]).sum())

    @property
    def _ragged(self) -> list[Fault]:
        width = len(self.received.present) + len(self.received.ignored)
        allowed = f"{width} values, as in the header"
        return [Fault(RAGGED, "", allowed, self.received.ragged)] if len(self.received.ragged) else []

    @cached_property
    def _unreadable(self) -> list[Fault]:
        faults = []
        seen = np.array([], dtype=np.int64)
        for name, positions in self.received.unreadable.items():
            if len(new := np.setdiff1d(positions, seen)):
                faults.append(Fault(UNREADABLE, name, READABLE[self.table.column(name).type], new))
            seen = np.union1d(seen, new)
        return faults

    @cached_property
    def _broken(self) -> list[Fault]:
        charged = self._charged
        tally = self.engine.collect(charged.group_by(CHARGE).agg(nw.len().alias("n")))
        broken = {int(c): int(n) for c, n in zip(tally[CHARGE], tally["n"], strict=True) if c >= 0}
        if not broken:
            return []
        faults = {c: _nowhere(self._rules[c]) for c in sorted(broken)}
        # Refused before the rows are fetched: when every row is at fault there may be tens of millions.
        self._refuse_too_many([(fault, broken[c]) for c, fault in faults.items()])
        at_fault = charged.filter(nw.col(CHARGE) >= 0).select(ROW, CHARGE)
        rows = self.engine.collect(at_fault, sort_by=(CHARGE, ROW))
        return [
            replace(fault, rows=_positions(rows.loc[rows[CHARGE] == c, ROW])) for c, fault in faults.items()
        ]

    @cached_property
    def _repeated(self) -> list[Fault]:
        # With no rule broken, repeats are looked for without working out every rule again.
        clean = self._charged.filter(nw.col(CHARGE) < 0) if self._broken else self._without(self._unreadable)
        rows = self.engine.collect(self.engine.repeats(clean, self.table.key, ROW), sort_by=(ROW,))
        key = ", ".join(self.table.key)
        return [Fault(REPEATED, key, "one row for each key", _positions(rows[ROW]))] if len(rows) else []

    @cached_property
    def _orphaned(self) -> list[Fault]:
        if "record" not in self.received.present:
            return []
        key = [name for name in self.table.key if name not in {"known_from", "record"}]
        clean = self._without([*self._unreadable, *self._broken, *self._repeated])
        retracted = clean.filter(nw.col("record") == nw.lit("retraction")).select(*key, ROW)
        there = clean.filter(nw.col("record") != nw.lit("retraction")).select(*key)
        there = there.join(retracted.select(*key), on=key, how="semi")  # few, for the join that follows
        rows = self.engine.collect(retracted.join(there, on=key, how="anti").select(ROW), sort_by=(ROW,))
        allowed = f"a row to retract with the same {', '.join(key)}"
        return [Fault(ORPHANED, "record", allowed, _positions(rows[ROW]))] if len(rows) else []

    @property
    def _charged(self) -> Frame:
        frame = self._without(self._unreadable)
        for name, target in self._foreign:
            frame = frame.join(self.known[name, target], on=name, how="left")
        return frame.with_columns(as_charge(self._rules).alias(CHARGE))

    @cached_property
    def _foreign(self) -> tuple[tuple[str, str], ...]:
        return tuple(pair for pair in self.table.foreign if pair in self.known)

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        rules = row_rules(self.table, self.extracted_on, self._foreign)
        undated = "record" in self.received.present and "known_from" not in self.received.present
        return (*rules, UNDATED_RETRACTION) if undated else rules

    def _without(self, faults: list[Fault]) -> Frame:
        frame = self.engine.scan(self.received.path, row=ROW)
        if faults:
            rows = pa.table({ROW: np.concatenate([fault.rows for fault in faults])})
            frame = frame.join(self.engine.from_arrow(rows), on=ROW, how="anti")
        return supplied(frame, self.table, self.received.present, self.extracted_on)

    def _refuse_too_many(self, found: list[tuple[Fault, int]]) -> None:
        total = sum(n for _, n in found)
        # Without its row in a table that everything hangs on, a whole school would silently be gone.
        allowed = max(ALWAYS_ALLOWED, int(self.threshold * self.received.read)) if self.table.forgiving else 0
        if total <= allowed:
            return
        worst, n = max(found, key=lambda each: each[1])
        column = f"column '{worst.column}', " if worst.column else ""
        raise InputRefused(
            f"table '{self.table.name}': {total:,} of {self.received.read:,} rows break a rule; at most "
            f"{allowed:,} ({allowed / max(self.received.read, 1):.1%}) may be set aside. Most often: "
            f"{column}rule '{worst.rule}', {n:,} rows; allowed: {worst.allowed}. Correct the "
            f"export of '{self.table.name}' and run again."
        )


def _absent(extracts: Extracts, tables: Mapping[str, Table]) -> frozenset[str]:
    """The tables, and the columns of tables, that were not received and that nothing can supply."""
    absent = {name for name in tables if name not in extracts.tables}
    for name, received in extracts.tables.items():
        columns = tables[name].columns
        absent |= {f"{name}.{c.name}" for c in columns if c.name not in received.present and not c.derived}
    return frozenset(absent)


def _nowhere(rule: Rule) -> Fault:
    return Fault(rule.name, rule.column, rule.allowed, np.array([], dtype=np.int64))


def _positions(column: pd.Series) -> Positions:
    return column.to_numpy(dtype=np.int64)
