"""No real school or person: coined names, UPNs of an authority that does not exist, the calendar by rule."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest

from earlywarning import codes
from earlywarning.synthetic.areas import WARDS, areas
from earlywarning.synthetic.calendar import LAST_YEAR, SchoolYear
from earlywarning.synthetic.identifiers import NO_AUTHORITY, check_letter, pseudonyms, upns
from earlywarning.synthetic.names import FIRST, FORENAMES, LAST, SURNAMES, school_names

from .conftest import Invented

# Names that schools in and around the two boroughs bear, or bore.
REAL = (
    "Acland", "Albemarle", "Aldridge", "Ark", "Ashburnham", "Avondale", "Barlby", "Barrow", "Beachcroft",
    "Bevington", "Bousfield", "Burdett", "Burlington", "Capital", "Cardinal", "Chelsea", "Churchill",
    "Colville", "Edward", "Essendine", "Fox", "Gateway", "George", "Golborne", "Grey", "Hallfield", "Hampden",
    "Holland", "Kensal", "Kensington", "King", "Latimer", "Lilian", "Marlborough", "Marylebone", "Maxilla",
    "Middle", "Millbank", "Naima", "Oxford", "Paddington", "Park", "Pimlico", "Portman", "Quintin",
    "Robinsfield", "Servite", "Sion", "Soho", "Solomon", "Tachbrook", "Vaughan", "Westminster", "Wilberforce",
    "Wilson",
)  # fmt: skip


def test_school_names_are_different_and_none_is_a_real_one() -> None:
    names = school_names(np.random.default_rng(1), np.array(["primary"] * len(FIRST) * len(LAST)))
    assert len(set(names)) == len(FIRST) * len(LAST) >= 300
    words = {name.split()[0].lower() for name in names.tolist()}
    assert not words & {name.lower() for name in REAL}
    assert not any(real.lower() in word for word in words for real in REAL if len(real) > 4)


def test_nobody_is_called_what_the_list_of_names_does_not_hold(invented: Invented) -> None:
    people = invented.sql("SELECT * FROM {identity}")
    assert set(people["surname"]) <= set(SURNAMES) and set(people["forename"]) <= set(FORENAMES)
    assert people["upn"].is_unique and people["pupil_id"].is_unique


@pytest.mark.parametrize("digits", ["213400119001", "207480020057"])
def test_the_check_letter_is_the_published_one(digits: str) -> None:
    assert check_letter(digits) + digits in {"Y213400119001", "T207480020057"}


def test_upns_have_a_check_letter_and_no_authority() -> None:
    made = upns(np.array([2011] * 1200 + [2012]))
    assert len(set(made)) == 1201
    assert all(upn[0] == check_letter(upn[1:]) and upn[1:4] == NO_AUTHORITY for upn in made.tolist())
    assert NO_AUTHORITY not in codes.load("la").allowed()


def test_another_key_gives_other_pseudonyms() -> None:
    made = upns(np.array([2011, 2011, 2012]))
    assert len({*pseudonyms(made, 1).tolist(), *pseudonyms(made, 2).tolist()}) == 6


def test_home_areas_are_published_labels_and_their_shares_add_up() -> None:
    table = areas()
    assert set(table.la.tolist()) <= codes.load("la").allowed()
    assert (table.ward != "").sum() == 36
    assert np.allclose(table.ethnicity.sum(axis=1), 1)
    assert np.allclose(table.resident.sum(axis=1), 1) and np.allclose(table.around.sum(axis=1), 1)
    for borough, code in enumerate(("213", "207")):
        assert not table.resident[borough, table.la != code].any()
    assert not table.around[:, table.ward != ""].any()
    shares = [sum(share for _, share, _ in wards) for wards in WARDS.values()]
    assert shares == [100, 100]


@pytest.mark.parametrize("first", range(LAST_YEAR - 9, LAST_YEAR + 2))
def test_every_year_has_six_half_terms_of_about_190_days(first: int) -> None:
    year = SchoolYear(first)
    halves = year.half_terms
    assert all(half.start < half.end for half in halves)
    assert all(before.end < after.start - dt.timedelta(2) for before, after in pairwise(halves))
    assert 184 <= len(year.days) <= 195
    assert halves[-1].end.day in (20, 21, 22)
