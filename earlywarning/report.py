"""report.html: the answer first, then the ladder, the gates, the audit and an account of the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from earlywarning.audit import FairnessAudit
from earlywarning.audit.checks import CheckResult
from earlywarning.tables.checked import Counts


@dataclass(frozen=True)
class Report:
    """What a head of service needs to decide whether to use the model; ``answer`` is the first line.

    ``ladder`` has one mapping a ranker, in the order of the ladder, with the measures of
    :func:`earlywarning.model.evaluation.evaluate` and ``name``, ``kind`` and ``sentence``.
    """

    title: str
    answer: str
    synthetic: bool
    outcome: str
    tested_on: str
    trained_on: str
    ladder: Sequence[Mapping[str, Any]]
    canary: Mapping[str, Any]
    checks: Sequence[CheckResult]
    audit: FairnessAudit
    counts: Mapping[str, Counts]
    hashes: Mapping[str, str]


def render(report: Report) -> str:
    """The page as text, the same for the same report; no script, nothing from the network."""
    template = (files("earlywarning") / "report.html.jinja").read_text(encoding="utf-8")
    return _ENVIRONMENT.from_string(template).render(
        report=report, style=Markup(_style()), audit=Markup(report.audit.to_html())
    )


def audit_page(audit: FairnessAudit, synthetic: bool) -> str:
    """The audit alone, as a page."""
    template = (files("earlywarning") / "audit.html.jinja").read_text(encoding="utf-8")
    return _ENVIRONMENT.from_string(template).render(
        synthetic=synthetic, style=Markup(_style()), audit=Markup(audit.to_html())
    )


def _style() -> str:
    return (files("earlywarning") / "watchlist" / "outputs" / "panel.css").read_text(encoding="utf-8")


def _number(value: float | None) -> str:
    """A measure in three decimals, or the word for what is undefined.

    >>> _number(0.12345), _number(None)
    ('0.123', 'undefined')
    """
    return "undefined" if value is None else f"{value:.3f}"


_ENVIRONMENT = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters["number"] = _number
