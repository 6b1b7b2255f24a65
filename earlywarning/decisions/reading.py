"""From rows to decisions: what is understood, and of every other row why it is not."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from earlywarning import clock
from earlywarning.decisions.cells import Dates, NotUnderstood, Seen, refuse_unreadable, text, understood
from earlywarning.decisions.form import DECISIONS, FORMS, NOMINATIONS, REFERENCE, Form
from earlywarning.decisions.listing import Published
from earlywarning.decisions.workbook import Filled, Row
from earlywarning.errors import InputRefused
from earlywarning.ledger import looks_like_a_pupil
from earlywarning.watchlist.columns import CLOSED

LONGEST_PLAN = dt.timedelta(days=2 * 366)
_DASHES = re.compile(r"[\s\-\u2010-\u2015\u2212]+")


@dataclass(frozen=True)
class Fault:
    """Why a row was not kept: where it stands, the rule and what is allowed. Never what it says."""

    sheet: str
    row: int
    column: str
    rule: str
    allowed: str

    def __str__(self) -> str:
        """The fault as people read it."""
        return (
            f"Sheet '{self.sheet}', row {self.row}, column '{self.column}': {self.rule}. "
            f"Allowed: {self.allowed}."
        )


def closed_before_agreed(answers: Mapping[str, str], as_of_date: dt.date) -> bool:
    """Whether an action is said to have been closed before the meeting that agreed it.

    Where no day is given, the meeting was not before the issue's. An action that an earlier meeting agreed,
    and this row does not, may have been closed on any day.

    >>> closed_before_agreed({"action": "Mentor", "closed_on": "2025-12-30"}, dt.date(2025, 12, 31))
    True
    """
    agreed = answers.get("discussed_on", as_of_date.isoformat())
    return "action" in answers and answers.get("closed_on", agreed) < agreed


def too_early(sheet: str, row: int) -> Fault:
    """What is said of such a row."""
    return Fault(
        sheet,
        row,
        CLOSED.heading,
        "it is before the action of this row was agreed",
        "that day or a later one; what is agreed here closes what an earlier meeting agreed, without a date",
    )


@dataclass(frozen=True)
class Answer:
    """What was filled in for one pupil: ``answers`` by the name of the field, of those that hold something.

    ``ref`` is the issue's reference, or a nomination's own; with what tells two rows of one pupil apart.
    """

    ref: str = field(repr=False)
    answers: Mapping[str, str] = field(repr=False)
    sheet: str = ""
    row: int = 0


@dataclass(frozen=True)
class Understood:
    """A workbook as it was understood: answers by the name of their form.

    ``absent`` counts pupils of the list who have no row in it.
    """

    answers: Mapping[str, tuple[Answer, ...]] = field(repr=False)
    faults: tuple[Fault, ...]
    absent: int

    @property
    def decisions(self) -> tuple[Answer, ...]:
        """Those about pupils on the list."""
        return self.answers.get(DECISIONS.name, ())

    @property
    def nominations(self) -> tuple[Answer, ...]:
        """Those about pupils who should be."""
        return self.answers.get(NOMINATIONS.name, ())


@dataclass(frozen=True)
class Names:
    """How a reference is read from its cell, and what refuses it (raising ``NotUnderstood``)."""

    read: Callable[[Seen], str]
    check: Callable[[str], None]


def understand(workbook: Filled, issue: Published) -> Understood:
    """The decisions and nominations in ``workbook``, and a fault for each row that is none.

    Raises:
        InputRefused: none of its references is of ``issue``.
    """
    dates = Dates(issue.as_of_date, issue.as_of_date + LONGEST_PLAN, workbook.epoch, clock.today())
    named = (row for rows in workbook.rows.values() for row in rows if REFERENCE in row.cells)
    refs = {ref for row in named if (ref := reference(row.cells[REFERENCE]))}
    if refs and not refs & issue.places.keys():
        raise InputRefused(
            f"No reference in this workbook ({len(refs):,} read) is of the issue {issue.name}: it is the "
            "workbook of another issue. Nothing was kept. Give that issue's folder with --issue."
        )
    faults: list[Fault] = []

    def check_listed(ref: str) -> None:
        if ref not in issue.places or not issue.places[ref].listed:
            raise NotUnderstood(
                "the reference is not on this issue's list",
                "the references that the issue lists; for another pupil, a row under Nominations",
            )

    def check_own(ref: str) -> None:
        if looks_like_a_pupil(ref):
            raise NotUnderstood("it looks like a pupil's number", "a reference of your own, without names")
        if (place := issue.places.get(ref)) and place.listed:
            raise NotUnderstood("this pupil is on the list", "decisions where the pupil is listed")

    def own(cell: Seen) -> str:
        known = reference(cell)
        return known if known in issue.places or cell.kind in "efm" else text(cell.value or "")

    def check_here(ref: str) -> None:
        if ref not in issue.places:
            raise NotUnderstood("the reference is not of this issue", "the references on its pages")

    names = {DECISIONS.name: Names(reference, check_listed), NOMINATIONS.name: Names(own, check_own)}
    here = Names(reference, check_here)
    answers = {
        form.name: _answers(workbook.rows.get(form.name, ()), form, names.get(form.name, here), dates, faults)
        for form in FORMS
    }
    rows = [row for found in workbook.rows.values() for row in found]
    order = {(row.sheet, row.number): place for place, row in enumerate(rows)}
    faults.sort(key=lambda fault: order[fault.sheet, fault.row])
    on = {reference(row.cells[REFERENCE]) for row in workbook.rows[DECISIONS.name]}
    return Understood(answers, tuple(faults), len(set(issue.listed) - on))


def reference(cell: Seen) -> str:
    r"""A reference as the issue writes it, from its cell: a name on a line below it is left out.

    >>> reference(Seen("k3q–f7x 2mb\nO'Brien, Sinéad"))
    'K3Q-F7X-2MB'
    """
    if cell.empty or cell.kind not in "sn":
        return ""
    first = unicodedata.normalize("NFKC", str(cell.value).strip().split("\n")[0]).strip()
    letters = _DASHES.sub("", first).upper()
    if re.fullmatch(r"[0-9A-Z]{9}", letters):
        return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"
    return first


def _answers(
    rows: Sequence[Row], form: Form, names: Names, dates: Dates, faults: list[Fault]
) -> tuple[Answer, ...]:
    """What is understood of ``rows``, a pupil once; faults of the others are added to ``faults``."""
    found: dict[str, list[Answer]] = {}
    for row in rows:
        answer = _answer(row, form, names, dates, faults)
        if answer is not None:
            found.setdefault(answer.ref, []).append(answer)
    for ref, answers in list(found.items()):
        if any(answer.answers != answers[0].answers for answer in answers):
            rule = "the reference stands in two rows that differ"
            faults += [Fault(each.sheet, each.row, form.key, rule, "one row") for each in answers]
            del found[ref]
    return tuple(answers[0] for answers in found.values())


def _answer(row: Row, form: Form, names: Names, dates: Dates, faults: list[Fault]) -> Answer | None:
    """What one row says; None where nothing is filled in, or where it has a fault."""
    if all(cell.empty for each in form.fields if (cell := row.cells.get(each.heading))):
        return None
    before, answers = len(faults), {}
    ref = names.read(row.cells[form.key])
    try:
        refuse_unreadable(row.cells[form.key])
        if not ref:
            raise NotUnderstood("something is filled in, and no reference says for whom", "a reference")
        names.check(ref)
    except NotUnderstood as fault:
        faults.append(Fault(row.sheet, row.number, form.key, fault.rule, fault.allowed))
    for each in form.fields:
        try:
            if (cell := row.cells.get(each.heading)) and (said := understood(cell, each.column, dates)):
                answers[each.name] = said
        except NotUnderstood as fault:
            faults.append(Fault(row.sheet, row.number, each.heading, fault.rule, fault.allowed))
    if closed_before_agreed(answers, dates.first):
        faults.append(too_early(row.sheet, row.number))
    if len(faults) > before or not answers:  # what no page can show is nothing
        return None
    apart = [text(row.cells[heading].value or "") for heading in form.apart]
    return Answer(" ".join([ref, *apart]), answers, row.sheet, row.number)
