"""From rows to decisions: what is understood, and of every other row why it is not."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from earlywarning.decisions.cells import Dates, NotUnderstood, Seen, text, understood
from earlywarning.decisions.form import FIELDS, NOMINATION_FIELDS, REFERENCE, Field
from earlywarning.decisions.listing import Published
from earlywarning.decisions.workbook import Filled, Row
from earlywarning.errors import InputRefused
from earlywarning.ledger import looks_like_a_pupil

LONGEST_PLAN = dt.timedelta(days=2 * 366)
_OWN_REFERENCE = NOMINATION_FIELDS[0].heading
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


@dataclass(frozen=True)
class Answer:
    """What was filled in for one pupil: ``answers`` by the name of the field, of those that hold something.

    ``ref`` is the issue's reference, or a nomination's own.
    """

    ref: str = field(repr=False)
    answers: Mapping[str, str] = field(repr=False)
    sheet: str = ""
    row: int = 0


@dataclass(frozen=True)
class Understood:
    """A workbook as it was understood; ``absent`` counts pupils of the list who have no row in it."""

    decisions: tuple[Answer, ...] = field(repr=False)
    nominations: tuple[Answer, ...] = field(repr=False)
    faults: tuple[Fault, ...]
    absent: int


@dataclass(frozen=True)
class Form:
    """How the rows of one kind are read: what is filled in, and for whom.

    ``named`` gives the reference from the cell under ``key``; ``check`` raises ``NotUnderstood`` where it
    cannot stand there.
    """

    fields: Sequence[Field]
    key: str
    named: Callable[[Seen], str]
    check: Callable[[str], None]


def understand(workbook: Filled, issue: Published) -> Understood:
    """The decisions and nominations in ``workbook``, and a fault for each row that is none.

    Raises:
        InputRefused: none of its references is of ``issue``.
    """
    dates = Dates(issue.as_of_date, issue.as_of_date + LONGEST_PLAN, workbook.epoch)
    given = [reference(row.cells[REFERENCE]) for row in workbook.pupils]
    refs = {ref for ref in given if ref}
    if refs and not refs & issue.places.keys():
        raise InputRefused(
            f"None of the {len(refs):,} references in this workbook is of the issue {issue.name}: it is the "
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

    listed_form = Form(FIELDS, REFERENCE, reference, check_listed)
    own_form = Form(NOMINATION_FIELDS[1:], _OWN_REFERENCE, own, check_own)
    decisions = _answers(workbook.pupils, listed_form, dates, faults)
    nominations = _answers(workbook.nominations, own_form, dates, faults)
    rows = (*workbook.pupils, *workbook.nominations)
    order = {(row.sheet, row.number): place for place, row in enumerate(rows)}
    faults.sort(key=lambda fault: order[fault.sheet, fault.row])
    return Understood(decisions, nominations, tuple(faults), len(set(issue.listed) - refs))


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


def _answers(rows: Sequence[Row], form: Form, dates: Dates, faults: list[Fault]) -> tuple[Answer, ...]:
    """What is understood of ``rows``, a pupil once; faults of the others are added to ``faults``."""
    found: dict[str, list[Answer]] = {}
    for row in rows:
        answer = _answer(row, form, dates, faults)
        if answer is not None:
            found.setdefault(answer.ref, []).append(answer)
    for ref, answers in list(found.items()):
        if any(answer.answers != answers[0].answers for answer in answers):
            rule = "the reference stands in two rows that differ"
            faults += [Fault(each.sheet, each.row, form.key, rule, "one row") for each in answers]
            del found[ref]
    return tuple(answers[0] for answers in found.values())


def _answer(row: Row, form: Form, dates: Dates, faults: list[Fault]) -> Answer | None:
    """What one row says; None where nothing is filled in, or where it has a fault."""
    if all(row.cells[each.heading].empty for each in form.fields):
        return None
    before, answers = len(faults), {}
    ref = form.named(row.cells[form.key])
    try:
        if not ref:
            raise NotUnderstood("something is filled in, and no reference says for whom", "a reference")
        form.check(ref)
    except NotUnderstood as fault:
        faults.append(Fault(row.sheet, row.number, form.key, fault.rule, fault.allowed))
    for each in form.fields:
        try:
            if said := understood(row.cells[each.heading], each.column, dates):
                answers[each.name] = said
        except NotUnderstood as fault:
            faults.append(Fault(row.sheet, row.number, each.heading, fault.rule, fault.allowed))
    return Answer(ref, answers, row.sheet, row.number) if len(faults) == before else None
