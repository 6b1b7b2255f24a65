"""Questions worth asking: what is going well first, then one for each theme that was raised."""

from __future__ import annotations

from collections.abc import Iterable

from earlywarning.studies.words import Words


def worth_asking(themes: Iterable[str], most: int = 3, words: Words | None = None) -> tuple[str, ...]:
    """At most ``most`` questions: what is going well first, then one for each of the first themes.

    >>> worth_asking(["attendance"])[1]
    'What makes it hard to be in school, and on which days or in which lessons?'
    """
    words = words or Words()
    asked = (words.questions[theme] for theme in dict.fromkeys(themes) if theme in words.questions)
    return (words.always, *asked)[:most]
