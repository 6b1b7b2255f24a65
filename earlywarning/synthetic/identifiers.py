"""UPNs that no real school could have given, and the pseudonyms made from them.

Authority 999 does not exist. Check letters follow the published rule, so that a checker accepts them.
"""

from __future__ import annotations

import hashlib

import numpy as np

from earlywarning.identity import pseudonym
from earlywarning.synthetic.arrays import Ints, Strings

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
NO_AUTHORITY, A_BLOCK = "999", 20_000
"""An authority that does not exist, and how many UPNs of a year are set aside for each block."""


def check_letter(digits: str) -> str:
    """The letter in front of the twelve digits: their sum, weighted 2 to 13, modulo 23.

    >>> check_letter("213400119001"), check_letter("207480020057")
    ('Y', 'T')
    """
    return LETTERS[sum(int(digit) * weight for weight, digit in enumerate(digits, start=2)) % len(LETTERS)]


def upns(reception: Ints, block: int = 0) -> Strings:
    """A different UPN for each pupil, numbered within the year of the pupil's Reception class."""
    order = np.argsort(reception, kind="stable")
    first = np.r_[0, np.flatnonzero(np.diff(reception[order])) + 1, len(order)]
    number = np.empty(len(reception), dtype=np.int64)
    number[order] = np.concatenate([np.arange(length) for length in np.diff(first)]) + block * A_BLOCK
    parts = zip((number // 1000).tolist(), (reception % 100).tolist(), (number % 1000).tolist(), strict=True)
    made = [f"{NO_AUTHORITY}{school:04d}{year:02d}{rest:03d}" for school, year, rest in parts]
    figures = np.array(made, dtype="S12").view("S1").reshape(len(made), -1).astype(np.int64)
    letter = np.array(list(LETTERS))[figures @ np.arange(2, 14) % len(LETTERS)]
    return np.char.add(letter, np.array(made, dtype=np.str_))


def synthetic_key(seed: int) -> bytes:
    """The key of an invented authority: it hangs on the seed, for there is nobody to protect."""
    return hashlib.sha256(f"synthetic authority {seed}".encode()).digest()


def pseudonyms(upn: Strings, seed: int) -> Strings:
    """The keyed pseudonym of each UPN."""
    key = synthetic_key(seed)
    return np.array([pseudonym(one, key) for one in upn.tolist()], dtype=np.str_)
