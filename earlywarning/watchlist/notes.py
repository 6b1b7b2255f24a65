"""What to know before reading a page: a sentence or two, the same in every file."""

from __future__ import annotations

from collections import Counter

from earlywarning.explain.phrases import say
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.rows import SinceLast

HAND_OVER_NOTE = (
    "Copy it for each child whose parents agree. It goes to the head of Year 7 of the child's school, and "
    "holds what was agreed with the family: nothing about a list, its reasons or its bands."
)


def nominations_note(issue: Issue) -> str:
    """How many places are kept, and for whom."""
    kept = ", ".join(f"{area.nominations} for {area.name}" for area in issue.areas)
    return f"Places kept: {kept}. Nobody listed gives way. Give a reference of your own, no name."


def since_note(since: SinceLast) -> str:
    """What to know before reading who left the list."""
    gone = f" {say(since.gone, 'pupil')} more of it cannot be shown: on no roll looked at, or left out."
    made = " The way of making the list changed in between." if since.model_changed else ""
    return f"Of the list of {say(since.as_of_date)}, not on this one.{gone if since.gone else ''}{made}"


def register_note(issue: Issue) -> str:
    """What to know before reading the register."""
    instead = sum(len(issue.placed_instead(area.code)) for area in issue.areas)
    overdue = sum(row.review.startswith("Overdue") for row in issue.register)
    return (
        f"{say(len(issue.register), 'placement')} open, {overdue:,} with a review overdue. "
        f"In alternative provision, so here and not on the list: {say(instead, 'pupil')}."
    )


def shown_note(issue: Issue) -> str:
    """What to know before reading about pupils who are not scored."""
    return (
        f"{issue.shown_of:,} pupils of Year 11 are on roll and not scored: little of the year is left. "
        f"Here are those lately suspended or excluded, or on the last list: {len(issue.shown):,}."
    )


def not_assessed_note(issue: Issue) -> str:
    """How many were not assessed, and for which reasons."""
    reasons = " ".join(f"{count:,}: {why}" for why, count in issue.why_not_counts())
    return (
        f"{len(issue.not_assessed):,} pupils. Not assessed does not mean that all is well. {reasons}".rstrip()
    )


def left_out_note(issue: Issue) -> tuple[str, ...]:
    """Of how many pupils no list may be made, or that nothing was received that says so."""
    if not issue.objections_received:
        return (
            "No record of objections or restricted records was received: ask before a pupil is discussed.",
        )
    counts: Counter[str] = Counter()
    for area in issue.areas:
        counts.update(area.left_out)
    told = ", ".join(f"{say(count, 'pupil')} ({why})" for why, count in sorted(counts.items()))
    return (
        (f"Left out, and on no page: {told}.",)
        if told
        else ("Nobody is left out: no objection or restricted record is in force.",)
    )


def last_note(issue: Issue) -> tuple[str, ...]:
    """Which list was before this one."""
    if issue.since is None:
        return ("It is the first of its kind in its folder: nothing is said of an earlier list.",)
    return (f"The list before it was cut on {say(issue.since.as_of_date)}.",)
