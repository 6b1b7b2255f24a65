"""How good a list was when it was tested, and what made it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A share from 0 to 1, or ``None`` where it is undefined.

    ``interval`` is a 95% interval; ``bounds`` are the share if none, and if all, of the pupils whose
    outcome is not known had had the outcome.
    """

    value: float | None
    interval: tuple[float, float] | None = None
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True)
class Trial:
    """How a way of making the list did on the test lists: ``precision`` and ``recall`` at capacity."""

    name: str
    sentence: str
    precision: Measure
    recall: Measure


@dataclass(frozen=True)
class Evidence:
    """How good the list was when it was tested on terms it had not seen.

    ``by`` says until when the outcome was looked for ("before the end of term"). ``pupils`` counts a
    pupil once a list, ``events`` those of them with the outcome. ``winner`` made this issue; ``beside`` is
    the best simple rule when the model made it, and the model when a rule did. ``model_won`` the test;
    ``standing`` says whether a model was promoted, without which a rule makes it.
    """

    tested_on: str
    outcome: str
    by: str
    pupils: int
    events: int
    winner: Trial
    beside: Trial | None
    model_won: bool
    standing: str


@dataclass(frozen=True)
class Provenance:
    """What an issue was made with; enough to find it again and to make it again."""

    model_name: str
    model_version: str
    model_hash: str
    data_hash: str
    software: str
