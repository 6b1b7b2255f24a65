"""Pages from the templates of the package, in one style."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from earlywarning.audit import FairnessAudit


def audit_page(audit: FairnessAudit, bias: str, synthetic: bool) -> str:
    """The audit alone, as a page, with the audit of the outcome itself (``bias``, HTML) after it."""
    # Both were made by our own autoescaping templates.
    parts = {"audit": Markup(audit.to_html()), "bias": Markup(bias)}  # noqa: S704
    return rendered("audit.html.jinja", synthetic=synthetic, **parts)


def rendered(template: str, **values: Any) -> str:
    """A page from a template of the package, in the style of the panel's."""
    package = files("earlywarning")
    style = (package / "watchlist" / "outputs" / "panel.css").read_text(encoding="utf-8")
    text = (package / "pages" / template).read_text(encoding="utf-8")
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
    loader=PackageLoader("earlywarning", "."),  # for parts that a template includes
)
_ENVIRONMENT.filters["number"] = _number
