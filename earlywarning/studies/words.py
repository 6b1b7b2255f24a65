"""What is said around the facts: questions worth asking, and how a usual value is put."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

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
"""One for each theme: open, supportive and short."""


@dataclass(frozen=True)
class Words:
    """The wording that belongs to no single feature.

    ``always`` is asked of every pupil, ``questions`` by theme as it is said. ``usual`` sets a pupil beside
    the year group (fields ``{group}`` and ``{usual}``); ``usual_beside`` also repeats the pupil's own value
    as ``{own}``, where the sentence before it does not say that. ``school_context`` is the theme of what a
    rule saw of a school and not of the pupil.
    """

    always: str = "What is going well, and who knows this pupil best?"
    questions: Mapping[str, str] = field(default_factory=lambda: QUESTIONS)
    usual: str = "The usual in {group} is {usual}."
    usual_beside: str = "That is {own}; the usual in {group} is {usual}."
    school_context: str = "school context"
