"""Text that can be put on a page: what no file format or reader can show is left out."""

from __future__ import annotations

import re

# Control characters, lone surrogates and non-characters are illegal in XML; explicit direction overrides can
# make a neighbouring cell read differently from what it says. Letters of any script, and emoji, stay.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")


def printable(text: str) -> str:
    r"""``text`` without control characters, lone surrogates and direction overrides.

    >>> printable("O'Brien\x07 =1+1")
    "O'Brien =1+1"
    """
    return _UNPRINTABLE.sub("", text)
