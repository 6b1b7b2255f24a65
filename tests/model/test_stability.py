from __future__ import annotations

import numpy as np
import pytest

from earlywarning.model import boosting
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.stability import overlap, refits

from .conftest import Invented


def texts(data: Invented, model: RiskClassifier, **options: int) -> list[str]:
    pupils = data.X.index.get_level_values("pupil_id")
    return [boosting.booster_text(booster) for booster in refits(model, data.X, data.y, pupils, **options)]


def test_refits_differ_from_each_other_and_repeat_with_their_seed(
    invented: Invented, fitted: RiskClassifier
) -> None:
    one = texts(invented, fitted, n=3, seed=1)
    assert len(set(one)) == 3
    assert one == texts(invented, fitted, n=3, seed=1)
    assert not set(one) & set(texts(invented, fitted, n=3, seed=2))


def test_refits_rank_much_as_the_model_does(invented: Invented, fitted: RiskClassifier) -> None:
    pupils = invented.X.index.get_level_values("pupil_id")
    margin = fitted.margin(invented.X)
    for booster in refits(fitted, invented.X, invented.y, pupils, n=3):
        again = boosting.mean_margin([booster], fitted.matrix(invented.X))
        assert 0.6 < np.corrcoef(margin, again)[0, 1] < 0.999


def test_a_pupil_is_drawn_with_all_its_rows(invented: Invented, fitted: RiskClassifier, monkeypatch) -> None:
    drawn = []
    binned = boosting.binned

    def remember(X, *rest, like=None, **more):
        if like is not None:
            drawn.append(X)
        return binned(X, *rest, like=like, **more)

    monkeypatch.setattr(boosting, "binned", remember)
    pupils = invented.X.index.get_level_values("pupil_id")
    list(refits(fitted, invented.X, invented.y, pupils, n=1))
    row_of = {row.tobytes(): number for number, row in enumerate(invented.X.to_numpy())}
    times = np.bincount([row_of[row.tobytes()] for row in drawn[0]], minlength=len(pupils))
    by_pupil = [set(times[pupils == pupil]) for pupil in pupils.unique()[:50]]
    assert all(len(counts) == 1 for counts in by_pupil)
    assert {0, 1, 2} <= set().union(*by_pupil)


def test_the_overlap_of_lists_is_counted() -> None:
    on = np.array([True, True, True, False, False, False])
    again = np.array(
        [on, on, [True, True, False, True, False, False], [True, False, True, True, False, False]] * 5
    )
    again[:2, 3] = True  # a pupil who is not listed, on 12 of 20 lists
    found = overlap(on, again)
    assert (found.listed, found.refits) == (3, 20)
    assert found.stays == pytest.approx((10 + 10 * 2 / 3) / 20)
    assert found.least_stays == pytest.approx(2 / 3)
    assert found.jaccard == pytest.approx((8 * 1 + 2 * 3 / 4 + 10 * 2 / 4) / 20)
    assert (found.firm, found.borderline, found.near) == (1, 2, 1)


def test_the_same_list_every_time_is_firm() -> None:
    found = overlap([True, False], [[True, False]] * 3)
    assert (found.jaccard, found.firm, found.borderline, found.near) == (1.0, 1, 0, 0)


@pytest.mark.parametrize(("on", "again"), [([False, False], [[False, False]]), ([True, False], []), ([], [])])
def test_without_a_list_or_a_refit_nothing_can_be_said(on: list[bool], again: list[list[bool]]) -> None:
    found = overlap(on, again)
    assert (found.jaccard, found.stays, found.firm) == (None, None, 0)
