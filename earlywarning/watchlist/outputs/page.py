"""What the pages of an issue share: templates from the package, a policy that allows nothing else."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from earlywarning.explain.phrases import say
from earlywarning.watchlist.printable import printable


def rendered(template: str, style: str, script: str = "", *, foot: str, **told: object) -> str:
    """The page made from a ``template`` of the package, with its ``style`` and ``script`` in it.

    Its content security policy allows these two alone, by their hashes, and nothing from the network. Each
    sheet of paper has ``foot`` at its foot, and its number.
    """
    styles, code = part(style) + on_each_sheet(foot), part(script) if script else ""
    allowed = f"script-src '{_hash(code)}'; " if script else ""
    return _ENVIRONMENT.get_template(template).render(
        style=Markup(styles),  # noqa: S704 - from the package, and named in the policy by its hash
        script=Markup(code),  # noqa: S704
        policy=(
            f"default-src 'none'; style-src '{_hash(styles)}'; {allowed}base-uri 'none'; form-action 'none'"
        ),
        **told,
    )


def restyled(page: str, added: str) -> str:
    """A ``page`` that was :func:`rendered`, with more style, which its content security policy then allows.

    Raises:
        LookupError: it is no such page, or its style is not the one that its policy names.
    """
    before, _, rest = page.partition("<style>")
    style, _, after = rest.partition("</style>")
    allowed = _hash(style)
    if before.count(allowed) != 1:
        raise LookupError("style")
    return before.replace(allowed, _hash(style + added)) + f"<style>{style}{added}</style>{after}"


def on_each_sheet(foot: str) -> str:
    r"""The rule that prints ``foot`` on every sheet of paper: for a browser it is style, not text.

    Whatever is no plain letter or figure is written as its number, so that no text can end the rule.

    >>> print(on_each_sheet('A"</style>'), end="")
    @page { @bottom-left { content: "A\22 \3c \2f style\3e "; } }
    """
    safe = "".join(
        each if each.isascii() and each.isalnum() else f"\\{ord(each):x} " for each in printable(foot)
    )
    return f'@page {{ @bottom-left {{ content: "{safe}"; }} }}\n'


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
