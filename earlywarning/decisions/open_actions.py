"""What was agreed at earlier meetings and is still open, carried into the next issue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from earlywarning.decisions.record import Answers, Recorded, every_record
from earlywarning.explain.phrases import say
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.keys import panel_refs
from earlywarning.watchlist.rows import ListedPupil


@dataclass(frozen=True)
class OpenAction:
    """An agreed action that is open on a day.

    ``ref`` is of the earlier ``issue``: it says nothing without the key. ``review_date`` is None where none
    was agreed, and may have passed.
    """

    issue: str
    title: str
    ref: str = field(repr=False)
    action: str = field(repr=False)
    owner: str = field(repr=False)
    review_date: dt.date | None = None

    def sentence(self, on: dt.date) -> str:
        """The action as the panel that meets on the day ``on`` reads it."""
        owner = f" ({self.owner})" if self.owner else ""
        due = self.review_date
        when = (
            "no review date"
            if due is None
            else f"review due {say(due)}"
            if due >= on
            else f"review was due {say(due)}"
        )
        term = self.title.rpartition(": ")[2]
        return f"Agreed in {term}: {self.action}{owner}; {when}."


Earlier: TypeAlias = Mapping[str, Mapping[str, OpenAction | None]]


def open_actions(issues: Path, before: dt.date, study: str) -> Earlier:
    """What the issues of ``study`` under ``issues`` left open, of those made before a day.

    By issue, the earliest first, and by the issue's references: the agreed action, or None where the meeting
    discussed the pupil and agreed none. Nothing is carried longer than its issue may be kept. Nominated
    pupils have no reference of the issue's and are not among them.

    Raises:
        GateRefused: a record of decisions was changed by hand.
    """
    return {
        record.issue: {
            ref: _agreed(record, ref, answers) if "action" in answers else None
            for ref, answers in record.with_a_reference.items()
            if not {"action", "discussed_on", "agree"}.isdisjoint(answers)
        }
        for record in every_record(issues)
        if record.study == study and record.as_of_date < before <= record.destroy_after
    }


def carried(earlier: Earlier, pupil_ids: Sequence[str], key: bytes, issue: str) -> dict[str, OpenAction]:
    """The open action of each pupil who has one, by the pupil's reference in the ``issue`` called so.

    An action stays open until a later meeting discusses the pupil again: what that one agreed stands for it,
    and nothing where it agreed nothing. Earlier references lead to pupils only through the ``key``.
    """
    latest: dict[str, OpenAction | None] = {}
    for name, answers in earlier.items():
        for pupil_id, ref in zip(pupil_ids, panel_refs(pupil_ids, key, name), strict=True):
            if ref in answers:
                latest[pupil_id] = answers[ref]
    still = {pupil_id: action for pupil_id, action in latest.items() if action is not None}
    return dict(zip(panel_refs(still, key, issue), still.values(), strict=True))


def with_open_actions(issue: Issue, actions: Mapping[str, OpenAction]) -> Issue:
    """The issue with the open action of each pupil on its list among the facts; others are left out."""

    def told(pupil: ListedPupil) -> ListedPupil:
        action = actions.get(pupil.ref)
        if action is None:
            return pupil
        return replace(pupil, facts=(*pupil.facts, action.sentence(issue.panel_date)))

    return replace(issue, pupils=tuple(told(pupil) for pupil in issue.pupils)) if actions else issue


def _agreed(record: Recorded, ref: str, answers: Answers) -> OpenAction:
    due = answers.get("review_date")
    return OpenAction(
        issue=record.issue,
        title=record.title,
        ref=ref,
        action=answers["action"],
        owner=answers.get("owner", ""),
        review_date=dt.date.fromisoformat(due) if due else None,
    )
