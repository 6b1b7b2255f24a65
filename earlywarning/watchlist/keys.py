"""Row keys: what stands for a pupil in one file of one issue, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable

from earlywarning.identity import row_key

# No vowels (a reference must not spell a word) and nothing that is misread aloud or on paper.
_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"


def panel_refs(pupil_ids: Iterable[str], key: bytes, issue: str) -> list[str]:
    """References such as ``K3Q-F7X-2MB`` for the panel's files of the issue called ``issue``.

    The same pupil has another reference in the next issue, and no reference leads to the scores.

    >>> autumn = panel_refs(["p1", "p2"], b"secret", "secondary-2026-09-26")
    >>> spring = panel_refs(["p1", "p2"], b"secret", "secondary-2026-12-31")
    >>> len({*autumn, *spring})
    4
    """
    return [_spoken(row_key(key, issue, "panel", pupil_id)) for pupil_id in pupil_ids]


def score_keys(pupil_ids: Iterable[str], key: bytes, issue: str) -> list[str]:
    """Keys for the data scientist's scores of one issue, of no use for joining to the panel's files."""
    return [row_key(key, issue, "scores", pupil_id) for pupil_id in pupil_ids]


def looks_like_ref(text: str) -> bool:
    """Whether ``text`` has the form of a reference in the panel's files.

    >>> looks_like_ref("k3q-f7x-2mb"), looks_like_ref("p4f1c09")
    (True, False)
    """
    parts = text.strip().upper().split("-")
    return [len(part) for part in parts] == [3, 3, 3] and set("".join(parts)) <= set(_LETTERS)


def _spoken(digest: str) -> str:
    """Nine letters from a hexadecimal digest: among 5,000 pupils two share them once in 800,000 issues."""
    number, letters = int(digest, 16), ""
    for _ in range(9):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"
