"""Absence by half term, of a few pupils: as known on the day, and None where nothing was possible."""

from __future__ import annotations

import pytest
from building import ON_ONE_MACHINE, history_of

from earlywarning.dataset.half_terms import by_half_term
from earlywarning.engines import open_engine
from earlywarning.features import FAMILIES

MARKS = """
pupil_id | school_id | date       | session | code | known_from | record
a        | s1        | 2024-06-04 | AM      | O    | 2024-06-05 | new
a        | s1        | 2024-06-04 | PM      | /    | 2024-06-05 | new
a        | s1        | 2024-11-05 | AM      | O    | 2024-11-06 | new
a        | s1        | 2024-11-05 | AM      | O    | 2024-11-20 | retraction
a        | s1        | 2024-11-05 | AM      | /    | 2024-11-20 | new
a        | s1        | 2024-12-02 | AM      | O    | 2025-01-20 | new
a        | s1        | 2024-11-06 | AM      | E    | 2024-11-07 | new
b        | s1        | 2024-11-05 | AM      | O    | 2024-11-06 | new
"""


@pytest.mark.parametrize("name", ON_ONE_MACHINE)
def test_shares_are_of_what_was_known_and_none_is_not_0(name: str) -> None:
    with open_engine(name) as engine:
        history = history_of(engine, {"attendance": MARKS}, ["2024-12-31"])
        told = by_half_term(history, FAMILIES["attendance"], ["b", "a", "nobody"], "absent", "possible")
    terms = ["spring 1", "spring 2", "summer 1", "summer 2", "autumn 1", "autumn 2"]
    assert [term.split(",")[0] for term, _ in told[0]] == terms
    assert [share for _, share in told[0]] == [None] * 5 + [1.0]
    assert [share for _, share in told[1]] == [None, None, None, 0.5, None, 0.0]
    assert [share for _, share in told[2]] == [None] * 6
