"""The record of decisions: a file an issue, beside the issues, that only grows.

It holds references of the issue, never a pupil's own identifier: who is meant can only be worked out with
the key. What was decided earlier stays in it whatever is imported later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from earlywarning import chain, clock
from earlywarning.decisions.form import DECISIONS, FORMS, NOMINATIONS, SHOWN_ONLY
from earlywarning.decisions.listing import Published
from earlywarning.decisions.reading import Answer, Fault, Understood, closed_before_agreed, too_early
from earlywarning.errors import GateRefused, InputRefused

FOLDER = "decisions"
LOCK = ".decisions.lock"
_HEADINGS = {each.name: each.heading for form in FORMS for each in form.fields}
Answers = Mapping[str, str]


@dataclass(frozen=True)
class Recorded:
    """What stands for one issue after every import: ``answers`` by form and reference, as they came.

    Nominations are by the nominator's own reference. ``mark`` is the number and the hash of the last
    entry, for the minutes; "" while nothing was imported.
    """

    issue: str
    study: str
    title: str
    as_of_date: dt.date
    destroy_after: dt.date
    mark: str = ""
    answers: Mapping[str, Mapping[str, Answers]] = field(default_factory=dict, repr=False)

    @property
    def decisions(self) -> Mapping[str, Answers]:
        """Those about pupils on the list."""
        return self.answers.get(DECISIONS.name, {})

    @property
    def nominations(self) -> Mapping[str, Answers]:
        """Those about pupils who should be."""
        return self.answers.get(NOMINATIONS.name, {})

    @property
    def with_a_reference(self) -> Mapping[str, Answers]:
        """Those about pupils on the list, and about those who are only shown."""
        return {**self.answers.get(SHOWN_ONLY.name, {}), **self.decisions}


@dataclass(frozen=True)
class Kept:
    """What an import changed: how many rows were new, said the same, or add to or replace what stood.

    ``conflicts`` are rows that say something else than the record; they were left as they were.
    """

    recorded: Recorded
    new: int
    same: int
    changed: int
    conflicts: tuple[Fault, ...]


def keep(issue: Published, read: Understood, workbook_hash: str, *, replace: bool = False) -> Kept:
    """What is understood of a workbook, added to the issue's record.

    A cell that is empty changes nothing. A row that says something else than the record does is a conflict:
    it is reported and left out, or with ``replace`` the later answer stands and the earlier stays in the
    record's history. Where nothing is new, nothing is written.

    Raises:
        GateRefused: the record was changed by hand.
        MachineRefused: it cannot be written; nothing was kept.
    """
    folder = issue.folder.parent / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{issue.name}.jsonl"
    with chain.held(folder / LOCK, f"the record of decisions in {folder}"):
        entries = _entries(path)
        before = _recorded(entries) or _empty(issue)
        conflicts: list[Fault] = []
        counts = {"new": 0, "same": 0, "changed": 0}
        parts = {
            form.name: _merged(
                before.answers.get(form.name, {}),
                read.answers.get(form.name, ()),
                conflicts,
                counts,
                issue.as_of_date,
                replace=replace,
            )
            for form in FORMS
        }
        if any(parts.values()):
            added = chain.append(
                path,
                entries,
                {
                    "at": clock.now().isoformat(),
                    "issue": issue.name,
                    "study": issue.study,
                    "title": issue.title,
                    "as_of_date": issue.as_of_date.isoformat(),
                    "destroy_after": issue.destroy_after.isoformat(),
                    "issue_hash": issue.hash,
                    "workbook": workbook_hash,
                    "replaces": replace,
                    "answers": parts,
                },
            )
            entries = (*entries, added)
    return Kept(_recorded(entries) or before, **counts, conflicts=tuple(conflicts))


def recorded(issues: Path, name: str) -> Recorded | None:
    """What stands for the issue called ``name``; None where nothing was ever imported for it.

    Raises:
        GateRefused: the record was changed by hand.
    """
    return _recorded(_entries(issues / FOLDER / f"{name}.jsonl"))


def every_record(issues: Path) -> tuple[Recorded, ...]:
    """What stands for every issue with decisions, the earliest first.

    Raises:
        GateRefused: a record was changed by hand.
    """
    paths = sorted((issues / FOLDER).glob("*.jsonl"))
    found = [each for path in paths if (each := _recorded(_entries(path))) is not None]
    return tuple(sorted(found, key=lambda each: (each.as_of_date, each.issue)))


def needed(issues: Path, name: str) -> Recorded:
    """What stands for the issue called ``name``.

    Raises:
        InputRefused: nothing was imported for it.
    """
    found = recorded(issues, name)
    if found is None:
        raise InputRefused(
            f"No decisions were imported for the issue {name}. Run `earlywarning decisions import` with the "
            "workbook that the panel filled in."
        )
    return found


def _entries(path: Path) -> tuple[chain.Body, ...]:
    def broken(number: int) -> GateRefused:
        return GateRefused(
            f"The record of decisions {path} was changed: entry {number} is not what was written there. "
            "Nothing was read or added. Restore the file from a backup, and find out who changed it."
        )

    return chain.read(path, f"the record of decisions {path}", broken)


def _empty(issue: Published) -> Recorded:
    return Recorded(issue.name, issue.study, issue.title, issue.as_of_date, issue.destroy_after)


def _recorded(entries: Sequence[chain.Body]) -> Recorded | None:
    if not entries:
        return None
    last = entries[-1]
    standing: dict[str, dict[str, dict[str, str]]] = {}
    for entry in entries:
        for name, given in entry["answers"].items():
            stands = standing.setdefault(name, {})
            for ref, added in given.items():
                stands[ref] = {**stands.get(ref, {}), **added}
    return Recorded(
        issue=last["issue"],
        study=last["study"],
        title=last["title"],
        as_of_date=dt.date.fromisoformat(last["as_of_date"]),
        destroy_after=dt.date.fromisoformat(last["destroy_after"]),
        mark=f"{last['number']} {last['hash']}",
        answers=standing,
    )


def _merged(
    stands: Mapping[str, Answers],
    answers: Sequence[Answer],
    conflicts: list[Fault],
    counts: dict[str, int],
    as_of_date: dt.date,
    *,
    replace: bool,
) -> dict[str, dict[str, str]]:
    """What ``answers`` say that the record does not say yet, by reference."""
    added = {}
    for answer in answers:
        before = stands.get(answer.ref, {})
        other = [name for name, said in answer.answers.items() if before.get(name, said) != said]
        fresh = {name: said for name, said in answer.answers.items() if before.get(name) != said}
        if other and not replace:
            conflicts += [_conflict(answer, name) for name in other]
            continue
        if "closed_on" in fresh and closed_before_agreed({**before, **answer.answers}, as_of_date):
            conflicts.append(too_early(answer.sheet, answer.row))
            continue
        counts["same" if not fresh else "changed" if before else "new"] += 1
        if fresh:
            added[answer.ref] = fresh
    return added


def _conflict(answer: Answer, name: str) -> Fault:
    return Fault(
        answer.sheet,
        answer.row,
        _HEADINGS[name],
        "another copy says something else, and that was kept",
        "the same words; or --replace, with which this workbook's answers stand",
    )
