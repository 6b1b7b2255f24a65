"""What was agreed and is still open is on the next list, for the same pupil and no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from earlywarning.decisions import OpenAction, Published, carried, keep, open_actions, with_open_actions
from earlywarning.decisions.reading import Answer, Understood
from earlywarning.watchlist import Issue, panel_refs

Meeting = Callable[..., Path]
KEY = b"k" * 32
PUPILS = [f"p{number}" for number in range(6)]
AUTUMN, SPRING, SUMMER = dt.date(2025, 9, 26), dt.date(2025, 12, 31), dt.date(2026, 4, 2)


@pytest.fixture
def meeting(opened: Published) -> Meeting:
    """Records what a meeting decided, by pupil."""

    def meeting(day: dt.date, answers: Mapping[str, Mapping[str, str]], study: str = "secondary") -> Path:
        issue = replace(
            opened,
            name=f"{study}-{day}",
            study=study,
            title=f"Pupils to talk about: the list of {day}",
            as_of_date=day,
            destroy_after=day + dt.timedelta(days=365),
        )
        refs = dict(zip(answers, panel_refs(answers, KEY, issue.name), strict=True))
        rows = tuple(Answer(refs[pupil], said) for pupil, said in answers.items())
        keep(issue, Understood({"decisions": rows}, (), 0), "w" * 64)
        return issue.folder.parent

    return meeting


def still(issues: Path, day: dt.date, study: str = "secondary") -> dict[str, OpenAction]:
    """The open action of each pupil on a day."""
    name = f"{study}-{day}"
    found = carried(open_actions(issues, day, study), PUPILS, KEY, name)
    pupils = dict(zip(panel_refs(PUPILS, KEY, name), PUPILS, strict=True))
    return {pupils[ref]: action for ref, action in found.items()}


def test_an_agreed_action_is_carried_until_a_later_meeting_discusses_the_pupil(meeting: Meeting) -> None:
    mentor = {"action": "Mentor", "owner": "Ada", "review_date": "2026-01-20"}
    others = {"p1": {"action": "Tutor"}, "p2": {"action": "Group"}, "p3": {"agree": "Disagree"}}
    meeting(AUTUMN, {"p0": mentor, **others})
    later = {"p1": {"action": "Counsellor"}, "p2": {"agree": "Disagree"}, "p0": {"own_view": "Doing well"}}
    issues = meeting(SPRING, later)
    assert {pupil: each.action for pupil, each in still(issues, SUMMER).items()} == {
        "p0": "Mentor", "p1": "Counsellor"
    }  # fmt: skip
    assert {pupil: each.action for pupil, each in still(issues, SPRING).items()} == {
        "p0": "Mentor", "p1": "Tutor", "p2": "Group"
    }  # fmt: skip
    assert still(issues, AUTUMN) == {}


def test_nothing_is_carried_after_its_issue_must_be_destroyed_or_into_another_study(meeting: Meeting) -> None:
    issues = meeting(AUTUMN, {"p0": {"action": "Mentor"}})
    assert set(still(issues, AUTUMN + dt.timedelta(days=365))) == {"p0"}
    assert still(issues, AUTUMN + dt.timedelta(days=366)) == {}
    assert still(issues, SPRING, "transition") == {}


def test_another_key_leads_to_nobody(meeting: Meeting) -> None:
    issues = meeting(AUTUMN, {"p0": {"action": "Mentor"}})
    assert carried(open_actions(issues, SPRING, "secondary"), PUPILS, b"x" * 32, "secondary-2025-12-31") == {}


@pytest.mark.parametrize(
    ("owner", "due", "said"),
    [
        ("Ada", dt.date(2026, 1, 15), "Mentor (Ada); review due 15 January 2026."),
        ("", dt.date(2026, 1, 14), "Mentor; review was due 14 January 2026."),
        ("", None, "Mentor; no review date."),
    ],
)
def test_the_next_panel_reads_it_among_the_facts(
    owner: str, due: dt.date | None, said: str, issue: Issue
) -> None:
    pupil = issue.pupils[0]
    action = OpenAction(
        "secondary-2025-09-26", "Pupils to talk about: autumn term", "old", "Mentor", owner, due
    )
    told = with_open_actions(issue, {pupil.ref: action, "not on the list": action})
    assert told.pupils[0].facts == (*pupil.facts, f"Agreed in autumn term: {said}")
    assert told.pupils[1:] == issue.pupils[1:]
    assert "Mentor" not in repr(action)
