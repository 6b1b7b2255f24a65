"""Intervals against their definitions, and their coverage by exact enumeration (no simulation)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from earlywarning.audit.intervals import gap, jeffreys, p_value, poisson_ratio, ratio

RATES = np.linspace(0.05, 0.95, 361)


def coverage(n: int) -> npt.NDArray[np.float64]:
    """The chance that the interval holds the true rate, for each of RATES: summed over all outcomes."""
    counts = np.arange(n + 1)
    lower, upper = jeffreys(counts, np.full(n + 1, n))
    holds = (lower[:, None] <= RATES) & (upper[:, None] >= RATES)
    chance: npt.NDArray[np.float64] = np.sum(stats.binom.pmf(counts[:, None], n, RATES) * holds, axis=0)
    return chance


@pytest.mark.parametrize("n", [5, 6, 8, 10, 15, 25, 60, 200])
def test_jeffreys_covers_as_promised_down_to_five(n: int) -> None:
    chance = coverage(n)
    assert 0.93 <= chance.mean() <= 0.99
    assert chance.min() >= 0.86


def test_jeffreys_is_the_beta_quantile() -> None:
    lower, upper = jeffreys([3], [20])
    assert lower[0] == pytest.approx(stats.beta.ppf(0.025, 3.5, 17.5), abs=1e-12)
    assert upper[0] == pytest.approx(stats.beta.ppf(0.975, 3.5, 17.5), abs=1e-12)


def test_jeffreys_at_the_ends_and_for_nothing() -> None:
    lower, upper = jeffreys([0, 7, 0], [7, 7, 0])
    assert lower[0] == 0
    assert 0.2 < upper[0] < 0.4
    assert upper[1] == 1
    assert 0.6 < lower[1] < 0.8
    assert np.isnan([lower[2], upper[2]]).all()


def test_fewer_pupils_mean_a_wider_interval_for_any_level() -> None:
    lower, upper = jeffreys([2, 20, 200], [10, 100, 1000])
    assert (np.diff(upper - lower) < 0).all()
    wide, _ = jeffreys([20], [100], 0.99)
    assert wide[0] < lower[1]


def test_poisson_ratio_is_garwoods_interval() -> None:
    lower, upper = poisson_ratio([7], [3.5])
    assert lower[0] == pytest.approx(stats.chi2.ppf(0.025, 14) / 2 / 3.5)
    assert upper[0] == pytest.approx(stats.chi2.ppf(0.975, 16) / 2 / 3.5)


def test_poisson_ratio_covers_at_least_its_level() -> None:
    counts = np.arange(200)
    for expected in (0.5, 2.0, 7.3, 40.0):
        lower, upper = poisson_ratio(counts, np.full(200, expected))
        holds = (lower <= 1) & (upper >= 1)
        assert stats.poisson.pmf(counts, expected)[holds].sum() >= 0.95


def test_poisson_ratio_with_nothing_seen_or_expected() -> None:
    lower, upper = poisson_ratio([0, 3, 0], [2.0, 0.0, 0.0])
    assert lower[0] == 0
    assert upper[0] == pytest.approx(3.689 / 2, abs=1e-3)
    assert np.isnan([lower[1:], upper[1:]]).all()


def test_the_gap_of_equal_groups_holds_zero_and_of_a_known_example_is_newcombes() -> None:
    same = np.array([0.2])
    limits = jeffreys([2], [10])
    lower, upper = gap(same, limits, same, limits)
    assert lower[0] < 0 < upper[0]
    # Newcombe (1998), table II, example (a): 56/70 and 48/80 with Wilson limits give 0.0524 to 0.3339.
    a, b = np.array([56 / 70]), np.array([48 / 80])
    wilson_a = (np.array([0.6916]), np.array([0.8768]))
    wilson_b = (np.array([0.4904]), np.array([0.7002]))
    lower, upper = gap(a, wilson_a, b, wilson_b)
    assert (lower[0], upper[0]) == (pytest.approx(0.0524, abs=2e-4), pytest.approx(0.3339, abs=2e-4))
    lower, _ = gap(a, wilson_a, np.array([np.nan]), wilson_b)
    assert np.isnan(lower[0])


@pytest.mark.parametrize(("n", "rest"), [(10, 300), (30, 300), (60, 60)])
@pytest.mark.parametrize("rate", [0.1, 0.3, 0.6])
def test_two_groups_of_one_rate_have_a_gap_that_holds_zero(n: int, rest: int, rate: float) -> None:
    a, b = np.arange(n + 1)[:, None] / n, np.arange(rest + 1)[None, :] / rest
    limits, rest_limits = jeffreys(a * n, np.full_like(a, n)), jeffreys(b * rest, np.full_like(b, rest))
    lower, upper = gap(a, limits, b, rest_limits)
    chance = stats.binom.pmf(np.arange(n + 1), n, rate)[:, None] * stats.binom.pmf(
        np.arange(rest + 1), rest, rate
    )
    assert 0.93 <= chance[(lower <= 0) & (upper >= 0)].sum() <= 0.985


def test_a_ratio_leaves_out_one_exactly_when_the_gap_leaves_out_zero() -> None:
    for make in (jeffreys, poisson_ratio):
        k, others = (each.ravel().astype(float) for each in np.meshgrid(np.arange(21), np.arange(1, 201, 7)))
        n, rest_n = np.full_like(k, 20.0), np.full_like(k, 200.0)
        a, b, own, rest = k / n, others / rest_n, make(k, n), make(others, rest_n)
        lower, upper = gap(a, own, b, rest)
        low, high = ratio(a, own, b, rest)
        assert ((low > 1) == (lower > 0)).all()
        assert ((high < 1) == (upper < 0)).all()
        assert (low <= a / b).all()
        assert (a / b <= high).all()


def test_a_ratio_to_what_may_be_nothing_has_no_upper_limit() -> None:
    lower, upper = ratio(np.array([0.5]), jeffreys([5], [10]), np.array([0.0]), jeffreys([0], [50]))
    assert lower[0] > 1
    assert np.isnan(upper[0])
    lower, upper = ratio(np.array([0.0]), jeffreys([0], [10]), np.array([0.5]), jeffreys([25], [50]))
    assert lower[0] == 0
    assert 0 < upper[0] < 1


def test_the_p_value_is_where_the_interval_ends() -> None:
    def at(level: float) -> tuple[float, float]:
        reach = float(stats.norm.ppf((1 + level) / 2))
        return 2.5 - reach, 2.5 + reach

    assert p_value(at) == pytest.approx(2 * stats.norm.sf(2.5), rel=2e-3)
    assert p_value(lambda level: (-1.0, 1.0)) == 1.0
    assert p_value(lambda level: (1.0, 2.0)) == pytest.approx(1e-9, rel=1e-2)
