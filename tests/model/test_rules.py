from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from earlywarning.model.ranking import auroc, unscored_last
from earlywarning.model.rules import ABSENCE, NEGATIVE_EVENTS, RULES, SUSPENSIONS, SUSPENSIONS_LATELY

from .conftest import Invented

NAN = float("nan")


def rows(n: int, **columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"why_not": [""] * n, "school_id": ["s1"] * n, "group": ["7"] * n} | columns)


def scored(rule: str, X: pd.DataFrame, about: pd.DataFrame, y: list[int] | None = None) -> list[float]:
    return RULES[rule].fit(X, about, y or [0] * len(X)).score(X, about).tolist()


def test_suspensions_count_and_what_is_not_visible_is_not_zero() -> None:
    X = pd.DataFrame({SUSPENSIONS: [0.0, 1.0, 3.0, NAN]})
    np.testing.assert_array_equal(scored("any_suspension", X, rows(4)), [0, 1, 1, NAN])
    np.testing.assert_array_equal(scored("number_of_suspensions", X, rows(4)), [0, 1, 3, NAN])


def test_last_terms_list_leaves_out_what_is_new_and_what_cannot_be_seen() -> None:
    X = pd.DataFrame(
        {SUSPENSIONS: [4.0, 2.0, 1.0, 0.0, NAN, 1.0], SUSPENSIONS_LATELY: [1.0, 2.0, 0.0, 0.0, NAN, NAN]}
    )
    np.testing.assert_array_equal(scored("last_terms_list", X, rows(6)), [3, 0, 1, 0, NAN, NAN])


def test_flags_are_raised_by_persistent_absence_and_by_many_events_for_these_schools() -> None:
    X = pd.DataFrame(
        {
            ABSENCE: [0.0, 0.1, 0.0999, 0.5, NAN, NAN, 0.2],
            NEGATIVE_EVENTS: [0.0, 0.0, 0.0, 9.0, 9.0, NAN, NAN],
        }
    )
    learnt = RULES["attendance_behaviour_flags"].fit(
        pd.DataFrame({ABSENCE: 0.0, NEGATIVE_EVENTS: np.arange(11.0) / 2}), rows(11), [0] * 11
    )
    assert learnt.state == {"many": 4.5}
    np.testing.assert_array_equal(learnt.score(X, rows(7)), [0, 1, 0, 2, 1, NAN, 1])


def test_flags_of_a_feed_never_seen_in_training_are_not_raised() -> None:
    X = pd.DataFrame({ABSENCE: [0.2], NEGATIVE_EVENTS: [NAN]})
    learnt = RULES["attendance_behaviour_flags"].fit(X, rows(1), [0])
    assert learnt.score(X.assign(**{NEGATIVE_EVENTS: 50.0}), rows(1)).tolist() == [1.0]


def test_the_rate_of_a_school_and_group_is_drawn_towards_the_whole() -> None:
    about = rows(40, school_id=["s1"] * 10 + ["s2"] * 30, group=["7"] * 40)
    y = [1] * 10 + [0] * 30
    learnt = RULES["school_group_rate"].fit(pd.DataFrame(index=about.index), about, y)
    new = rows(3, school_id=["s1", "s2", "s9"], group=["7", "7", "7"])
    assert learnt.score(pd.DataFrame(index=new.index), new).tolist() == pytest.approx(
        [(10 + 30 * 0.25) / 40, (0 + 30 * 0.25) / 60, 0.25]
    )


@pytest.mark.parametrize("name", RULES)
def test_every_rule_learns_json_reads_what_it_says_and_leaves_out_who_is_not_assessed(
    name: str, invented: Invented
) -> None:
    rule = RULES[name]
    about = invented.rows.assign(why_not=np.where(np.arange(len(invented.y)) % 5 == 0, "left", ""))
    fitted = rule.fit(invented.X[list(rule.looks_at)], about, invented.y)
    assert json.loads(json.dumps(fitted.state)) == fitted.state
    score = fitted.score(invented.X[list(rule.looks_at)], about)
    assert score.shape == invented.y.shape
    assert np.isnan(score[::5]).all()
    assert not np.isnan(score[1::5]).all()
    assert fitted.probability(invented.X, about) is None
    assert rule.name == name and rule.sentence[0].islower() and not rule.sentence.endswith(".")


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.looks_at])
def test_every_rule_about_the_pupil_ranks_better_than_chance_on_the_planted_signal(
    name: str, invented: Invented
) -> None:
    score = RULES[name].fit(invented.X, invented.rows, invented.y).score(invented.X, invented.rows)
    assert float(auroc(invented.y, unscored_last(score))) > 0.53
