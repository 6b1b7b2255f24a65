"""The training page: its first line is the answer, and it names nobody."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conftest import World

from earlywarning.labels.new_suspension import NEW_SUSPENSION
from earlywarning.model.curves import curves
from earlywarning.model.evaluation import at_one_threshold, evaluate
from earlywarning.pages.caveats import caveats as caveats_of
from earlywarning.pages.pictures import pictures
from earlywarning.pages.training import answer, training_page
from earlywarning.tracking import Looks

RANDOM = np.random.default_rng(1)
N = 600
CHANCE = RANDOM.beta(1, 8, N)
STATE = np.where(RANDOM.random(N) < CHANCE, "event", "no_event")
WHERE = {"area": np.array(["207", "213"])[np.arange(N) % 2], "as_of_date": ["x"] * N, "capacity": 20}


def metrics(
    winner: str = "model",
    gain: tuple[float | None, ...] = (0.05, 0.02, 0.08),
    state: Any = STATE,
) -> dict[str, Any]:
    """Metrics as training makes them, of a model that knows the chances and of a rule that ties."""
    scores = {"rule": (CHANCE > 0.2) * 1.0, "peer": CHANCE**2, "model": CHANCE}
    measures = {
        name: evaluate(state, score, probability=CHANCE if name == "model" else None, **WHERE)
        for name, score in scores.items()
    }
    value, lower, upper = gain
    return {
        "measures": at_one_threshold(measures, "model"),
        "curves": {
            name: curves(state, scores[name], probability=CHANCE if name == "model" else None, **WHERE)
            for name in ("model", "rule")
        },
        "winner": {
            "name": winner,
            "best_rule": "rule",
            "difference": {"value": value, "lower": lower, "upper": upper, "events": 60},
            "why": "the reason given",
        },
        "intervals": {},
        "sentences": {"rule": "a <rule>", "peer": "a peer", "model": "trees"},
        "kinds": {"rule": "rule", "peer": "peer", "model": "model"},
        "apart": {"pupils met in training": {"n": 9, "events": 3, "auroc": 0.71, "average_precision": 0.4}},
        "said": {"never_suspended": "Nobody was on the lists."},
        "gates": [],
        "tested_on": "2024/25",
    }


def caveats(given: dict[str, Any], looks: Looks = Looks()) -> list[tuple[str, str]]:  # noqa: B008
    return caveats_of(given, looks)


def told(*args: Any, synthetic: bool = False) -> Any:
    return answer(metrics(*args), NEW_SUSPENSION, synthetic)


@pytest.mark.parametrize(
    ("winner", "gain", "first", "because"),
    [
        ("model", (0.05, 0.02, 0.08), "Use the model’s list", "Beyond chance, the model ranks"),
        ("rule", (0.01, -0.02, 0.04), "Too few events to tell: use the rule’s list", "This test cannot tell"),
        ("rule", (0.01, None, None), "Too few events to tell: use the rule’s list", "too few events for an"),
        ("rule", (None, None, None), "Too few events to tell: use the rule’s list", "too few events for an"),
        ("rule", (-0.02, -0.03, 0.001), "Do not use the model: use the rule’s list", "does not rank pupils"),
        ("rule", (0.05, 0.02, 0.08), "Do not use the model: use the rule’s list", "the reason given"),
    ],
)
def test_the_answer(winner: str, gain: tuple[float | None, ...], first: str, because: str) -> None:
    given = told(winner, gain)
    assert given.first == first
    assert because in " ".join(given.because)
    assert str(given).startswith(f"{first}. ")


def test_the_answer_says_what_the_difference_is_and_what_it_means_on_the_lists() -> None:
    given = metrics()
    model, rule = given["measures"]["model"], given["measures"]["rule"]
    compared, at_capacity = told().because
    assert "a difference of +0.050, 95% interval +0.020 to +0.080" in compared
    assert (
        f"Of the 40 places on the lists of the test, the model gave {model['listed_events']:.0f} to"
        in at_capacity
    )
    assert f"the rule about {rule['listed_events']:.0f}." in at_capacity
    assert "a new suspension or a permanent exclusion before the end of term" in at_capacity


def test_on_invented_data_the_very_first_words_say_so() -> None:
    assert told(synthetic=True).first == "On invented data: use the model’s list"


def test_where_no_model_won_what_the_test_could_show_comes_first() -> None:
    lost = caveats(metrics("rule", (0.0, -0.05, 0.05)))
    assert "a true difference of 0.071 in average precision would have shown" in lost[0][1]
    assert caveats(metrics())[0][0] == "It says to whom, not what helps."
    too_few = caveats(metrics("rule", (None, None, None)))
    assert "too few to say how small" in too_few[0][1]


def test_caveats_are_those_of_the_run() -> None:
    words = [word for word, _ in caveats(metrics())]
    assert "Another learner did as well." in words
    assert "Some outcomes are not known." not in words
    gone = np.where(np.arange(N) % 10 == 0, "censored", STATE)
    assert "Some outcomes are not known." in [word for word, _ in caveats(metrics(state=gone))]
    assert "It is one year." not in [
        word for word, _ in caveats(metrics() | {"tested_on": "2023/24, 2024/25"})
    ]


def test_the_looks_at_the_test_year_are_told() -> None:
    first = dict(caveats(metrics()))
    assert "This is the first look at the test year." in first
    again = dict(caveats(metrics(), Looks(3, 2)))["The test year is not fresh."]
    assert "looked at 3 times by training runs, 2 of them on these very extracts" in again


def test_a_long_label_is_drawn_within_the_picture() -> None:
    given = metrics()
    given["sentences"]["rule"] = "flags for persistent absence and for many negative behaviour events"
    difference = pictures(given)[0].svg
    assert difference.count("textLength") == 1


def test_every_picture_has_its_numbers_beside_it() -> None:
    made = pictures(metrics())
    assert [picture.name for picture in made] == [
        "difference",
        "lists",
        "longer",
        "worth",
        "ladder",
        "calibration",
    ]
    for picture in made:
        assert all(len(row) == len(picture.head) for row in picture.rows), picture.name
    assert pictures(metrics()) == made


def test_the_model_is_compared_with_the_best_rule_first_and_with_all_that_is_known() -> None:
    given = metrics() | {
        "differences": {
            "peer": {"value": -0.01, "lower": -0.03, "upper": 0.01, "events": 60},
            "rule": {"value": 0.05, "lower": 0.02, "upper": 0.08, "events": 60},
        }
    }
    difference = pictures(given)[0]
    assert [row[0] for row in difference.rows] == ["a <rule> (best rule)", "a peer"]
    assert difference.rows[1][1:3] == ("-0.010", "-0.030 to +0.010")
    assert difference.svg.count('fill="#ffffff" stroke=') == 1  # hollow: the interval holds 0


@pytest.mark.parametrize("state", ["event", "no_event", "censored"])
def test_one_class_only_is_drawn_as_far_as_it_goes(state: str) -> None:
    alone = metrics("rule", (None, None, None), np.array([state] * N))
    words = " ".join(cell for picture in pictures(alone) for row in picture.rows for cell in row)
    assert "undefined" in words
    assert "nan" not in words
    assert caveats(alone)


def test_a_run_without_curves_or_probabilities_has_the_other_pictures() -> None:
    given = metrics()
    del given["curves"]
    given["measures"]["model"]["threshold_at_capacity"] = None
    assert [picture.name for picture in pictures(given)] == ["difference", "lists", "ladder"]


def test_no_number_from_one_to_four_is_shown() -> None:
    rare = np.where(np.argsort(np.argsort(-CHANCE)) < 3, "event", "no_event")  # the three likeliest pupils
    given = metrics("rule", (None, None, None), rare)
    cells = [cell for picture in pictures(given) for row in picture.rows for cell in row[1:]]
    assert "fewer than 5" in cells
    assert "not shown" in cells
    assert not {"1", "2", "3", "4"} & set(cells)
    assert "3 events" not in " ".join(sentence for _, sentence in caveats(given))
    assert "gave fewer than 5 to" in " ".join(answer(given, NEW_SUSPENSION, False).because)


@pytest.fixture(scope="module")
def page(world: World) -> str:
    folder = Path(world.trained.folder).parent / "reports"
    return (folder / "report.html").read_text(encoding="utf-8")


def test_the_page_is_kept_with_the_run_and_begins_with_the_answer(world: World, page: str) -> None:
    (first,) = re.findall(r"<h1>(.*?)</h1>", page)
    assert first.startswith("On invented data: ")
    assert world.trained.summary["answer"].startswith(first)
    assert page.index("<h1>") < page.index("INVENTED DATA. Every pupil") < page.index("<h2")


def test_the_page_names_no_pupil_and_fetches_nothing(world: World, page: str) -> None:
    pupils = {str(pupil) for pupil in world.trained.data.X.index.get_level_values("pupil_id")}
    assert not pupils & set(re.findall(r"[\w-]+", page))
    assert not re.search(r"<script|<link|<img|https?:|url\(", page)
    assert page.count("<svg") == page.count("</svg>") > 6


def test_the_same_run_makes_the_same_page(world: World, page: str) -> None:
    counts = {"pupils": SimpleNamespace(read=1, used=1, quarantined=0, faults=())}
    checked = SimpleNamespace(synthetic=True, counts=counts)
    study = SimpleNamespace(name="secondary", label=NEW_SUSPENSION)
    run = world.trained
    made = [training_page(study, checked, run.bundle, run.audit, Looks()) for _ in range(2)]  # type: ignore[arg-type]
    assert made[0] == made[1]
    upto = page.index("Every row accounted for")
    assert made[0][:upto] == page[:upto]
