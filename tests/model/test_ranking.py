from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from earlywarning.model.ranking import auroc, average_precision, unscored_last

small = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=6)


def brute_force(event: list[bool], score: list[int]) -> float:
    """The mean, over every order of the rows that keeps the order of the scores, of average precision."""
    best_first = sorted(score, reverse=True)
    results = []
    for order in permutations(range(len(score))):
        if [score[i] for i in order] == best_first:
            places = [place for place, i in enumerate(order, start=1) if event[i]]
            results.append(np.mean([found / place for found, place in enumerate(places, start=1)]))
    return float(np.mean(results))


@settings(deadline=None, max_examples=60)
@given(small)
def test_average_precision_with_ties_is_the_mean_over_their_orders(rows: list[tuple[bool, int]]) -> None:
    event, score = [row[0] for row in rows], [row[1] for row in rows]
    if any(event):
        assert float(average_precision(event, score)) == pytest.approx(brute_force(event, score), abs=1e-12)
    else:
        assert np.isnan(average_precision(event, score))


@settings(deadline=None)
@given(small)
def test_auroc_is_scikit_learns_and_undefined_with_one_class(rows: list[tuple[bool, int]]) -> None:
    event, score = [row[0] for row in rows], [row[1] for row in rows]
    if len(set(event)) == 2:
        assert float(auroc(event, score)) == pytest.approx(roc_auc_score(event, score), abs=1e-12)
    else:
        assert np.isnan(auroc(event, score))


@settings(deadline=None)
@given(small, st.data())
def test_a_weight_is_so_many_tied_copies(rows: list[tuple[bool, int]], data: st.DataObject) -> None:
    event, score = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    counts = st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))
    weights = np.array(data.draw(st.lists(counts, min_size=1, max_size=3)))
    if weights.sum(axis=1).min() == 0:
        return
    for measure in (average_precision, auroc):
        copied = [float(measure(np.repeat(event, w), np.repeat(score, w))) for w in weights]
        np.testing.assert_allclose(measure(event, score, weights), copied, atol=1e-12)


def test_without_ties_it_is_scikit_learns_average_precision() -> None:
    random = np.random.default_rng(0)
    event, score = random.random(3000) < 0.05, random.normal(size=3000)
    assert float(average_precision(event, score)) == pytest.approx(
        average_precision_score(event, score), abs=1e-12
    )


def test_a_missing_score_must_be_given_a_rank_first() -> None:
    with pytest.raises(ValueError, match="A score is missing"):
        average_precision([1, 0], [np.nan, 1.0])
    assert float(average_precision([1, 0], unscored_last([np.nan, 1.0]))) == 0.5


def test_nobody_to_rank_is_undefined() -> None:
    assert np.isnan(average_precision([], []))
    assert np.isnan(auroc([], []))
