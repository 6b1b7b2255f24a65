"""report.html: the answer first, then the ladder, the gates, the audit and an account of the rows."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from earlywarning.audit import FairnessAudit
from earlywarning.model.bundle import Bundle
from earlywarning.studies import Study
from earlywarning.tables.checked import Checked


def training_page(study: Study, checked: Checked, answer: str, bundle: Bundle, audit: FairnessAudit) -> str:
    """What a head of service needs to decide whether to use the model; ``answer`` is the first line.

    The same page for the same run; no script, nothing from the network.
    """
    metrics = bundle.metrics
    rungs = [
        {"sentence": metrics["sentences"][name], "kind": metrics["kinds"][name]} | measures
        for name, measures in metrics["measures"].items()
    ]
    return rendered(
        "report.html.jinja",
        title=f"Training report: {study.name}",
        answer=answer,
        synthetic=checked.synthetic,
        outcome=study.label.meaning,
        metrics=metrics,
        ladder=rungs,
        counts=checked.counts,
        hashes={"model": bundle.model_hash, "data": bundle.data_hash, "code": bundle.code_hash},
        audit=Markup(audit.to_html()),  # noqa: S704 - made by our own autoescaping template
    )


def audit_page(audit: FairnessAudit, synthetic: bool) -> str:
    """The audit alone, as a page."""
    fragment = Markup(audit.to_html())  # noqa: S704 - made by our own autoescaping template
    return rendered("audit.html.jinja", synthetic=synthetic, audit=fragment)


def rendered(template: str, **values: Any) -> str:
    """A page from a template of the package, in the style of the panel's."""
    package = files("earlywarning")
    style = (package / "watchlist" / "outputs" / "panel.css").read_text(encoding="utf-8")
    text = (package / template).read_text(encoding="utf-8")
    ours = Markup(style)  # noqa: S704 - from the package
    return _ENVIRONMENT.from_string(text).render(style=ours, **values)


def _number(value: float | None) -> str:
    """A measure in three decimals, or the word for what is undefined.

    >>> _number(0.12345), _number(None)
    ('0.123', 'undefined')
    """
    return "undefined" if value is None else f"{value:.3f}"


_ENVIRONMENT = Environment(
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    loader=PackageLoader("earlywarning", ""),  # for parts that a template includes
)
_ENVIRONMENT.filters["number"] = _number
