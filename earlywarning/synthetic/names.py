"""Coined names for schools and people: made of syllables, so that none belongs to a real school."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.arrays import Ints, Strings

FIRST = (
    "Quillan", "Fenno", "Larkem", "Tessel", "Ombrel", "Marrick", "Jessam", "Corvel", "Thrum", "Bellowin",
    "Hazzel", "Pennow", "Sorrin", "Wickeld", "Dunnel", "Arrowin", "Calder", "Eskel", "Gorrel", "Yarrin",
)  # fmt: skip
LAST = (
    "mere", "haven", "stowe", "garth", "combe", "wold", "hurst", "thwaite", "ness", "shaw", "leigh", "holme",
    "brook", "fold", "acre", "wyke",
)  # fmt: skip
KIND = {
    "primary": "Primary School",
    "secondary": "School",
    "special": "Special School",
    "nursery": "Nursery School",
    "hospital": "Hospital School",
    "alternative_provision": "Alternative Provision Academy",
}
FORENAMES = (
    "Alva", "Bren", "Caro", "Dara", "Eden", "Fenn", "Glyn", "Hollis", "Indra", "Jules", "Kit", "Lane",
    "Marlo", "Nico", "Oakley", "Perrin", "Quin", "Robin", "Sasha", "Toby", "Uma", "Vero", "Wren", "Xan",
    "Yael", "Zia",
)  # fmt: skip
SURNAMES = (
    "Abbersham", "Brindlow", "Corfenden", "Dashmoor", "Elverton", "Fosterly", "Grenvil", "Harrowick",
    "Inglemoss", "Jorvelle", "Kestrand", "Lowenby", "Mistlecott", "Norrisham", "Oberdale", "Pellingworth",
    "Quantock", "Rushbarrow", "Silverlock", "Tamworthy", "Umberfield", "Vantree", "Wexcombe", "Yellowlees",
    "Zennoway",
)  # fmt: skip


def school_names(rng: np.random.Generator, kinds: Strings, block: int = 0) -> Strings:
    """A different coined name for each school, with the usual ending; later blocks carry their number."""
    stems = [first + last for first in FIRST for last in LAST]
    order, number = rng.permutation(len(stems)), f" {block + 1}" if block else ""
    return np.array([f"{stems[n]} {KIND[kind]}{number}" for n, kind in zip(order, kinds, strict=False)])


def people_names(rng: np.random.Generator, count: int) -> tuple[Strings, Strings]:
    """Surnames and forenames, drawn without looking at anything else about the pupil."""
    surname: Ints = rng.integers(0, len(SURNAMES), count)
    forename: Ints = rng.integers(0, len(FORENAMES), count)
    return np.array(SURNAMES)[surname], np.array(FORENAMES)[forename]
