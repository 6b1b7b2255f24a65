"""The curves over capacities: at the capacity they are the audit itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit import capacity_curves, fairness_audit
from earlywarning.model.lists import listed

N = 1_200


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    rng = np.random.default_rng(9)
    score = pd.Series(rng.beta(0.6, 5, N))
    score[rng.random(N) < 0.05] = np.nan
    return {
        "y_true": rng.random(N) < score.fillna(0.1),
        "ranking": score,
        "attributes": pd.DataFrame({"sex": rng.choice(["F", "M", None], N)}),
        "area": rng.choice(["207", "213"], N),
        "as_of_date": np.repeat([1, 2, 3], N // 3),
        "tie_break": rng.permutation(N),
        "clusters": np.tile(np.arange(N // 3), 3),
        "capacity": {"207": 10, "213": 20},
    }


def test_at_the_capacity_it_is_the_audit(data: dict[str, Any]) -> None:
    on_list = listed(*(data[name] for name in ("ranking", "area", "as_of_date", "capacity", "tie_break")))
    audit = fairness_audit(
        data["y_true"], on_list, data["attributes"], clusters=data["clusters"]
    ).by_group.set_index(["metric", "group"])
    curves = capacity_curves(**data).query("area == 'every area' and length == 1")
    curves = curves.set_index(["metric", "group"])
    for name in ("n", "positives", "count", "out_of", "value", "lower", "upper"):
        np.testing.assert_allclose(curves[name], audit.loc[curves.index, name])
    assert curves["per_list"].iloc[0] == on_list.sum() / 6


def test_areas_and_groups_add_up_and_longer_lists_find_no_fewer(data: dict[str, Any]) -> None:
    curves = capacity_curves(**data)
    sums = curves.groupby(["metric", "length", curves["area"] == "every area"])[
        ["count", "out_of", "n"]
    ].sum()
    parts = sums.xs(False, level=2)
    pd.testing.assert_frame_equal(parts, sums.xs(True, level=2))
    assert (parts.xs("selection_rate")["out_of"] == N).all()
    assert (parts["count"].unstack("length").diff(axis=1).iloc[:, 1:] >= 0).all().all()


def test_a_list_longer_than_the_roll_holds_everyone_with_a_rank(data: dict[str, Any]) -> None:
    curves = capacity_curves(**(data | {"capacity": 10 * N}), lengths=[1])
    selected = curves.query("metric == 'selection_rate' and area == 'every area'")
    assert selected["count"].sum() == data["ranking"].notna().sum()
    one = capacity_curves(**(data | {"area": ["207"] * N}), lengths=[1])
    assert set(one["area"]) == {"every area"}


def test_a_group_without_events_has_no_recall(data: dict[str, Any]) -> None:
    none = data | {"y_true": np.asarray(data["y_true"]) & (data["attributes"]["sex"] != "M").to_numpy()}
    recall = capacity_curves(**none, lengths=[1]).query("metric == 'recall' and group == 'M'")
    assert recall[["value", "lower", "upper"]].isna().all().all()
