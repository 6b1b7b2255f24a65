"""The published figures: each has a query, one definition serves memory and folder, and a miss is told."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

from earlywarning.errors import WrongUsage
from earlywarning.synthetic import expected
from earlywarning.synthetic.authority import found
from earlywarning.synthetic.books import Memory
from earlywarning.synthetic.expected import FEWEST, NEEDED, YEARS, checked_targets, refuse_other_worlds
from earlywarning.synthetic.generate import Story, Told
from earlywarning.synthetic.reference import terms_rows
from earlywarning.synthetic.schools import PUPILS
from earlywarning.synthetic.switches import Switches
from earlywarning.synthetic.targets import KEY, MEASURES, measured, measured_in, published
from earlywarning.tables import TABLES

from .conftest import Invented


@pytest.fixture(scope="module")
def in_the_folder(invented: Invented) -> pd.Series:
    return measured_in(invented.folder)


def test_every_published_figure_has_a_query_and_a_range_that_holds_it() -> None:
    table = published()
    assert set(table["target"]) == set(MEASURES)
    assert len(table) == 105 and not table.duplicated(KEY).any()
    known = table[table["published"].notna()]
    inside = known["published"].between(known["low"], known["high"].fillna(np.inf))
    assert inside.all()
    assert table["source"].str.len().min() > 8 and table["unit"].notna().all()


def test_every_figure_is_found_in_a_folder(in_the_folder: pd.Series) -> None:
    missing = in_the_folder.index[in_the_folder.isna()].get_level_values("target")
    # Three thousand pupils have too few permanent exclusions for a rate by year group or for who lives where.
    assert set(missing) <= {"permanent_exclusion_year_spikes", "resident_share_of_excluded"} | {
        "permanent_exclusions"
    }


def test_a_rate_is_what_it_says(in_the_folder: pd.Series, invented: Invented) -> None:
    counted = invented.sql(
        """
        WITH given AS (SELECT event_id, school_id, start_date FROM {suspensions} WHERE category <> 'PERM'
                       AND record = 'new' AND start_date >= DATE '2023-09-01'),
        census AS (SELECT unnest([DATE '2024-01-18', DATE '2025-01-16', DATE '2026-01-15']) AS day),
        roll AS (SELECT school_id, count(*) AS pupils FROM {enrolments} JOIN census
                 ON day BETWEEN start_date AND coalesce(end_date, day) WHERE status <> 'S' GROUP BY 1)
        SELECT la, 100 * sum(n) / sum(pupils) AS rate FROM {schools} JOIN roll USING (school_id)
        LEFT JOIN (SELECT school_id, count(*) AS n FROM given GROUP BY 1) USING (school_id)
        WHERE phase = 'secondary' GROUP BY 1
        """
    ).set_index("la")["rate"]
    found = in_the_folder.loc["suspensions_secondary"].droplevel("group")
    assert found["Westminster"] == pytest.approx(counted["213"])
    assert found["Kensington and Chelsea"] == pytest.approx(counted["207"])


def test_an_authority_in_memory_resembles_one_in_a_folder(
    in_the_folder: pd.Series, invented: Invented
) -> None:
    """The same authority, once written and once only lived: what needs no registers is the same."""
    book, authority = Memory(NEEDED), found(7, 3000, 5)
    Story(authority, book, Told.to_nobody(), named=False).tell()
    book.append(TABLES["terms"], terms_rows(authority))
    assert "attendance" not in book.parts
    with duckdb.connect() as connection:
        for name in book.parts:
            connection.register(name, book.table(name))
        lived = measured(connection)
    without_marks = [
        name for name in MEASURES if not name.startswith(("persistent", "code_e", "ap_attendance"))
    ]
    same = in_the_folder.index.get_level_values("target").isin(without_marks)
    pd.testing.assert_series_equal(lived[same], in_the_folder[same])
    # Marks are drawn for fewer pupils, in another order: alike, not equal.
    assert abs(lived[~same] / in_the_folder[~same] - 1).max() < 0.5


def test_a_figure_out_of_range_is_not_ok_and_one_near_it_is(
    monkeypatch: pytest.MonkeyPatch, in_the_folder: pd.Series, invented: Invented
) -> None:
    middle = published().set_index(KEY)
    value = middle[["low", "high"]].mean(axis=1).astype(float)
    value = value.where(value.notna(), 1.5)
    runs = pd.DataFrame({1: value, 2: value})
    monkeypatch.setattr(expected, "simulated", lambda *_: runs)
    monkeypatch.setattr(expected, "measured_in", lambda _: value)
    assert checked_targets(invented.folder, Switches(), 5, lambda *_: None)["ok"].all()
    key = ("suspensions_black", "Westminster", "")
    runs.loc[key] = 30.0
    told = checked_targets(invented.folder, Switches(), 5, lambda *_: None).set_index(KEY)
    assert told.index[~told["ok"]].tolist() == [key] and told.loc[key, "must_hold"]
    unbiased = checked_targets(invented.folder, Switches(bias="none"), 5, lambda *_: None).set_index(KEY)
    assert not unbiased.loc[key, "must_hold"]
    assert unbiased.loc[("suspensions_all", "Westminster", ""), "must_hold"]
    # One seed may lie a little outside: 2.6 standard deviations between authorities.
    runs.loc[key] = [12.0, 13.0]
    high = middle.loc[key, "high"]
    for away, ok in ((1.7, True), (2.0, False)):
        seed = value.copy()
        seed[key] = high + away
        monkeypatch.setattr(expected, "measured_in", lambda _, seed=seed: seed)
        told = checked_targets(invented.folder, Switches(), 5, lambda *_: None).set_index(KEY)
        assert told.loc[key, "ok"] == ok


@pytest.mark.parametrize(
    ("pupils", "years", "switches", "many", "word"),
    [
        (6000, YEARS, Switches(), 20, "33774 pupils"),
        (PUPILS, 5, Switches(), 20, "6 years"),
        (PUPILS, YEARS, Switches(drift=True), 20, "ordinary world"),
        (PUPILS, YEARS, Switches(no_signal=True), 20, "ordinary world"),
        (PUPILS, YEARS, Switches(), FEWEST - 1, "simulations"),
    ],
)
def test_targets_of_another_world_are_refused(
    pupils: int, years: int, switches: Switches, many: int, word: str
) -> None:
    with pytest.raises(WrongUsage, match=word):
        refuse_other_worlds(pupils, years, switches, many)


def test_another_bias_can_be_checked() -> None:
    refuse_other_worlds(PUPILS, YEARS, Switches(bias="none"), FEWEST)
