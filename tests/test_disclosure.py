"""What may leave the team: no small number can be read off or worked out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earlywarning.disclosure import TOTAL, suppressed
from earlywarning.errors import WrongUsage

SCHOOLS = pd.DataFrame({"yes": [2, 40, 9], "no": [18, 60, 11]}, index=["Elm", "Oak", "Ash"])


def outsider(shown: pd.DataFrame, most: int) -> np.ndarray:
    """Every whole-number table that what is shown allows: its hidden numbers, shape (n_tables, n_hidden)."""
    hidden = shown.isna().to_numpy()
    inner = np.argwhere(hidden[:-1, :-1])
    guesses = np.indices([most + 1] * len(inner)).reshape(len(inner), -1).T
    body = np.repeat(shown.fillna(0).to_numpy(dtype=int)[None, :-1, :-1], len(guesses), axis=0)
    for number, (row, column) in enumerate(inner):
        body[:, row, column] = guesses[:, number]
    wide = np.concatenate([body, body.sum(axis=2, keepdims=True)], axis=2)
    whole = np.concatenate([wide, wide.sum(axis=1, keepdims=True)], axis=1)
    agrees = (whole == shown.fillna(0).to_numpy(dtype=int)) | hidden
    found: np.ndarray = whole[agrees.all(axis=(1, 2))][:, hidden]
    return found


def test_a_reader_with_pen_and_paper_cannot_tell_the_hidden_number() -> None:
    shown = suppressed(SCHOOLS, rounded_to=1).counts
    worlds = outsider(shown, 33)
    assert shown.isna().sum().sum() == 4
    elm = set(worlds[:, 0].tolist())
    assert min(elm) == 0 and max(elm) >= 5 and len(elm) > 5


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=2, max_size=4),
    st.integers(2, 4),
)
def test_no_shown_number_is_small_and_no_hidden_small_one_can_be_worked_out(
    rows: list[list[int]], fewest: int
) -> None:
    counts = pd.DataFrame(rows, columns=["yes", "no"])
    shown = suppressed(counts, fewest=fewest, rounded_to=1).counts
    exact = counts.assign(**{TOTAL: counts.sum(axis=1)})
    exact.loc[TOTAL] = exact.sum()
    small = (exact > 0) & (exact < fewest)
    assert shown.isna().to_numpy()[small.to_numpy()].all()
    if not 1 <= shown.iloc[:-1, :-1].isna().sum().sum() <= 4:  # an outsider who tries them all needs time
        return
    worlds = outsider(shown, 12)
    hidden = exact.to_numpy()[shown.isna().to_numpy()]
    for number, truth in enumerate(hidden):
        seen = set(worlds[:, number].tolist())
        assert truth in seen
        if truth < fewest:
            assert len(seen) > 1 and max(seen) >= fewest


def test_numbers_are_rounded_and_rates_come_from_what_is_shown() -> None:
    shown = suppressed(pd.DataFrame({"yes": [21, 43], "no": [52, 61]}, index=["a", "b"]), fewest=5)
    assert shown.hidden == 0
    assert shown.counts["yes"].tolist() == [20, 45, 65]
    assert shown.rate("yes")["a"] == pytest.approx(20 / 75)


def test_a_table_of_fewer_than_may_be_shown_says_nothing() -> None:
    assert suppressed(pd.DataFrame({"yes": [1], "no": [2]})).counts.isna().all().all()


def test_nobody_is_shown() -> None:
    shown = suppressed(pd.DataFrame({"yes": [0, 50], "no": [60, 50]})).counts
    assert shown["yes"].tolist() == [0, 50, 50] and shown.isna().sum().sum() == 0


@pytest.mark.parametrize("wrong", [[-1, 3], [1.5, 3], [float("nan"), 3]])
def test_what_is_no_number_of_pupils_is_refused(wrong: list[float]) -> None:
    with pytest.raises(WrongUsage, match="1 of 2 numbers"):
        suppressed(pd.DataFrame({"yes": wrong}))
    with pytest.raises(WrongUsage, match="from 1 up"):
        suppressed(SCHOOLS, fewest=0)
