"""Home areas: the wards of the two boroughs, and a poorer and a richer part of each authority around them.

Ward and authority labels are as published. Deprivation is on an invented scale (0 about the middle of the
two boroughs), and so are the shares of the pupils who live in each. Ethnicity is drawn from where a pupil
lives, and from nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from earlywarning.synthetic.arrays import Floats, Strings

WESTMINSTER, KENSINGTON = "213", "207"
SHARING = (WESTMINSTER, KENSINGTON)
"""Home authorities that share family-service records."""

WARDS: dict[str, tuple[tuple[str, float, float], ...]] = {
    WESTMINSTER: (
        ("Church Street", 12.5, 1.5),
        ("Westbourne", 11.5, 1.6),
        ("Harrow Road", 9.0, 1.2),
        ("Queen's Park", 8.5, 1.1),
        ("Maida Vale", 5.5, 0.0),
        ("Little Venice", 4.5, 0.0),
        ("Regent's Park", 4.5, 0.2),
        ("Abbey Road", 4.0, -0.6),
        ("Bayswater", 5.0, 0.0),
        ("Lancaster Gate", 4.5, -0.3),
        ("Hyde Park", 4.0, 0.0),
        ("Marylebone", 3.5, -0.7),
        ("West End", 2.5, -0.4),
        ("St James's", 2.5, -0.3),
        ("Knightsbridge and Belgravia", 2.0, -1.1),
        ("Vincent Square", 5.5, 0.2),
        ("Pimlico North", 5.0, -0.1),
        ("Pimlico South", 5.5, 0.4),
    ),
    KENSINGTON: (
        ("Notting Dale", 12.5, 1.5),
        ("Golborne", 11.5, 1.6),
        ("Colville", 9.5, 1.2),
        ("Dalgarno", 8.5, 1.15),
        ("St Helen's", 6.0, 0.1),
        ("Norland", 4.5, -0.2),
        ("Pembridge", 3.0, -0.7),
        ("Campden", 4.0, -0.8),
        ("Holland", 4.0, -0.6),
        ("Abingdon", 3.5, -0.8),
        ("Earl's Court", 5.0, 0.1),
        ("Redcliffe", 4.5, -0.3),
        ("Courtfield", 3.0, -0.8),
        ("Queen's Gate", 2.5, -1.0),
        ("Brompton and Hans Town", 3.5, -0.9),
        ("Stanley", 4.5, -0.8),
        ("Royal Hospital", 2.5, -0.9),
        ("Chelsea Riverside", 7.5, 0.5),
    ),
}
AROUND: dict[str, tuple[tuple[str, float, float], ...]] = {
    WESTMINSTER: (
        ("304", 38.0, 0.6),
        ("202", 20.0, 0.6),
        ("208", 10.0, 0.8),
        ("206", 8.0, 0.8),
        ("210", 8.0, 0.8),
        ("302", 7.0, 0.2),
        ("205", 5.0, 0.5),
        ("212", 4.0, 0.3),
    ),
    KENSINGTON: (
        ("205", 44.0, 0.5),
        ("212", 17.0, 0.3),
        ("307", 17.0, 0.4),
        ("304", 10.0, 0.6),
        ("318", 6.0, -0.3),
        ("208", 3.0, 0.8),
        ("202", 3.0, 0.6),
    ),
}
EASTWARD = ("304", "202", "208", "206", "210", "302")
"""Authorities around Westminster; the others lie around Kensington and Chelsea."""
PARTS = (-0.7, 0.7)
"""How far the richer and the poorer part of an authority lie from its middle; half of its pupils in each."""

# Share of pupils (in parts of a hundred) at deprivation 0.4, and what a step of deprivation does to it.
ETHNICITY: dict[str, tuple[float, float, float, float, float]] = {
    # code: Westminster, Kensington and Chelsea, east, west of them, log change a step of deprivation
    "WBRI": (10.3, 20.8, 11.7, 19.2, -0.75),
    "WIRI": (0.7, 1.0, 0.9, 1.1, -0.30),
    "WIRT": (0.1, 0.1, 0.1, 0.1, 0.30),
    "WROM": (0.1, 0.1, 0.2, 0.2, 0.30),
    "WOTH": (12.2, 18.1, 12.7, 17.1, -0.45),
    "MWBC": (2.2, 4.9, 3.0, 4.9, 0.40),
    "MWBA": (1.6, 3.9, 2.1, 3.4, 0.25),
    "MWAS": (2.1, 3.9, 1.8, 2.7, -0.50),
    "MOTH": (6.0, 10.1, 5.1, 7.9, -0.15),
    "AIND": (1.7, 0.4, 3.8, 0.6, -0.40),
    "APKN": (1.7, 0.4, 2.6, 0.6, 0.10),
    "ABAN": (8.3, 0.7, 2.8, 0.6, 0.35),
    "AOTH": (4.4, 1.4, 4.4, 1.4, 0.00),
    "BCRB": (2.2, 2.7, 5.6, 5.1, 0.45),
    "BAFR": (10.3, 8.8, 14.0, 12.0, 0.40),
    "BOTH": (2.6, 2.3, 3.1, 2.8, 0.45),
    "CHNE": (1.1, 0.4, 0.5, 0.3, -0.60),
    "OOTH": (28.9, 13.5, 21.2, 11.7, 0.20),
    "REFU": (1.2, 2.2, 1.2, 1.8, 0.00),
    "NOBT": (1.2, 2.2, 1.2, 1.8, 0.00),
}
ENGLISH_AT_HOME = ("WBRI", "WIRI", "WIRT", "MWBC", "BCRB")


@dataclass(frozen=True)
class Areas:
    """Every home area: one entry a ward of the two boroughs, two for each authority around them.

    ``resident`` and ``around`` (a row a borough: Westminster, Kensington and Chelsea) say how the pupils of a
    borough's schools who live in it, and who live outside both, spread over the areas. ``ethnicity`` has the
    shape (areas, codes). Rows sum to 1.
    """

    la: Strings
    ward: Strings
    deprivation: Floats
    resident: Floats
    around: Floats
    ethnicity: Floats


@cache
def areas() -> Areas:
    """The table of home areas. ``ward`` is empty outside the two boroughs.

    >>> len(areas().la), int((areas().ward == "").sum())
    (56, 20)
    """
    inside = [(la, *ward) for la, wards in WARDS.items() for ward in wards]
    middles = {la: middle for table in AROUND.values() for la, _, middle in table}
    outside = [(la, "", 0.0, middle + part) for la, middle in sorted(middles.items()) for part in PARTS]
    la, ward, share, deprivation = (np.array(column) for column in zip(*inside, *outside, strict=True))
    resident = np.array([np.where(la == borough, share, 0.0) for borough in SHARING])
    weights = [{code: weight for code, weight, _ in AROUND[borough]} for borough in SHARING]
    around = np.array([np.where(ward == "", [one.get(code, 0.0) for code in la], 0.0) for one in weights])
    return Areas(la, ward, deprivation, _shares(resident), _shares(around), _ethnicity(la, deprivation))


def _ethnicity(la: Strings, deprivation: Floats) -> Floats:
    table = np.array(list(ETHNICITY.values()))
    column = np.select([la == WESTMINSTER, la == KENSINGTON, np.isin(la, EASTWARD)], [0, 1, 2], 3)
    return _shares(table[:, :4].T[column] * np.exp(np.outer(deprivation - 0.4, table[:, 4])))


def _shares(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
