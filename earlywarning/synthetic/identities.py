"""Rows of the pupils table and of the identity store."""

from __future__ import annotations

import numpy as np

from earlywarning.synthetic.arrays import Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.identifiers import upns
from earlywarning.synthetic.names import people_names
from earlywarning.synthetic.people import CODES, People
from earlywarning.synthetic.writing import Coded, Values


def pupil_rows(people: People, ids: Strings) -> dict[str, Values]:
    """A row a pupil, by pseudonym."""
    order = np.argsort(ids)
    return {
        "pupil_id": ids[order],
        "birth_month": people.birth_month[order],
        "sex": Coded((~people.boy[order]).astype(np.int64), np.array(["M", "F"])),
        "ethnicity": Coded(people.ethnicity[order], CODES),
        "eal": people.eal[order],
        "fsm_eligible": people.fsm[order],
    }


def identity_rows(authority: Authority, people: People, ids: Strings) -> dict[str, Values]:
    """A row a pupil, by pseudonym: the UPN behind it and a coined name."""
    rng = authority.stream("identity")
    order = np.argsort(ids)
    surname, forename = people_names(rng, len(people))
    born = people.birth_month + rng.integers(0, 28, len(people))
    return {
        "pupil_id": ids[order],
        "upn": upns(people.reception, authority.block)[order],
        "surname": surname[order],
        "forename": forename[order],
        "date_of_birth": born[order],
    }
