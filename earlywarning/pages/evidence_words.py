"""What the evidence comes to, in sentences a head of service would read; made from plain values alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FEWEST = 5
"""Fewer pupils or events than this are not counted out on a page: they could be known to be somebody."""


def said(metrics: Mapping[str, Any]) -> dict[str, str]:
    """A sentence or two each, by what they are about: what a page prints and ``--json`` carries."""
    return {
        "lists": _lists(metrics["lists"]),
        "never_suspended": _never(metrics),
        "unseen_schools": _unseen(metrics["unseen_schools"]),
        "stability": _stability(metrics["stability"]),
        "resampling": _resampling(metrics["resampling"]),
    }


def between(estimate: Mapping[str, Any]) -> str:
    """The 95% interval of an estimate in words.

    >>> between({"lower": -0.0123, "upper": 0.4, "by": "schools"})
    '95% interval -0.012 to 0.400, schools resampled'
    >>> between({"lower": None, "upper": None, "by": "pupils"})
    'too few events for an interval'
    """
    if estimate["lower"] is None or estimate["upper"] is None:
        return "too few events for an interval"
    return f"95% interval {estimate['lower']:.3f} to {estimate['upper']:.3f}, {estimate['by']} resampled"


def _lists(lists: Mapping[str, Any]) -> str:
    capacity, places = lists["capacity"], lists["programme_places"]
    if isinstance(capacity, Mapping):
        each = ", ".join(f"{number} in {area}" for area, number in capacity.items())
        talked = f"On each list pupils are talked about: {each}."
    else:
        talked = f"On each list {capacity:.0%} of those on roll are talked about."
    talked = " ".join((talked, *lists["limits"]))
    if not places:
        return f"{talked} Nobody said how many programme places there are (list.programme_places)."
    room = ", ".join(f"{number} in {area}" for area, number in places.items())
    return f"{talked} There are programme places for fewer: {room}."


def _never(metrics: Mapping[str, Any]) -> str:
    told = metrics["apart"].get("pupils never suspended before")
    if told is None:
        return "This study does not say who was suspended before."
    if told["events"] < FEWEST:
        return (
            f"Among pupils with no suspension in the records there were under {FEWEST} events: too few to "
            "say whether the model warns early."
        )
    gain, rule = told["difference"], metrics["sentences"][told["best_rule"]["name"]]
    found, others = told["recall_at_capacity"], metrics["apart"]["pupils suspended before"]["listed"]
    return (
        f"True early warning: {told['events']:,} events among {told['n']:,} pupils’ terms with no suspension "
        f"in the records. Of the lists' {told['listed'] + others:,.0f} places {_pupils(told['listed'])} went "
        f"to them, and held {found:.0%} of these events. Average precision among them is {_number(told)}, "
        f"and {_number(told['best_rule'])} for the rule that did best among them ({rule}): "
        f"{gain['value']:+.3f} ({between(gain)})."
    )


def _unseen(told: Mapping[str, Any]) -> str:
    if "why_not" in told:
        return f"How the model ranks at a school it has never seen was not tested: {told['why_not']}."
    return (
        f"At schools it had never seen (each of {told['groups']} groups of {told['schools']} schools left "
        f"out of the training in turn, one seed) the model's average precision was {_number(told)}, against "
        f"{_number(told['with_its_schools'])} in the main test: {_signed(told['difference']['value'])} "
        f"({between(told['difference'])})."
    )


def _stability(told: Mapping[str, Any]) -> str:
    if told["stays"] is None:
        return "Nobody was listed, so there is no list to compare with."
    return (
        f"Made again {told['refits']} times on resampled pupils, one seed each, the model would have kept "
        f"{told['stays']:.0%} of its lists on average and {told['least_stays']:.0%} at worst (mean Jaccard "
        f"index {told['jaccard']:.2f}). Of {told['listed']:,} places {_pupils(told['firm'])} are firm, on at "
        f"least 90% of those lists, and {_pupils(told['borderline'])} are borderline; "
        f"{_pupils(told['near'])} not listed were on most refits' lists."
    )


def _resampling(told: Mapping[str, Any]) -> str:
    return (
        f"Intervals are from {told['resamples']} resamples of {told['pupils']:,} pupils and as many of "
        f"{told['schools']:,} schools; the wider of the two is shown and decides. {told['note']}"
    ).strip()


def _pupils(number: float) -> str:
    return f"fewer than {FEWEST}" if 0 < number < FEWEST else f"{number:,.0f}"


def _number(told: Mapping[str, Any]) -> str:
    value = told["average_precision"]
    return "undefined" if value is None else f"{value:.3f}"


def _signed(value: float | None) -> str:
    return "undefined" if value is None else f"{value:+.3f}"
