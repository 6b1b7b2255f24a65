"""An issue's parts agree, and its cover says in plain words how far to trust it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from earlywarning.watchlist import Area, Issue, Measure, Trial, context_rows
from earlywarning.watchlist.cover import cover, how_good
from earlywarning.watchlist.outputs import panel_html

FORBIDDEN = re.compile(
    r"\b(because|causes?|caused|will|at risk of|due to|leads? to|students?|fixed[- ]term)\b", re.IGNORECASE
)


def words(issue: Issue) -> str:
    return "\n".join(
        line for section in cover(issue) for line in (section.heading, *section.paragraphs, *section.points)
    )


def test_a_traceback_shows_no_pupil(issue: Issue) -> None:
    shown = repr(issue)
    assert "Northfold" in shown
    assert not any(pupil.ref in shown or pupil.school in shown for pupil in issue.pupils)


CONTRADICTIONS: dict[str, Callable[[Issue], dict[str, object]]] = {
    "9 on roll": lambda issue: {"areas": (replace(issue.areas[0], on_roll=9), *issue.areas[1:])},
    "capacity 1": lambda issue: {"areas": (replace(issue.areas[0], capacity=1), *issue.areas[1:])},
    "listed in scores": lambda issue: {"pupils": issue.pupils[1:]},
    "10 on roll|20 on roll|40 on roll": lambda issue: {"not_assessed": issue.not_assessed[1:]},
    "areas that the issue does not cover": lambda issue: {"areas": issue.areas[:1]},
    "columns": lambda issue: {"scores": issue.scores.assign(pupil_id="p1")},
    "share a reference": lambda issue: {
        "in_progress": tuple(replace(row, ref=issue.pupils[0].ref) for row in issue.in_progress)
    },
    "two rows of the issue": lambda issue: {
        "register": tuple(replace(row, ref=issue.pupils[0].ref, instead=True) for row in issue.register)
    },
    "assessed and [0-9]+ set apart": lambda issue: {
        "areas": tuple(replace(area, left_out={}) for area in issue.areas)
    },
    "on roll": lambda issue: {"register": tuple(replace(row, instead=False) for row in issue.register)},
    "said to have left": lambda issue: {
        "since": replace(issue.since, left=(replace(issue.since.left[0], ref=issue.pupils[0].ref),))
    },
}


@pytest.mark.parametrize("message", CONTRADICTIONS)
def test_parts_that_contradict_each_other_are_refused(message: str, small_issue: Issue) -> None:
    with pytest.raises(ValueError, match=message):
        replace(small_issue, **CONTRADICTIONS[message](small_issue))


def test_the_cover_says_what_it_is_what_it_is_not_and_whom_to_ask(issue: Issue) -> None:
    assert [section.heading for section in cover(issue)] == [
        "What this is",
        "What this is not",
        "How far to trust it",
        "What to do next",
        "About this copy",
        "What it was made from",
    ]
    for needed in (
        "kept for nominations: 10 for Northfold",
        "At most 20 of Alder Lane School",
        "Left out, and on no page: 2 pupils (objection to profiling)",
        "The list before it was cut on 26 September 2025",
    ):
        assert needed in words(issue)
    for needed in ("15 January 2026", "31 December 2025", "60 for Northfold", issue.contact, "26 April 2027"):
        assert needed in words(issue)


def test_how_good_it_was_has_events_interval_bounds_and_the_rule_beside_it(issue: Issue) -> None:
    told = "\n".join(how_good(issue.evidence))
    for needed in (
        "1,031 of them",
        "about 4 in 10",
        "(38%; 95% interval 33% to 44%)",
        "36% if none of them had it, 42% if all of them did",
        "number of suspensions in the last three terms",
        "about 3 in 10",
        "had a new suspension or a permanent exclusion before the end of term",
    ):
        assert needed in told


def test_another_label_is_told_in_its_own_words(issue: Issue) -> None:
    removed = replace(issue.evidence, outcome="a managed move", by="within a year of the panel")
    told = "\n".join(how_good(removed))
    assert "about 4 in 10 had a managed move within a year of the panel" in told
    assert "suspension or" not in told
    assert "end of term" not in told


def test_a_list_made_by_a_rule_says_so(issue: Issue) -> None:
    model = Trial("model", "a model", Measure(0.3), Measure(0.1))
    evidence = replace(issue.evidence, winner=issue.evidence.beside, beside=model, model_won=False)
    told = "\n".join(how_good(evidence))
    assert "No model did better than a simple rule" in told
    assert "The model, on the same pupils" in told
    rule_made = replace(issue, winner="number_of_suspensions", evidence=evidence)
    assert "The facts that the rule looks at." in panel_html.render(rule_made)


def test_a_list_made_by_a_rule_because_no_model_was_promoted_says_so(issue: Issue) -> None:
    model = Trial("model", "a model", Measure(0.3), Measure(0.1))
    standing = "No model has been promoted."
    evidence = replace(issue.evidence, winner=issue.evidence.beside, beside=model, standing=standing)
    told = " ".join(how_good(evidence))
    assert "No model has been promoted. Until one is, the list is the best simple rule's: number" in told
    assert "No model did better" not in told


def test_what_is_undefined_is_said_to_be_undefined(issue: Issue) -> None:
    nothing = Trial("model", "a model", Measure(None), Measure(None))
    told = "\n".join(how_good(replace(issue.evidence, events=0, winner=nothing, beside=None)))
    assert told.count("could not be worked out") == 2
    assert "0%" not in told


def test_the_wording_explains_and_foretells_nothing(issue: Issue) -> None:
    assert not FORBIDDEN.search(words(issue))
    page = re.sub(r"<(style|script)>.*?</\1>", "", panel_html.render(issue), flags=re.DOTALL)
    assert not FORBIDDEN.search(re.sub(r"<[^>]+>", " ", page))


def test_context_counts_only_what_was_visible() -> None:
    pupil = {"area": "901", "school": "Alder", "group": "Year 9", "assessed": True, "listed": False}
    roll = pd.DataFrame(
        [
            {**pupil, "suspended": 1.0, "listed": True},
            {**pupil, "suspended": 0.0},
            {**pupil, "suspended": float("nan"), "assessed": False, "group": "Year 10"},
        ]
    )
    school, ninth, tenth = context_rows(roll)
    assert (school.on_roll, school.assessed, school.visible, school.suspended, school.listed) == (
        3,
        2,
        2,
        1,
        1,
    )
    assert (ninth.name, tenth.name, tenth.visible) == ("Year 9", "Year 10", 0)


def test_a_school_whose_suspensions_were_not_visible_is_not_shown_as_none(issue: Issue) -> None:
    unseen = replace(issue.context[0], visible=0, suspended=0)
    assert "not visible\n" in panel_html.render(replace(issue, context=(unseen, *issue.context[1:])))


def test_an_area_nobody_is_listed_in_still_has_its_pages(small_issue: Issue) -> None:
    empty = Area("903", "Eastwick", 60, 0)
    assert "60 for Eastwick" in panel_html.render(replace(small_issue, areas=(*small_issue.areas, empty)))


def test_an_extract_that_does_not_say_who_objected_is_told_as_such(issue: Issue) -> None:
    told = words(replace(issue, objections_received=False))
    assert "No record of objections or restricted records was received" in told
    assert "Nobody is left out" not in told
    none = tuple(replace(area, left_out={}, on_roll=area.on_roll - 1) for area in issue.areas)
    assert "Nobody is left out" in words(replace(issue, areas=none))


def test_wards_and_the_move_to_year_7_have_tables_of_their_own() -> None:
    pupil = {"area": "901", "school": "Alder", "assessed": True, "listed": False, "suspended": 1.0}
    roll = pd.DataFrame([{**pupil, "group": "Year 7"}, {**pupil, "group": "Year 9"}])
    further = pd.DataFrame({"Ward": ["Abbey Road", "Abbey Road"], "Move to Year 7": ["No record", ""]})
    told = {(row.kind, row.name): row.on_roll for row in context_rows(roll, further)}
    assert told[("Ward", "Abbey Road")] == 2
    assert told[("Move to Year 7", "No record")] == 1
    assert ("Move to Year 7", "") not in told
