"""The words of the cover: what this is, what it is not, how far to trust it, how to use it."""

from __future__ import annotations

from dataclasses import dataclass

from earlywarning.explain.phrases import say
from earlywarning.watchlist.evidence import Evidence, Measure, Trial
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.notes import left_out_note

INVENTED = (
    "INVENTED DATA. Every pupil, school and figure in this issue is made up. "
    "Nothing in it is evidence about real pupils."
)

ABOUT = "About this copy"
"""From this section on the cover is for looking things up."""

BAND_WORDS = {
    "discuss first": "on the list in at least 8 of 10 re-runs",
    "also consider": "on the list, but off it in more than 2 of 10 re-runs",
}


@dataclass(frozen=True)
class Section:
    """A heading with paragraphs and points under it."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


def cover(issue: Issue) -> tuple[Section, ...]:
    """The sections of the cover, in the order in which a person who has never seen the tool needs them."""
    return (
        _what_it_is(issue),
        _what_it_is_not(issue),
        Section("How far to trust it", how_good(issue.evidence)),
        _what_to_do(issue),
        _about_this_copy(issue),
        _what_it_was_made_from(issue),
    )


def how_good(evidence: Evidence) -> tuple[str, ...]:
    """How the list did when tested, in plain words, with its interval, bounds and number of events."""
    listed, rest, outcome = evidence.winner, evidence.beside, evidence.outcome
    return (
        f"{evidence.standing} {_made_by(evidence)}",
        (
            f"It was tested on {evidence.tested_on}, which had no part in making it. The lists of the test "
            f"were drawn from {evidence.pupils:,} pupils, {evidence.events:,} of them with {outcome}. "
            "A pupil counts once for each list."
        ),
        *_of_those_listed(listed, outcome, evidence.by),
        *_of_all(listed, outcome),
        *(() if rest is None else (_compared(rest),)),
    )


def basis(issue: Issue) -> str:
    """The line above a pupil's reasons: what kind of thing they are."""
    if issue.winner == "model":
        return f"Associated in past years with {issue.evidence.outcome}. Facts to check, not findings."
    return "The facts that the rule looks at. Facts to check, not findings."


def in_ten(share: float) -> str:
    """A share as people say it.

    >>> in_ten(0.38), in_ten(0.04), in_ten(0.001), in_ten(0.99)
    ('about 4 in 10', 'about 4 in 100', 'fewer than 1 in 100', 'nearly all')
    """
    if share < 0.005:
        return "fewer than 1 in 100"
    if share < 0.095:
        return f"about {share * 100:.0f} in 100"
    return "nearly all" if share > 0.95 else f"about {share * 10:.0f} in 10"


def _what_it_is(issue: Issue) -> Section:
    lengths = ", ".join(f"{area.capacity} for {area.name}" for area in issue.areas)
    kept = ", ".join(f"{area.nominations} for {area.name}" for area in issue.areas)
    return Section(
        "What this is",
        (
            (
                f"Pupils to talk about when the panel meets on {say(issue.panel_date)}, to offer help early. "
                f"The list rests on what schools and services had recorded by {say(issue.as_of_date)}."
            ),
            *issue.notes,
            " ".join(
                (
                    f"The panel's time sets its length, not a threshold: {lengths}.",
                    f"Beside it, places are kept for nominations: {kept}.",
                    *issue.limits,
                )
            ),
            *left_out_note(issue),
            "To sort it into bands it was made many times over, with small chance differences (re-runs):",
        ),
        tuple(f"{band.capitalize()}: {words}." for band, words in BAND_WORDS.items()),
    )


def _what_it_is_not(issue: Issue) -> Section:
    return Section(
        "What this is not",
        points=(
            "Not a decision. No suspension, permanent exclusion, move or sanction may be proposed from it.",
            "Not a judgement. Reasons are associated with the outcome in past years; they do not explain it.",
            "Not complete. Pupils who are not listed may need help as much: please nominate them.",
            issue.sharing,
        ),
    )


