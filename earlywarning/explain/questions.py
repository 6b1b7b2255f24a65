"""Questions worth asking: open, supportive and short, one for each theme."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

ALWAYS = "What is going well, and who knows this pupil best?"

QUESTIONS = MappingProxyType(
    {
        "attendance": "What makes it hard to be in school, and on which days or in which lessons?",
        "behaviour at school": "When and where do things go well? What might the behaviour be telling us?",
        "suspensions": "What was tried after each suspension, and what did the pupil say would help?",
        "moves and placements": "How settled is the pupil where they are now, and who keeps in touch?",
        "start at a new school": "How was the move, and did what the last school knew reach this one?",
        "attainment": "Which lessons are within reach, and has a learning need been looked for?",
        "family support": "Who already works with the family, and what would they like from the school?",
        "school context": "What could be changed for the whole class or year group?",
    }
)


def worth_asking(themes: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """At most ``most`` questions: what is going well first, then one for each of the first themes.

    >>> worth_asking(["attendance"])[1]
    'What makes it hard to be in school, and on which days or in which lessons?'
    """
    asked = (QUESTIONS[theme] for theme in dict.fromkeys(themes) if theme in QUESTIONS)
    return (ALWAYS, *asked)[:most]
