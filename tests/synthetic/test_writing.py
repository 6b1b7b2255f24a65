"""Columns as they are written: missing values, dictionaries without repeats, nothing forgotten."""

from __future__ import annotations

import numpy as np
import pytest

from earlywarning.synthetic.writing import Coded, arrow
from earlywarning.tables.declare import Column, Table

TABLE = Table(
    name="marks",
    kind="static",
    meaning="A table for this test.",
    key=("who",),
    columns=(
        Column("who", "string", "a word", "a"),
        Column("score", "integer", "a number or none", 1, nullable=True),
        Column("day", "date", "a date or none", None, nullable=True),
        Column("record", "string", "one word for all", "new"),
    ),
)
COLUMNS = {
    "who": Coded(np.array([3, 0, -1, 2]), np.array(["a", "b", "a", "b"])),
    "score": np.array([1.0, np.nan, 3.0, 4.0]),
    "day": np.array(["2024-09-04", "NaT", "2024-09-05", "NaT"], dtype="datetime64[D]"),
    "record": "new",
}


def test_positions_minus_one_nan_and_nat_are_missing_values() -> None:
    rows = arrow(TABLE, COLUMNS).to_pydict()
    assert rows["who"] == ["b", "a", None, "a"]
    assert rows["score"] == [1, None, 3, 4]
    assert [day is None for day in rows["day"]] == [False, True, False, True]
    assert rows["record"] == ["new"] * 4


def test_a_dictionary_has_no_repeats_because_the_writer_would_leave_bytes_unset() -> None:
    dictionary = arrow(TABLE, COLUMNS).column("who").chunk(0).dictionary.to_pylist()
    assert dictionary == ["a", "b"]


def test_a_forgotten_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="score"):
        arrow(TABLE, {name: values for name, values in COLUMNS.items() if name != "score"})
