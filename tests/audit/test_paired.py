"""What groups gain or lose between two lists: counted by hand, paired, and honest where it cannot be told."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit.paired import changes_by_group

N = 4000


def row(table: pd.DataFrame, option: str, group: str, metric: str) -> pd.Series:
    keep = (table["option"] == option) & (table["group"] == group) & (table["metric"] == metric)
    return table[keep].squeeze()


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    random = np.random.default_rng(3)
    group = random.choice(["A", "B", "tiny"], N, p=[0.6, 0.398, 0.002])
    event = random.random(N) < 0.15
    used = event & (random.random(N) < 0.4) | (random.random(N) < 0.02)
    lists: Mapping[str, np.ndarray] = {
        "as used": used,
        "the same": used,
        "for B": used & ((group != "A") | (random.random(N) < 0.5)) | (event & (group == "B")),
    }
    return changes_by_group(event, lists, pd.DataFrame({"group": group}), np.arange(N) // 2, seed=1)


def test_the_same_list_changes_nothing(table: pd.DataFrame) -> None:
    same = table[(table["option"] == "the same") & (table["group"] != "tiny")]
    assert same["change"].eq(0).all()
    assert set(same["verdict"]) == {"no sign"}


def test_who_gains_and_who_loses_is_found(table: pd.DataFrame) -> None:
    assert row(table, "for B", "B", "recall")["value"] == 1
    assert row(table, "for B", "B", "recall")["verdict"] == "higher"
    assert row(table, "for B", "A", "recall")["verdict"] == "lower"
    assert row(table, "for B", "A", "selection_rate")["verdict"] == "lower"
    assert row(table, "for B", "B", "recall_gap")["verdict"] == "higher"
    gap = row(table, "for B", "A", "recall")["value"] - row(table, "for B", "A", "recall_gap")["value"]
    assert 0.9 < gap <= 1  # of all others, B and the tiny group


def test_too_few_is_cannot_tell_and_undefined_stays_undefined(table: pd.DataFrame) -> None:
    assert row(table, "for B", "tiny", "recall")["verdict"] == "cannot tell"
    nobody = changes_by_group(
        np.zeros(4, dtype=bool),
        {"as used": np.ones(4, dtype=bool), "other": np.ones(4, dtype=bool)},
        pd.DataFrame({"sex": ["F", "F", "M", "M"]}),
        np.arange(4),
    )
    recall = nobody[nobody["metric"] == "recall"]
    assert recall[["value", "lower", "upper"]].isna().all(axis=None)
    assert set(recall["verdict"]) == {"", "cannot tell"}


def test_groups_add_up_to_everyone(table: pd.DataFrame) -> None:
    rates = table[(table["option"] == "for B") & (table["metric"] == "selection_rate")].set_index("group")
    listed = rates["n"] * rates["value"]
    assert listed["everyone"] == pytest.approx(listed[["A", "B", "tiny"]].sum())
