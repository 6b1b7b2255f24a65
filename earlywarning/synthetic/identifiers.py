"""UPNs that no real school could have given, and the pseudonyms made from them.

Authority 999 does not exist. Check letters follow the published rule, so that a checker accepts them.
"""

from __future__ import annotations

import hashlib

import numpy as np

from earlywarning.identity import pseudonym
from earlywarning.synthetic.arrays import Ints, Strings

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
NO_AUTHORITY = "999"


def check_letter(digits: str) -> str:
    """The letter in front of the twelve digits: their sum, weighted 2 to 13, modulo 23.

    >>> check_letter("213400119001"), check_letter("207480020057")
    ('Y', 'T')
    """
    return LETTERS[sum(int(digit) * weight for weight, digit in enumerate(digits, start=2)) % len(LETTERS)]


def upns(reception: Ints) -> Strings:
    """A different UPN for each pupil, numbered within the year of the pupil's Reception class."""
    seen: dict[int, int] = {}
    made = []
    for year in reception.tolist():
        number = seen[year] = seen.get(year, -1) + 1
        digits = f"{NO_AUTHORITY}{number // 1000:04d}{year % 100:02d}{number % 1000:03d}"
        made.append(check_letter(digits) + digits)
    return np.array(made, dtype=np.str_)


def synthetic_key(seed: int) -> bytes:
    """The key of an invented authority: it hangs on the seed, for there is nobody to protect."""
    return hashlib.sha256(f"synthetic authority {seed}".encode()).digest()


def pseudonyms(reception: Ints, seed: int) -> Strings:
    """The keyed pseudonym of each pupil's UPN."""
    key = synthetic_key(seed)
    return np.array([pseudonym(upn, key) for upn in upns(reception).tolist()], dtype=np.str_)
