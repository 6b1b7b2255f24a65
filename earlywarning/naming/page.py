"""The copy of the panel's page with names in it, marked on the screen and on every sheet of paper."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping

from markupsafe import Markup, escape

from earlywarning.errors import InputRefused
from earlywarning.naming.marked import MOST_IN_MARGIN, NAMED
from earlywarning.watchlist.outputs.page import on_each_sheet, restyled
from earlywarning.watchlist.printable import printable

STYLE = """
.name { font-weight: bold; white-space: normal; overflow-wrap: anywhere; }
th .name { display: block; }
"""
_REFERENCE = re.compile(r">([0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3})<")  # text has no < or > of its own


def named_page(page: bytes, names: Mapping[str, str], mark: str, foot: str) -> bytes:
    """The issue's ``page`` with each name of ``names`` beside its reference, and ``mark`` on every sheet.

    Names and mark are text wherever they stand. ``foot`` is what the sheets of the issue's own page have at
    their foot: the mark follows it. Style, script and what the page may load stay as they are.

    Raises:
        InputRefused: the page was made by another version: where its marks belong is not known.
    """

    def with_name(found: re.Match[str]) -> str:
        name = names.get(found[1])
        return f'>{found[1]} <bdi class="name">{_text(name)}</bdi><' if name else found[0]

    short = textwrap.shorten(printable(mark), MOST_IN_MARGIN, placeholder="…")
    said = _text(mark)
    try:
        told = restyled(page.decode(), STYLE + on_each_sheet(f"{foot} · {short}"))
        told = _REFERENCE.sub(with_name, told)
        for before, after in (
            ("<title>", f"<title>{said}: "),
            ("</h1>", f'</h1>\n  <p class="banner" role="note"><strong>{said}.</strong> {_text(NAMED)}</p>'),
            ("<footer>\n  <p>", f"<footer>\n  <p>{said} · "),
        ):
            told = _once(told, before, after)
    except LookupError:
        raise InputRefused(
            "panel.html of this issue was made by another version, so a copy of it cannot be marked. No copy "
            "was made. Score the issue again, with the same data and model, into another folder."
        ) from None
    own = '<p class="on-paper">'
    return told.replace(own, f"{own}<strong>{said}</strong> · ").encode()


def _text(text: str) -> Markup:
    return escape(printable(text))


def _once(page: str, before: str, after: str) -> str:
    if page.count(before) != 1:
        raise LookupError(before)
    return page.replace(before, after)
