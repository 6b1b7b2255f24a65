"""What a row must be: rules read off a table's declaration, each an expression that finds who breaks it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from types import MappingProxyType

import narwhals as nw

from earlywarning import codes
from earlywarning.tables.declare import Column, Table

UNREADABLE = "value cannot be read as its type"
RAGGED = "row has too many or too few values"
REPEATED = "repeats the key of an earlier row"
ORPHANED = "retracts a row that is not there"
AGAIN = "event delivered again and the earlier row not retracted"

READABLE = MappingProxyType(
    {
        "string": "text",
        "date": "a date as YYYY-MM-DD or DD/MM/YYYY",
        "integer": "a whole number",
        "number": "a number",
        "boolean": "true or false",
    }
)
"""What can be read as each type."""


@dataclass(frozen=True)
class Rule:
    """A rule about one column: ``broken`` is true for rows that break it, ``allowed`` says what would not."""

    name: str
    column: str
    broken: nw.Expr
    allowed: str


UNDATED_RETRACTION = Rule(
    "retraction without a day",
    "record",
    nw.col("record") == nw.lit("retraction"),
    "a column known_from with the day each retraction reached the authority",
)
"""Applied where an extract has no ``known_from``: a lag cannot say when a row was taken back."""


def known_flag(target: str) -> str:
    """Name of the column that says whether a row's key was found in the table ``target``."""
    return f"_in_{target}"


def row_rules(table: Table, extracted_on: dt.date, foreign: tuple[tuple[str, str], ...]) -> tuple[Rule, ...]:
    """Every rule that a row can break by itself, in the order in which a row is charged with one.

    ``foreign`` are the pairs of the table's own that can be looked up; the frame then has a
    :func:`known_flag` column for each.
    """
    rules = [rule for column in table.columns for rule in _column_rules(column)]
    rules += [_in_force(table, column) for column in table.columns if column.dated]
    rules += _date_rules(table, extracted_on)
    rules += [
        Rule(
            f"not found in table '{target}'",
            name,
            nw.col(known_flag(target)).is_null(),
            f"a {name} in '{target}'",
        )
        for name, target in foreign
    ]
    return tuple(rules)


def as_charge(rules: tuple[Rule, ...]) -> nw.Expr:
    """The position in ``rules`` of the first one that a row breaks, -1 for a row that breaks none."""
    charge: nw.Expr = nw.lit(-1)
    for position, rule in reversed(list(enumerate(rules))):
        charge = nw.when(rule.broken).then(nw.lit(position)).otherwise(charge)
    return charge


def _column_rules(column: Column) -> list[Rule]:
    value = nw.col(column.name)
    rules = []
    if not column.nullable:
        empty = value.is_null() | (value == nw.lit("")) if column.type == "string" else value.is_null()
        rules.append(Rule("required value is missing", column.name, empty, READABLE[column.type]))
    if column.type == "number":
        rules.append(Rule(UNREADABLE, column.name, value.is_nan(), READABLE["number"]))
    if column.codes:
        known = sorted(codes.load(column.codes).allowed())
        shown = (
            ", ".join(known)
            if len(known) <= 12
            else f"the {len(known)} codes of the code set '{column.codes}'"
        )
        rules.append(Rule("unknown code", column.name, ~value.is_in(known), shown))
    for bound, side, broken in (
        (column.low, "at least", value < nw.lit(column.low)),
        (column.high, "at most", value > nw.lit(column.high)),
    ):
        if bound is not None:
            rules.append(
                Rule("outside its bounds", column.name, broken, f"{side} {bound:g} {column.unit}".strip())
            )
    return rules


def _in_force(table: Table, column: Column) -> Rule:
    if table.date is None or column.codes is None:
        raise ValueError(f"column {table.name}.{column.name} is dated, so it needs a code set and a date")
    outside: nw.Expr = nw.lit(False)
    for (first, last), held in codes.load(column.codes).periods().items():
        member = nw.col(column.name).is_in(sorted(held))
        if first is not None:
            outside = outside | (member & (nw.col(table.date) < nw.lit(first)))
        if last is not None:
            outside = outside | (member & (nw.col(table.date) > nw.lit(last)))
    return Rule(
        "code not in force on the date",
        column.name,
        outside,
        "a code in force on that day (see the dictionary)",
    )


def _date_rules(table: Table, extracted_on: dt.date) -> list[Rule]:
    names = {column.name for column in table.columns}
    past = [table.date] if table.date is not None else []
    past += [name for name in ("known_from", "end_known_from") if name in names]
    rules = [
        Rule(
            "dated after the extract",
            name,
            nw.col(name) > nw.lit(extracted_on),
            f"no later than {extracted_on}",
        )
        for name in past
    ]
    if table.date is not None:
        early = nw.col("known_from") < nw.col(table.date)
        rules.append(Rule("known before it happened", "known_from", early, f"no earlier than {table.date}"))
    if table.period is not None:
        first, last = table.period
        backwards = nw.col(last) < nw.col(first)
        rules.append(Rule("ends before it starts", last, backwards, f"no earlier than {first}"))
    return rules
