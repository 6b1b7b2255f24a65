"""The training page: whether to use the model, in the first line; then what to weigh, pictures and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from earlywarning.audit import FairnessAudit
from earlywarning.labels.declare import Label
from earlywarning.model.bundle import Bundle
from earlywarning.model.evaluation import smallest_difference
from earlywarning.pages.caveats import caveats
from earlywarning.pages.figures import Metrics, count, few, number, shown
from earlywarning.pages.pictures import pictures
from earlywarning.pages.report import rendered
from earlywarning.studies import Study
from earlywarning.tables.checked import Checked
from earlywarning.tracking import Looks
from earlywarning.trial import MODEL
from earlywarning.trial.ablation import LITTLE


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
    why = [f"It makes no list all the same: {winner['why']}."] if turned else []
    return Answer(first, (_compared(metrics), _at_capacity(metrics, label), *why))


def _compared(metrics: Metrics) -> str:
    """Whether the model ranks better than the best rule, by how much and how surely."""
    gain, best = metrics["winner"]["difference"], metrics["winner"]["best_rule"]
    mine, its = (number(metrics["measures"][name]["average_precision"]) for name in (MODEL, best))
    claim, by = "This test cannot tell whether the model ranks", "too few events for an interval"
    if gain["lower"] is not None:
        by = (
            f"a difference of {gain['value']:+.3f}, 95% interval {gain['lower']:+.3f} to {gain['upper']:+.3f}"
        )
        if gain["lower"] > 0:
            claim = "Beyond chance, the model ranks"
        elif gain["upper"] < LITTLE:
            claim = "The model does not rank"
    return (
        f"{claim} pupils better than the best simple rule ({metrics['sentences'][best]}): "
        f"average precision {mine} against {its}, {by}."
    )


def _at_capacity(metrics: Metrics, label: Label) -> str:
    """What that means on the lists themselves."""
    model, rule = (metrics["measures"][name] for name in (MODEL, metrics["winner"]["best_rule"]))
    fewer = "" if model["listed"] == rule["listed"] else f" (of {count(rule['listed'])})"
    return (
        f"Of the {count(model['listed'])} places on the lists of the test, the model gave {_about(model)} to "
        f"pupils who then had {label.outcome} {label.by}; the rule {_about(rule)}{fewer}."
    )


def _about(at: Mapping[str, float]) -> str:
    """The events listed; where ties are broken by chance it is an expected number."""
    hits = at["listed_events"]
    return count(hits) if hits == round(hits) or few(hits) else f"about {count(hits)}"


def training_page(study: Study, checked: Checked, bundle: Bundle, audit: FairnessAudit, looks: Looks) -> str:
    """What a head of service needs to decide whether to use the model; ``looks`` at the test year so far.

    The same page for the same run; no script, nothing from the network.
    """
    metrics, gain = bundle.metrics, bundle.metrics["winner"]["difference"]
    return rendered(
        "report.html.jinja",
        title=f"Training report: {study.name}",
        answer=answer(metrics, study.label, checked.synthetic),
        caveats=caveats(metrics, looks),
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
