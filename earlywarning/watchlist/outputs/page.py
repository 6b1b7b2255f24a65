"""What the pages of an issue share: templates from the package, a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from earlywarning.explain.phrases import say
from earlywarning.watchlist.printable import printable


def rendered(template: str, style: str, script: str = "", **told: object) -> str:
    """The page made from a ``template`` of the package, with its ``style`` and ``script`` in it.

    Its content security policy allows these two alone, by their hashes, and nothing from the network.
    """
    styles, code = part(style), part(script) if script else ""
    allowed = f"script-src '{_hash(code)}'; " if script else ""
    return _ENVIRONMENT.get_template(template).render(
        style=Markup(styles),  # noqa: S704 - from the package, and named in the policy by its hash
        script=Markup(code),  # noqa: S704
        policy=(
            f"default-src 'none'; style-src '{_hash(styles)}'; {allowed}base-uri 'none'; form-action 'none'"
        ),
        **told,
    )


def part(name: str) -> str:
    """A file beside this one, as text."""
    return (files(__package__) / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _finalize(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_ENVIRONMENT = Environment(
    loader=FunctionLoader(part),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    finalize=_finalize,
)
_ENVIRONMENT.filters["say"] = say
