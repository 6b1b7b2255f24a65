"""What a training run says of itself: every rung, every list, schools left out, and whether lists stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from conftest import FAST, World

from earlywarning.config import ListSettings
from earlywarning.errors import WrongUsage
from earlywarning.model import RiskClassifier
from earlywarning.pages.evidence import _at_places, _resampling
from earlywarning.pages.report import rendered
from earlywarning.studies import STUDIES
from earlywarning.trial import capacity_of, places_of
from earlywarning.trial.steadiness import steadiness
from earlywarning.trial.unseen_schools import unseen_schools

ONE = RiskClassifier(n_seeds=1, n_estimators=30)
QUIET = {"seed": 1, "step": lambda _: None}


def test_every_rung_has_intervals_and_a_paired_difference(world: World) -> None:
    metrics = world.trained.bundle.metrics
    assert set(metrics["intervals"]) == set(metrics["measures"])
    for name, found in metrics["intervals"].items():
        assert found["average_precision"]["value"] == pytest.approx(
            metrics["measures"][name]["average_precision"]
        )
        assert found["auroc"]["lower"] < metrics["measures"][name]["auroc"] < found["auroc"]["upper"]
    for name, found in metrics["differences"].items():
        gain = (
            metrics["measures"]["model"]["average_precision"] - metrics["measures"][name]["average_precision"]
        )
        assert found["value"] == pytest.approx(gain)
    assert "last_terms_list" in metrics["differences"]
    assert set(metrics["differences"]) <= set(world.trained.summary["differences"])


def test_few_schools_are_said(world: World) -> None:
    compared = world.trained.trial.compared(1, ["model"])
    told = _resampling(compared)
    schools = world.trained.trial.data.rows["school_id"].nunique()
    assert told["schools"] == schools
    assert (f"{schools} schools only" in told["note"]) == (schools < 10)


def test_a_school_left_out_is_ranked_by_a_model_that_never_saw_it(world: World, monkeypatch) -> None:
    trained, seen = world.trained, []
    study = STUDIES["secondary"]

    def remember(rung, data, fold, y):
        from earlywarning.trial import fitted_on

        schools = data.rows["school_id"]
        seen.append((set(schools[fold.train]), set(schools[fold.test])))
        return fitted_on(rung, data, fold, y)

    monkeypatch.setattr("earlywarning.trial.unseen_schools.fitted_on", remember)
    told = unseen_schools(study, trained.data, trained.folds, trained.trial, ONE, **QUIET)
    assert len(seen) == told["groups"]
    assert all(not train & test for train, test in seen)
    assert set().union(*(test for _, test in seen)) == set(trained.trial.data.rows["school_id"])
    assert told["n"] == trained.trial.data.known.sum()
    assert told["intervals"]["average_precision"]["value"] == told["average_precision"]
    assert told["with_its_schools"]["auroc"] == pytest.approx(trained.summary["auroc"])


def test_with_one_school_or_too_few_events_none_is_left_out(world: World) -> None:
    trained, study = world.trained, STUDIES["secondary"]
    data = trained.data
    alone = replace(data, rows=data.rows.assign(school_id="s1"))
    told = unseen_schools(study, alone, trained.folds, trained.trial, ONE, **QUIET)
    assert "one school only" in told["why_not"]
    (fold,) = trained.folds
    first = data.rows["school_id"].min()
    only = (data.rows["school_id"] == first).to_numpy()
    rows = data.rows.assign(state=np.where(fold.train & ~only, "no_event", data.rows["state"]))
    told = unseen_schools(study, replace(data, rows=rows), trained.folds, trained.trial, ONE, **QUIET)
    assert "too few events" in told["why_not"]


def test_lists_of_refits_are_compared_with_the_list_itself(world: World) -> None:
    trained = world.trained
    told = trained.bundle.metrics["stability"]
    assert told["listed"] == trained.trial.listed("model", {"207": 60, "213": 60}).sum()
    assert told["refits"] == FAST.model.refits
    assert told["firm"] + told["borderline"] == told["listed"]
    assert 0 < told["least_stays"] <= told["stays"] < 1
    assert 0 < told["jaccard"] <= told["stays"]
    everyone = steadiness(trained.data, trained.folds, trained.trial, 1.0, n=1, **QUIET)
    assert everyone.stays == everyone.jaccard == 1.0  # a list of everybody holds everybody


def test_programme_places_are_measured_apart_from_the_list(world: World) -> None:
    trial, rows = world.trained.trial, world.trained.data.rows
    settings = replace(FAST, list=ListSettings(programme_places=5, programme_places_by_area={"213": 8}))
    places = places_of(settings, rows)
    assert places == {"207": 5, "213": 8}
    told = _at_places(trial, places)["model"]
    assert told["listed"] == sum(places.values()) / 2 * trial.lists
    assert told["recall_at_places"] < world.trained.summary["recall_at_capacity"]
    assert not [name for name in told if "capacity" in name or "brier" in name]
    assert world.trained.bundle.metrics["at_places"] == {}
    assert places_of(FAST, rows) == {}
    assert capacity_of(STUDIES["secondary"], settings, rows) == {"207": 60, "213": 60}


def test_the_page_has_the_places_and_hides_few_events(world: World) -> None:
    metrics = dict(world.trained.bundle.metrics)
    few = metrics["apart"]["pupils not met in training"] | {"events": 3}
    metrics["at_places"] = _at_places(world.trained.trial, {"207": 5, "213": 8})
    shown = rendered("ladder.html.jinja", metrics=metrics)
    hidden = rendered("ladder.html.jinja", metrics=metrics | {"apart": {"some pupils": few}})
    assert "Had only the programme places been filled" in shown
    assert f"{metrics['at_places']['model']['recall_at_places']:.3f}" in shown
    assert "under 5" in hidden and "under 5" not in shown
    assert f"{few['auroc']:.3f};" not in hidden


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"programme_places_by_area": {"213": 8}}, "no places are given for 207"),
        ({"programme_places_by_area": {"999": 8}}, "999 has nobody on roll; known here: 207, 213"),
    ],
)
def test_places_for_half_the_areas_are_refused(world: World, given: dict, message: str) -> None:
    with pytest.raises(WrongUsage, match=message):
        places_of(replace(FAST, list=ListSettings(**given)), world.trained.data.rows)
