"""The training page: whether to use the model, in the first line; then what to weigh, pictures and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from earlywarning.ablation import LITTLE
from earlywarning.audit import FairnessAudit
from earlywarning.labels.declare import Label
from earlywarning.model.bundle import Bundle
from earlywarning.model.evaluation import smallest_difference
from earlywarning.pictures import Metrics, count, number, percent, pictures, shown
from earlywarning.report import rendered
from earlywarning.studies import Study
from earlywarning.tables.checked import Checked
from earlywarning.trial import MODEL


@dataclass(frozen=True)
class Answer:
    """Whether to use the model, in a few words (``first``), and the sentences that say on what ground."""

    first: str
    because: tuple[str, ...]

    def __str__(self) -> str:
        return ". ".join([self.first, " ".join(self.because)])


def answer(metrics: Metrics, label: Label, synthetic: bool) -> Answer:
    """The first line of the page, and why."""
    winner, gain = metrics["winner"], metrics["winner"]["difference"]
    if winner["name"] == MODEL:
        first = "Use the model’s list"
    elif gain["lower"] is None or (gain["lower"] <= 0 and gain["upper"] >= LITTLE):
        first = "Too few events to tell: use the rule’s list"
    else:
        first = "Do not use the model: use the rule’s list"
    if synthetic:
        first = f"On invented data: {first[0].lower()}{first[1:]}"
    turned = winner["name"] != MODEL and gain["lower"] is not None and gain["lower"] > 0
    why = ["The model’s calibration slope is not positive, so it never makes a list."] if turned else []
    return Answer(first, (_compared(metrics), _at_capacity(metrics, label), *why))


def _compared(metrics: Metrics) -> str:
    """The two average precisions, their difference and its interval."""
    measures, winner = metrics["measures"], metrics["winner"]
    best, gain = winner["best_rule"], winner["difference"]
    both = (
        f"Average precision is {number(measures[MODEL]['average_precision'])} for the model and "
        f"{number(measures[best]['average_precision'])} for the best simple rule, "
        f"{metrics['sentences'][best]}"
    )
    if gain["value"] is None or gain["lower"] is None:
        return f"{both}: too few events for an interval of the difference."
    return (
        f"{both}: a difference of {gain['value']:+.3f} "
        f"(95% interval {gain['lower']:+.3f} to {gain['upper']:+.3f})."
    )


def _at_capacity(metrics: Metrics, label: Label) -> str:
    """What the difference means on the lists themselves."""
    model, rule = (metrics["measures"][name] for name in (MODEL, metrics["winner"]["best_rule"]))
    lists = "list" if model.get("lists") == 1 else "lists"
    return (
        f"Of {count(model['listed'])} places on its {lists}, the model’s went to {_about(model)} who then had "
        f"{label.outcome} {label.by}; of {count(rule['listed'])} on the rule’s, {_about(rule)} did."
    )


def _about(at: dict[str, float]) -> str:
    hits = at["listed_events"]
    return count(hits) if hits == round(hits) or shown(hits, "") else f"about {count(hits)}"


def caveats(metrics: Metrics) -> list[tuple[str, str]]:
    """What to weigh before using either list, what matters most first: (in a word, in a sentence or two)."""
    return [*_of_the_lists(metrics), *_of_the_test(metrics)]


def _of_the_lists(metrics: Metrics) -> Iterator[tuple[str, str]]:
    model, rule = (metrics["measures"][name] for name in (MODEL, metrics["winner"]["best_rule"]))
    mine, its = model["precision_at_capacity"], rule["precision_at_capacity"]
    if mine is not None and its is not None and mine < its:
        yield (
            "At this length of list the rule found more.",
            (
                f"Precision at capacity is {percent(mine)} for the model and {percent(its)} for the rule. More "
                "than 5 points lower, and the model may not be promoted."
            ),
        )
    if model["recall_at_capacity"] is not None:
        yield (
            "Most of it happens to pupils who are not listed."
            if model["recall_at_capacity"] < 0.5
            else "Not everyone it happens to is listed.",
            (
                f"The model’s lists hold {shown(model['listed_events'], percent(model['recall_at_capacity']))} of "
                f"{count(model['events'])} events in the test, the rule’s "
                f"{shown(rule['listed_events'], percent(rule['recall_at_capacity']))}. Not being listed says "
                "nothing good about a pupil."
            ),
        )
    yield (
        "It says who, not what helps.",
        (
            "The test counts who was then suspended or excluded. It does not show that being listed helps, or "
            "that help reaches those it would help most."
        ),
    )
    missed = model["events"] - model["events_assessed"]
    if model["assessed"] < model["n"]:
        yield (
            "Some pupils cannot be assessed.",
            (
                f"For {count(model['n'] - model['assessed'])} of {count(model['n'])} pupils’ terms there was not "
                f"enough information; {count(missed)} of them had the event, and no list finds them."
            ),
        )


def _of_the_test(metrics: Metrics) -> Iterator[tuple[str, str]]:
    model, winner = metrics["measures"][MODEL], metrics["winner"]
    least = smallest_difference(winner["difference"]["lower"], winner["difference"]["upper"])
    if least is None:
        small = "The test has too few events to say how small a difference it could have shown."
    else:
        small = (
            f"With {count(model['events'])} events, a true difference in average precision of {least:.3f} or "
            "more would have shown 8 times in 10; a smaller one could be there and be missed."
        )
    yield "How small a difference this test could have shown.", small
    if "," not in metrics["tested_on"]:
        yield (
            "It is one year.",
            (
                f"Everything was tested on {metrics['tested_on']} alone. Schools change what they suspend for, "
                "and another year may come out differently."
            ),
        )
    if model["unknown"]:
        yield (
            "Some outcomes are not known.",
            (
                f"{count(model['unknown'])} pupils’ terms ended in a move or a leaving; on the model’s lists "
                f"{count(model['listed_unknown'])}. Had none of those had the event, its precision would be "
                f"{percent(model['precision_at_capacity_none'])}; had all, "
                f"{percent(model['precision_at_capacity_all'])}."
            ),
        )
    if (ratio := model["calibration_in_the_large"]) is not None:
        slope = model["calibration_slope"]
        right = 0.9 <= ratio <= 1.1 and slope is not None and 0.9 <= slope <= 1.1
        yield (
            "The probabilities are about right." if right else "Do not read the probabilities as they stand.",
            (
                f"For every 100 events the model expected, {100 * ratio:.0f} came; its calibration slope is "
                f"{number(slope)} (1 is right, lower is too extreme). Who is listed does not depend on it."
            ),
        )
    yield (
        "The rule had a head start.",
        (
            "The best rule was picked on the very test the model is compared on, which makes it a little harder "
            "for the model, never easier."
        ),
    )


def training_page(study: Study, checked: Checked, bundle: Bundle, audit: FairnessAudit) -> str:
    """What a head of service needs to decide whether to use the model.

    The same page for the same run; no script, nothing from the network.
    """
    metrics, gain = bundle.metrics, bundle.metrics["winner"]["difference"]
    return rendered(
        "report.html.jinja",
        title=f"Training report: {study.name}",
        answer=answer(metrics, study.label, checked.synthetic),
        caveats=caveats(metrics),
        least=smallest_difference(gain["lower"], gain["upper"]),
        pictures=pictures(metrics),
        synthetic=checked.synthetic,
        outcome=study.label.meaning,
        metrics=metrics,
        model=metrics["measures"][MODEL],
        counts=checked.counts,
        count=count,
        shown=shown,
        hashes={"model": bundle.model_hash, "data": bundle.data_hash, "code": bundle.code_hash},
        audit=Markup(audit.to_html()),  # noqa: S704 - made by our own autoescaping template
    )
