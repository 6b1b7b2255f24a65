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


def test_an_agreed_action_is_carried_until_it_is_closed_or_another_is_agreed(meeting: Meeting) -> None:
    mentor = {"action": "Mentor", "owner": "Ada", "review_date": "2026-01-20"}
    others = {"p1": {"action": "Tutor"}, "p2": {"action": "Group"}, "p3": {"agree": "Disagree"}}
    others["p4"] = {"action": "Club", "discussed_on": "2025-10-10", "closed_on": "2025-10-10"}
    others["p5"] = {"action": "Visit", "discussed_on": "2025-10-10"}
    meeting(AUTUMN, {"p0": mentor, **others})
    later = {"p1": {"action": "Counsellor"}, "p2": {"agree": "Disagree", "closed_on": "2025-11-20"}}
    later |= {"p0": {"discussed_on": "2026-01-15", "agree": "Agree"}, "p5": {"closed_on": "2025-10-09"}}
    issues = meeting(SPRING, later)
    assert {pupil: each.action for pupil, each in still(issues, SUMMER).items()} == {
        "p0": "Mentor", "p1": "Counsellor", "p5": "Visit"
    }, "talking about a pupil closes nothing, nor does a day before the action was agreed"  # fmt: skip
    assert {pupil: each.action for pupil, each in still(issues, SPRING).items()} == {
        "p0": "Mentor", "p1": "Tutor", "p2": "Group", "p5": "Visit"
    }  # fmt: skip
    assert still(issues, AUTUMN) == {}


def test_an_action_agreed_after_an_earlier_one_was_closed_is_open(meeting: Meeting) -> None:
    meeting(AUTUMN, {"p0": {"action": "Mentor"}, "p1": {"action": "Tutor"}})
    meeting(SPRING, {"p0": {"closed_on": "2026-01-09"}, "p1": {"closed_on": "2026-01-09"}})
    issues = meeting(SPRING, {"p0": {"action": "Group", "discussed_on": "2026-01-15"}})
    assert {pupil: each.action for pupil, each in still(issues, SUMMER).items()} == {"p0": "Group"}


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
    title = "Pupils to talk about: autumn term"
    action = OpenAction("secondary-2025-09-26", title, "old", "Mentor", owner, AUTUMN, due)
    told = with_open_actions(issue, {pupil.ref: action, "not on the list": action})
    assert told.pupils[0].facts == (*pupil.facts, f"Agreed in autumn term: {said}")
    assert told.pupils[1:] == issue.pupils[1:]
    assert "Mentor" not in repr(action)
