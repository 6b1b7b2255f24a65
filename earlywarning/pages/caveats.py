"""What to weigh before a list is used: each a word and a sentence or two, what matters most first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from earlywarning.model.evaluation import Measures, smallest_difference
from earlywarning.pages.figures import Metrics, count, number, percent, shown
from earlywarning.pages.summary import looked
from earlywarning.tracking import Looks
from earlywarning.trial import MODEL

Caveat: TypeAlias = tuple[str, str]


def caveats(metrics: Metrics, looks: Looks) -> list[Caveat]:
    """The caveats of a run. Where no model won, what the test could have shown comes first."""
    model, winner = metrics["measures"][MODEL], metrics["winner"]
    rule, gain = metrics["measures"][winner["best_rule"]], winner["difference"]
    size = _size(model, gain["lower"], gain["upper"])
    lists = list(_lists(model, rule))
    years = [] if "," in metrics["tested_on"] else [_one_year(metrics["tested_on"])]
    years.append(_looks(looks))
    early = ("Before the first suspension.", metrics["said"]["never_suspended"])
    told = [*lists, early, size, *years] if winner["name"] == MODEL else [size, *years, *lists, early]
    return [*told, *_peers(metrics), *_outcomes(model), *_probabilities(model), HEAD_START]


HEAD_START: Caveat = (
    "The rule had a head start.",
    "The best rule was picked on the test itself, which makes it harder for the model, never easier.",
)


def _lists(model: Measures, rule: Measures) -> Iterator[Caveat]:
    """What the lists of the two do and do not hold."""
    mine, its = model["precision_at_capacity"], rule["precision_at_capacity"]
    if mine is not None and its is not None and mine < its:
        told = (
            f"Precision at capacity is {percent(mine)} for the model and {percent(its)} for the rule. More "
            "than 5 points apart, the model may not be promoted."
        )
        yield "At this length of list the rule found more.", told
    yield (
        "It says to whom, not what helps.",
        "The test counts to whom it happened. It does not show that being listed helps, or whom.",
    )
    found, its_found = model["recall_at_capacity"], rule["recall_at_capacity"]
    if found is not None and its_found is not None:
        word = "Most of it happens" if max(found, its_found) < 0.5 else "It also happens"
        told = (
            f"Of {count(model['events'])} events in the test, {_part(model)} are on the model’s lists and "
            f"{_part(rule)} on the rule’s. Not being listed says nothing good about a pupil."
        )
        yield f"{word} to pupils who are not listed.", told
    if left := (model["n"] or 0) - (model["assessed"] or 0):
        missed = (model["events"] or 0) - (model["events_assessed"] or 0)
        told = (
            f"For {count(left)} of {count(model['n'])} pupils’ terms there was not enough information; "
            f"{count(missed)} of them had the event, and no list of the model’s finds them."
        )
        yield "Some pupils cannot be assessed.", told


def _size(model: Measures, lower: float | None, upper: float | None) -> Caveat:
    """How small a difference the test could have shown."""
    least = smallest_difference(lower, upper)
    told = (
        f"The test has {count(model['events'])} events: too few to say how small a difference it could show."
        if least is None
        else f"With {count(model['events'])} events, a true difference of {least:.3f} in average precision "
        "would have shown 8 times in 10; a smaller one could be there and be missed."
    )
    return "How small a difference this test could have shown.", told


def _one_year(period: str) -> Caveat:
    return (
        "It is one year.",
        f"Everything was tested on {period} alone; another year may come out differently.",
    )


def _looks(looks: Looks) -> Caveat:
    """Whether the test was still fresh. Leaving families out (`ablate`) looks too, and is not counted."""
    if looks.number == 1:
        told = "Whoever changes settings after reading this and trains again tests on a year they have seen."
        return "This is the first look at the test year.", told
    told = (
        f"{looked(looks)} Each time something is changed after a look, the result flatters the model a "
        "little more: a year that nobody has seen yet is the better judge."
    )
    return "The test year is not fresh.", told


def _peers(metrics: Metrics) -> Iterator[Caveat]:
    """Whether another learner ranked as well."""
    precision = {name: at["average_precision"] or 0.0 for name, at in metrics["measures"].items()}
    peers = [name for name, kind in metrics["kinds"].items() if kind == "peer"]
    best = max(peers, key=precision.__getitem__, default=MODEL)
    if best != MODEL and precision[best] >= precision[MODEL] > 0:
        told = (
            f"{metrics['sentences'][best]}: average precision {precision[best]:.3f}, the model’s "
            f"{precision[MODEL]:.3f}. What a learner is given counts more than which one it is."
        )
        yield "Another learner did as well.", told[0].upper() + told[1:]


def _outcomes(model: Measures) -> Iterator[Caveat]:
    """How much hangs on the pupils who left."""
    if model["unknown"]:
        none, every = (percent(model[f"precision_at_capacity_{end}"]) for end in ("none", "all"))
        share = f"{none} if none of those had the event, {every} if all had."
        told = (
            f"{count(model['unknown'])} pupils’ terms ended in a move or a leaving, "
            f"{count(model['listed_unknown'])} of them on the model’s lists. Its precision there would be "
        )
        told += shown(model["listed_events"] or 0, share)
        yield "Some outcomes are not known.", told


def _probabilities(model: Measures) -> Iterator[Caveat]:
    """Whether the probabilities can be read as they stand: both measures within a tenth of 1."""
    ratio, slope = model["calibration_in_the_large"], model["calibration_slope"]
    if ratio is None:
        return
    right = slope is not None and all(0.9 <= value <= 1.1 for value in (ratio, slope))
    told = (
        f"For every 100 events the model expected, {100 * ratio:.0f} came; its calibration slope is "
        f"{number(slope)} (1 is right, lower is too extreme). Who is listed does not depend on it."
    )
    yield (
        "The probabilities are about right." if right else "Do not read the probabilities as they stand.",
        told,
    )


def _part(at: Measures) -> str:
    return shown(at["listed_events"] or 0, percent(at["recall_at_capacity"]))
