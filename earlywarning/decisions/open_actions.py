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

    ``ref`` is of the earlier ``issue``: it says nothing without the key. ``agreed_on`` is the issue's day
    where nobody said when. ``review_date`` is None where none was agreed, and may have passed.
    """

    issue: str
    title: str
    ref: str = field(repr=False)
    action: str = field(repr=False)
    owner: str = field(repr=False)
    agreed_on: dt.date
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


Earlier: TypeAlias = Mapping[str, Mapping[str, OpenAction | dt.date]]


def open_actions(issues: Path, before: dt.date, study: str) -> Earlier:
    """What the issues of ``study`` under ``issues`` left open, of those made before a day.

    By issue, the earliest first, and by the issue's references: the agreed action, or the day on which what
    had been agreed was closed. Nothing is carried longer than its issue may be kept. Nominated pupils have no
    reference of the issue's and are not among them.

    Raises:
        GateRefused: a record of decisions was changed by hand.
    """
    return {
        record.issue: {
            ref: said
            for ref, answers in record.with_a_reference.items()
            if (said := _left(record, ref, answers)) is not None
        }
        for record in every_record(issues)
        if record.study == study and record.as_of_date < before <= record.destroy_after
    }


def carried(earlier: Earlier, pupil_ids: Sequence[str], key: bytes, issue: str) -> dict[str, OpenAction]:
    """The open action of each pupil who has one, by the pupil's reference in the ``issue`` called so.

    An action stays open until it is closed, or a later meeting agrees another for the pupil. Earlier
    references lead to pupils only through the ``key``.
    """
    still: dict[str, OpenAction] = {}
    for name, answers in earlier.items():
        for pupil_id, ref in zip(pupil_ids, panel_refs(pupil_ids, key, name), strict=True):
            said = answers.get(ref)
            if isinstance(said, OpenAction):
                still[pupil_id] = said
            elif said and pupil_id in still and said >= still[pupil_id].agreed_on:
                del still[pupil_id]
    return dict(zip(panel_refs(still, key, issue), still.values(), strict=True))


def with_open_actions(issue: Issue, actions: Mapping[str, OpenAction]) -> Issue:
    """The issue with the open action of each pupil on its list among the facts; others are left out."""

    def told(pupil: ListedPupil) -> ListedPupil:
        action = actions.get(pupil.ref)
        if action is None:
            return pupil
        return replace(pupil, facts=(*pupil.facts, action.sentence(issue.panel_date)))

    return replace(issue, pupils=tuple(told(pupil) for pupil in issue.pupils)) if actions else issue


def _left(record: Recorded, ref: str, answers: Answers) -> OpenAction | dt.date | None:
    """What one row of the record leaves open, the day it closed something on, or nothing."""
    agreed = _day(answers, "discussed_on") or record.as_of_date
    closed, action = _day(answers, "closed_on"), answers.get("action")
    if not action or (closed and closed >= agreed):
        return closed
    return OpenAction(
        issue=record.issue,
        title=record.title,
        ref=ref,
        action=action,
        owner=answers.get("owner", ""),
        agreed_on=agreed,
        review_date=_day(answers, "review_date"),
    )


def _day(answers: Answers, name: str) -> dt.date | None:
    return dt.date.fromisoformat(answers[name]) if name in answers else None
