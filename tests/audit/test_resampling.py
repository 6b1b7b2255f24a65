"""Resamples of whole units: that they are resamples, and that the wider interval decides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from earlywarning.audit import Comparison, fairness_audit
from earlywarning.audit.resampling import cells, limits, resampled

RNG = np.random.default_rng(8)


def test_a_resample_draws_as_many_units_and_their_mean_is_the_data() -> None:
    table = RNG.random((40, 3, 2))
    sums = resampled(table, n=4_000)
    assert sums.shape == (4_000, 3, 2)
    np.testing.assert_allclose(sums.mean(axis=0), table.sum(axis=0), rtol=0.02)
    ones = resampled(np.ones((40, 1)), n=10)
    assert ones.ravel().tolist() == [40.0] * 10


def test_alike_units_given_once_are_as_good_as_each_one() -> None:
    """The spread of a count is binomial, whether pupils stand one by one or are counted."""
    alike = resampled(np.array([[1.0], [0.0]]), np.array([30, 70]), n=20_000)
    one_by_one = resampled(np.repeat([[1.0], [0.0]], [30, 70], axis=0), n=20_000)
    for sums in (alike, one_by_one):
        assert sums.mean() == pytest.approx(30, abs=0.2)
        assert sums.std() == pytest.approx(np.sqrt(100 * 0.3 * 0.7), rel=0.03)


def test_cells_add_up_to_the_marks() -> None:
    marks = pd.DataFrame({"a": RNG.random(100), "b": RNG.random(100)})
    groups, units = RNG.integers(0, 4, 100), RNG.integers(0, 6, 100)
    table = cells(marks, groups, units)
    assert table.shape == (6, 4, 2)
    np.testing.assert_allclose(table.sum(axis=(0, 1)), marks.sum())
    assert table[2, 1, 0] == pytest.approx(marks["a"][(units == 2) & (groups == 1)].sum())


def test_limits_are_quantiles_stretched_for_few_and_undefined_where_values_lack() -> None:
    values = RNG.normal(size=(4_000, 3))
    values[:100, 1] = np.nan
    values[:300, 2] = np.nan
    lower, upper = limits(values, 100_000)
    assert lower[0] == pytest.approx(np.quantile(values[:, 0], 0.025), abs=1e-3)
    assert upper[1] == pytest.approx(np.nanquantile(values[:, 1], 0.975), abs=1e-3)
    assert np.isnan([lower[2], upper[2]]).all()
    few, _ = limits(values, 8)
    assert few[0] < lower[0]


def schooled(spread: float) -> dict[str, Any]:
    """Twelve schools that differ by ``spread`` in how many of their events come for each one expected."""
    rng = np.random.default_rng(3)
    school = np.repeat(np.arange(12), 400)
    strict = np.exp(spread * np.linspace(-1, 1, 12))[school]
    score = rng.beta(0.6, 5, len(school))
    group = np.where(rng.random(len(school)) < np.where(strict > 1.5, 0.6, 0.1), "A", "B")
    return {
        "y_true": rng.random(len(school)) < np.minimum(score * strict, 1),
        "listed": score > 0.4,
        "score": score,
        "sensitive_features": pd.DataFrame({"group": group}),
        "declared": [Comparison("group", "A", "observed_over_expected")],
    } | {"schools": school}


def test_the_wider_interval_decides() -> None:
    data = schooled(1.0)
    both = fairness_audit(**data).by_group
    pupils = fairness_audit(**{name: each for name, each in data.items() if name != "schools"}).by_group
    for end in ("", "difference_"):
        wide, narrow = (frame[f"{end}upper"] - frame[f"{end}lower"] for frame in (both, pupils))
        assert (wide.dropna() >= narrow.dropna() - 1e-12).all()
    by_schools = both["interval_by"] == "schools"
    assert by_schools.any()
    oe = both.query("group == 'A' and metric == 'observed_over_expected'").iloc[0]
    assert oe["interval_by"] == "schools"
    assert set(pupils["interval_by"]) == {"pupils"}
    alone = fairness_audit(**{name: each for name, each in data.items() if name != "schools"}).declared
    assert fairness_audit(**data).declared["p_adjusted"].iloc[0] > alone["p_adjusted"].iloc[0]


def test_few_schools_one_school_and_none_are_said() -> None:
    data = schooled(0.0)
    said = {
        number: fairness_audit(**(data | {"schools": data["schools"] % number})).notes[0]
        for number in (1, 4, 12)
    }
    assert "one school only" in said[1]
    assert "4 schools only" in said[4]
    assert "12 schools" in said[12]
    one = fairness_audit(**(data | {"schools": data["schools"] % 1})).by_group
    assert set(one["interval_by"]) == {"pupils"}


def test_the_same_input_gives_the_same_numbers() -> None:
    data = schooled(0.5)
    pd.testing.assert_frame_equal(fairness_audit(**data).by_group, fairness_audit(**data).by_group)