def _what_to_do(issue: Issue) -> Section:
    common = "what is common in a school or year group may call for an offer to all"
    return Section(
        "What to do next",
        points=(
            f"Before the meeting, look at “In context”: {common}.",
            "For each pupil, write down your own view before you read the reasons.",
            "Check the facts with somebody who knows the pupil. Disagree freely, and say why.",
            "Record the agreed action, its owner and a review date in panel.xlsx; later, when it was closed.",
            "Add pupils who are missing under “Nominations”.",
            "Pupils in alternative provision are under “Placements”: see whose review is overdue.",
            f"After the meeting, return panel.xlsx to {issue.contact}: open actions come back next term.",
        ),
    )


def _what_it_was_made_from(issue: Issue) -> Section:
    return Section(
        "What it was made from",
        (
            "Ethnicity, sex, disability and religion are never used to make the list.",
            "Contacts with services may be an input; they are shown as support in place, never as a reason.",
        ),
        tuple(f"{theme.capitalize()}: {' '.join(inputs)}" for theme, inputs in issue.inputs.items()),
    )


def _about_this_copy(issue: Issue) -> Section:
    source = issue.provenance
    return Section(
        ABOUT,
        points=(
            f"Data to {say(issue.as_of_date)}, from extracts taken on {say(issue.extracted_on)}.",
            f"It looks from {say(issue.opens)} to {say(issue.horizon_end)}.",
            f"What happened in that time can be counted from {say(issue.labels_mature_on)}.",
            f"Made with {source.model_name}, version {source.model_version} ({source.software}).",
            *(
                []
                if issue.since is None
                else [f"The list before it was cut on {say(issue.since.as_of_date)}."]
            ),
            f"Questions, corrections and objections: {issue.contact}.",
            f"Destroy after {say(issue.destroy_after)}.",
        ),
    )


def _made_by(evidence: Evidence) -> str:
    winner = evidence.winner
    if winner.name == "model":
        return f"The list was made by {winner.sentence}."
    if evidence.model_won:
        return f"Until one is, the list is the best simple rule's: {winner.sentence}."
    return f"No model did better than a simple rule, so the list is the rule's: {winner.sentence}."


def _of_those_listed(listed: Trial, outcome: str, by: str) -> tuple[str, ...]:
    share = listed.precision
    if share.value is None:
        return (f"How many pupils listed had {outcome} could not be worked out: too little was known.",)
    said = f"Of the pupils on those lists, {in_ten(share.value)} had {outcome} {by}"
    first = f"{said}{_interval(share)}. The others did not."
    if share.bounds is None:
        return (first,)
    low, high = (say(bound, "%") for bound in share.bounds)
    unknown = "Some left or moved in that time, so their outcome is not known"
    return (f"{first} {unknown}: {low} if none of them had it, {high} if all of them did.",)


def _of_all(listed: Trial, outcome: str) -> tuple[str, ...]:
    share = listed.recall
    if share.value is None:
        return (f"How many of all pupils with {outcome} were listed could not be worked out: nobody had it.",)
    said = f"Of all pupils who had {outcome}, {in_ten(share.value)} were on them"
    return (f"{said}{_interval(share)}. The rest were not.",)


def _compared(rest: Trial) -> str:
    made = "The model" if rest.name == "model" else f"The best simple rule ({rest.sentence})"
    if rest.precision.value is None or rest.recall.value is None:
        return f"{made} could not be tested on the same pupils."
    listed = f"{in_ten(rest.precision.value)} of those listed had it{_interval(rest.precision)}"
    found = f"{in_ten(rest.recall.value)} of those who had it were listed"
    return f"{made}, on the same pupils and with as many places: {listed}, and {found}."


def _interval(share: Measure) -> str:
    if share.interval is None:
        return ""
    low, high = (say(bound, "%") for bound in share.interval)
    return f" ({say(share.value, '%')}; 95% interval {low} to {high})"
