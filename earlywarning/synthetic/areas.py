"""Home areas: the wards of the two boroughs and the authorities around them, as published labels.

Deprivation is on an invented scale (0 about the middle of the two boroughs). ``children`` are invented
shares of the pupils who go to the boroughs' schools. Ethnicity is drawn from where a pupil lives, and from
nothing else.
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
        ("Church Street", 13.0, 1.6),
        ("Westbourne", 11.0, 1.6),
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
        ("Notting Dale", 14.0, 1.7),
        ("Golborne", 11.5, 1.6),
        ("Colville", 8.5, 1.1),
        ("Dalgarno", 8.0, 1.0),
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
        ("205", 6.0, 0.5),
        ("212", 5.0, 0.3),
        ("307", 5.0, 0.4),
        ("206", 5.0, 0.8),
        ("210", 6.0, 0.8),
        ("302", 5.0, 0.1),
    ),
    KENSINGTON: (
        ("205", 38.0, 0.5),
        ("304", 24.0, 0.6),
        ("212", 12.0, 0.3),
        ("307", 12.0, 0.4),
        ("208", 6.0, 0.8),
        ("202", 4.0, 0.6),
        ("318", 4.0, -0.5),
    ),
}

# Share of pupils (in parts of a hundred) in a ward of deprivation 0, and what a step of deprivation does.
ETHNICITY: dict[str, tuple[float, float, float, float]] = {
    # code: (Westminster, Kensington and Chelsea, around them, log change for each step of deprivation)
    "WBRI": (14.5, 22.0, 13.0, -0.55),
    "WIRI": (0.8, 1.0, 0.8, -0.20),
    "WIRT": (0.1, 0.1, 0.1, 0.20),
    "WROM": (0.1, 0.1, 0.2, 0.20),
    "WOTH": (13.5, 18.0, 14.0, -0.30),
    "MWBC": (2.3, 4.0, 3.5, 0.40),
    "MWBA": (1.7, 3.2, 2.2, 0.25),
    "MWAS": (2.2, 3.5, 2.0, -0.40),
    "MOTH": (6.5, 9.0, 6.0, -0.10),
    "AIND": (1.8, 0.9, 4.0, -0.40),
    "APKN": (1.7, 0.8, 2.5, 0.10),
    "ABAN": (7.5, 1.4, 2.5, 0.45),
    "AOTH": (4.0, 2.3, 4.5, 0.00),
    "BCRB": (2.6, 3.4, 6.5, 0.45),
    "BAFR": (10.5, 8.5, 15.0, 0.45),
    "BOTH": (2.6, 2.6, 3.5, 0.45),
    "CHNE": (1.0, 0.8, 0.6, -0.50),
    "OOTH": (24.5, 15.0, 15.0, 0.15),
    "REFU": (1.0, 1.0, 1.0, 0.00),
    "NOBT": (0.6, 0.6, 0.8, 0.00),
}
ENGLISH_AT_HOME = ("WBRI", "WIRI", "WIRT", "MWBC", "BCRB")


@dataclass(frozen=True)
class Areas:
    """Every home area: one entry a ward of the two boroughs, one for each authority around them.

    ``ethnicity`` has the shape (areas, codes) and sums to 1 along the codes.
    """

    la: Strings
    ward: Strings
    deprivation: Floats
    resident: Floats
    outside: dict[str, Floats]
    ethnicity: Floats


@cache
def areas() -> Areas:
    """The table of home areas. ``ward`` is empty outside the two boroughs.

    >>> len(areas().la), int((areas().ward == "").sum())
    (46, 10)
    """
    inside = [(la, *ward) for la, wards in WARDS.items() for ward in wards]
    around = sorted({(la, deprivation) for table in AROUND.values() for la, _, deprivation in table})
    la = np.array([row[0] for row in inside] + [row[0] for row in around])
    ward = np.array([row[1] for row in inside] + [""] * len(around))
    resident = np.array([row[2] for row in inside] + [0.0] * len(around))
    deprivation = np.array([row[3] for row in inside] + [row[1] for row in around])
    outside = {
        borough: np.where(
            ward == "", np.array([{a: w for a, w, _ in table}.get(code, 0.0) for code in la]), 0.0
        )
        for borough, table in AROUND.items()
    }
    return Areas(la, ward, deprivation, resident, outside, _ethnicity(la, deprivation))


def _ethnicity(la: Strings, deprivation: Floats) -> Floats:
    table = np.array(list(ETHNICITY.values()))
    column = np.select([la == WESTMINSTER, la == KENSINGTON], [0, 1], 2)
    share = table[:, :3].T[column] * np.exp(np.outer(deprivation - 0.4, table[:, 3]))
    return np.asarray(share / share.sum(axis=1, keepdims=True))
