"""Sentences about the evidence: what is said where something cannot be told."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import World

from earlywarning.pages.evidence_words import said

SURE = {"value": 0.02, "lower": 0.01, "upper": 0.03, "by": "schools"}
UNSURE = {"value": None, "lower": None, "upper": None, "by": "pupils"}
STEADY = {
    "listed": 120,
    "refits": 20,
    "jaccard": 0.6,
    "stays": 0.75,
    "least_stays": 0.7,
    "firm": 80,
    "borderline": 40,
    "near": 9,
}
NEVER = {
    "n": 9000,
    "events": 40,
    "average_precision": 0.05,
    "recall_at_capacity": 0.1,
    "listed": 63.0,
    "best_rule": {"name": "rule", "average_precision": 0.03},
    "difference": SURE,
}
UNSEEN = {
    "groups": 5,
    "schools": 14,
    "average_precision": 0.2,
    "with_its_schools": {"average_precision": 0.21},
    "difference": SURE | {"value": -0.01, "lower": -0.02, "upper": 0.005},
}
METRICS: dict[str, Any] = {
    "lists": {
        "number": 6,
        "capacity": {"207": 60, "213": 50},
        "limits": ["At most 3 of Alder School."],
        "programme_places": {"207": 5, "213": 8},
    },
    "apart": {"pupils never suspended before": NEVER, "pupils suspended before": {"listed": 297.0}},
    "sentences": {"rule": "a simple rule"},
    "unseen_schools": UNSEEN,
    "stability": STEADY,
    "resampling": {"pupils": 9000, "schools": 14, "resamples": 500, "note": ""},
}


def test_each_sentence_has_its_numbers() -> None:
    told = said(METRICS)
    assert (
        "60 in 207, 50 in 213. At most 3 of Alder School." in told["lists"]
        and "places for fewer: 5 in 207, 8 in 213" in told["lists"]
    )
    assert "40 events among 9,000" in told["never_suspended"] and "10%" in told["never_suspended"]
    assert "360 places 63 went to them" in told["never_suspended"]
    assert (
        "0.050, and 0.030" in told["never_suspended"] and "(a simple rule): +0.020" in told["never_suspended"]
    )
    assert "was 0.200, against 0.210" in told["unseen_schools"] and "-0.010" in told["unseen_schools"]
    assert "kept 75% of its lists" in told["stability"] and "80 are firm" in told["stability"]
    assert "9,000 pupils" in told["resampling"] and "14 schools" in told["resampling"]


@pytest.mark.parametrize(
    ("part", "value", "name", "words"),
    [
        (
            "unseen_schools",
            {"why_not": "there is one school only"},
            "unseen_schools",
            "was not tested: there is",
        ),
        (
            "unseen_schools",
            UNSEEN | {"average_precision": None, "difference": UNSURE},
            "unseen_schools",
            "undefined",
        ),
        ("stability", STEADY | {"near": 2}, "stability", "borderline; fewer than 5 not listed"),
        ("stability", STEADY | {"stays": None}, "stability", "Nobody was listed"),
        ("apart", {}, "never_suspended", "does not say who was suspended before"),
        (
            "apart",
            {"pupils never suspended before": NEVER | {"events": 3}},
            "never_suspended",
            "under 5 events",
        ),
        ("lists", {"capacity": 0.05, "limits": [], "programme_places": {}}, "lists", "5% of those on roll"),
        (
            "lists",
            {"capacity": 0.05, "limits": [], "programme_places": {}},
            "lists",
            "Nobody said how many programme places",
        ),
    ],
)
def test_what_cannot_be_told_is_said_so(part: str, value: Any, name: str, words: str) -> None:
    assert words in said(METRICS | {part: value})[name]


def test_the_page_and_the_summary_say_it(world: World) -> None:
    page = (world.trained.folder.parent / "reports" / "report.html").read_text(encoding="utf-8")
    told = world.trained.summary["said"]
    for sentence in told.values():
        assert sentence.partition("(")[0].replace("'", "&#39;").strip()[:60] in page
    assert "last term&#39;s list" in page
    assert "pupils never suspended before" in page
