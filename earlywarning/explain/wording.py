"""What no sentence may say, whoever wrote it: the rules of a phrasebook's words, and of its fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from earlywarning.explain.phrases import DATE, PLAIN, forms, say

LONGEST = 160
"""Characters of the longest sentence, its fields filled and every clause in brackets said."""

NOUN = re.compile(r"[a-z][a-z' -]*(\|[a-z][a-z' -]*)?")
CLAUSES = re.compile(r"([^\[\]]*)(\[[^\[\]]*\][^\[\]]*)*")
SPECIMEN = {"%": "under 1%", DATE: "30 September 2025"}


@dataclass(frozen=True)
class Never:
    """Words that are never said: ``called`` what they would be, ``instead`` what is allowed."""

    called: str
    words: re.Pattern[str]
    instead: str


def _never(called: str, words: str, instead: str) -> Never:
    return Never(called, re.compile(rf"\b(?:{words})\b", re.IGNORECASE), instead)


NEVER = (
    _never(
        "a cause",
        r"because|caus(?:e[sd]?|ing)|due to|owing to|leads? to|led to|results? (?:in|from)|as a result",
        "say what was recorded and when",
    ),
    _never(
        "a forecast",
        r"will|won't|shall|likely to|going to|expected to|predict\w*|at risk|risks? (?:of|scores?)|"
        r"risk|(?:high|low)-risk|probability|chances? of",
        "say what was recorded and when, never what is to come",
    ),
    _never(
        "a label of the pupil",
        r"(?:is|are|was|were|been|being|becom\w+) (?:an? )?(?:very |often |so )?(?:violent|aggressive|"
        r"disruptive|dangerous|abusive|naughty|bad|lazy|defiant|disturbed|vulnerable|troubled|difficult|challenging)|"
        r"bully|bullies|offenders?|truants?|troublemakers?|thie(?:f|ves)|liars?",
        "say what was recorded, not what the pupil is",
    ),
    _never(
        "advice",
        r"if (?:\w+ ){1,4}?(?:rose|rises|fell|falls|improved|improves|increased|increases|dropped|drops|were|"
        r"came|stopped|had)|should|must|ought to|needs? to|we recommend|recommended",
        "leave what to do to the panel; a question may ask",
    ),
    _never(
        "a protected characteristic",
        r"sex|gender|girls?|boys?|males?|females?|race|racial|ethnic\w*|nationality|black|white|asian|mixed "
        r"heritage|gypsy|gypsies|roma|travellers?|religio\w*|christians?|muslims?|jewish|jews?|hindus?|sikhs?|"
        r"disab\w+|sen|send|autis\w+|adhd|pregnan\w+|gay|lesbian|bisexual|trans(?:gender)?|immigrants?|"
        r"first language|eal|free school meals|fsm",
        "such facts are never inputs and never reasons",
    ),
    _never(
        "a word that is not used here",
        r"students?|fixed[- ]term",
        'say "pupil" and "suspension" (docs/words.md)',
    ),
)
CONTACT = _never(
    "a contact with a service",
    r"social workers?|looked after|in care|child(?:ren)? in need|child protection|early help|ehcp?s?|"
    r"care plans?|youth (?:justice|offending)|domestic abuse|probation|police",
    "contacts are shown as already in place, never as reasons",
)


def forbidden(text: str, *, reason: bool = False) -> Iterator[str]:
    """Each rule of words that ``text`` breaks, with what is allowed; a ``reason`` says no contact either.

    >>> list(forbidden("Suspended because of absence."))
    ['"because" speaks of a cause: say what was recorded and when']
    """
    for never in (*NEVER, *([CONTACT] if reason else [])):
        if found := never.words.search(text):
            yield f'"{found[0]}" speaks of {never.called}: {never.instead}'


def ill_formed(text: str) -> Iterator[str]:
    """Each rule of form that ``text`` breaks, with what is allowed."""
    if text.strip() != text or not text.isprintable():
        yield "one line of text is needed, without spaces at its ends"
    if not CLAUSES.fullmatch(text):
        yield "square brackets stand in pairs, none inside another"
    try:
        forms(text)
    except ValueError:
        yield "braces stand in pairs, as in {absent_1ht:n}"
        return
    if (length := len(specimen(text))) > LONGEST:
        yield f"filled it has {length} characters, and at most {LONGEST} can be read at a glance"


def specimen(text: str) -> str:
    """``text`` as long as it is usually said.

    >>> specimen("{spells_1t:suspension} this term[; the last on {days_since:date}]")
    '88 suspensions this term; the last on 30 September 2025'
    """
    parts = re.split(r"\{\w*:?([^{}]*)\}", re.sub(r"[\[\]]", "", text))
    return "".join(
        SPECIMEN.get(part) or say(88.0, part) if number % 2 else part for number, part in enumerate(parts)
    )


def wrong_fields(text: str, known: Collection[str], rates: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each field of a reason that cannot be filled, and why; ``rates`` are those said as a percentage."""
    for name, form in forms(text):
        if name not in known:
            yield name, "is not known"
        elif form == "%" and name not in rates:
            yield name, "is no rate, so it is not said as a percentage"
        elif form == DATE and not name.startswith("days_"):
            yield name, "is no number of days (days_...), so it leads back to no date"
        elif form not in ("%", DATE, *PLAIN) and not NOUN.fullmatch(form):
            yield name, f"has no form '{form}': write n, none, %, date or a noun, as in {{{name}:session}}"
