"""The truth beside the data: what was planted in each pupil and school, and each pupil's true outlook."""

from __future__ import annotations

import datetime as dt

import numpy as np

from earlywarning.synthetic.areas import areas
from earlywarning.synthetic.arrays import Strings
from earlywarning.synthetic.authority import Authority
from earlywarning.synthetic.incidents import serious_rate
from earlywarning.synthetic.lines import SUBSIDIARY
from earlywarning.synthetic.need import HALF_TERMS
from earlywarning.synthetic.outlook import YearTruth
from earlywarning.synthetic.people import CODES, People
from earlywarning.synthetic.response import chance_of_suspension
from earlywarning.synthetic.writing import Coded, Values
from earlywarning.tables.declare import Column, Table, pupil_id

OUTLOOK = Table(
    name="outlook",
    kind="static",
    meaning="True probability of the main label for each pupil on a roll on each issue's date.",
    key=("pupil_id", "as_of_date"),
    columns=(
        pupil_id(),
        Column("school_id", "string", "school on whose roll the pupil is", "s0012"),
        Column("nc_year", "string", "National Curriculum year", "9"),
        Column("as_of_date", "date", "the data cut", dt.date(2024, 9, 26)),
        Column("panel_date", "date", "the label opens", dt.date(2024, 10, 10)),
        Column("closes", "date", "the label closes", dt.date(2024, 12, 20)),
        Column(
            "probability", "number", "of the event, given everything true on the date", 0.04, low=0, high=1
        ),
        Column(
            "without_strictness",
            "number",
            "the same if every school were of middling strictness",
            0.03,
            low=0,
            high=1,
        ),
        Column("without_bias", "number", "the same without the planted response bias", 0.04, low=0, high=1),
        Column("without_both", "number", "without strictness and without bias", 0.03, low=0, high=1),
        Column("without_support", "number", "the same without help after a list", 0.04, low=0, high=1),
    ),
)
NEED = Table(
    name="need",
    kind="static",
    meaning="Need of each pupil on a roll, half term by half term, and the true rate that follows from it.",
    key=("pupil_id", "academic_year", "half_term"),
    columns=(
        pupil_id(),
        Column("academic_year", "string", "such as 2024/25", "2024/25"),
        Column("half_term", "integer", "1 to 6 within the year", 1, low=1, high=6),
        Column("need", "number", "need, drift and shock included", 0.3),
        Column("suspensions_per_day", "number", "expected suspensions a school day", 0.0005, low=0),
    ),
)
PUPIL_TRUTH = Table(
    name="pupils_truth",
    kind="static",
    meaning="What persists in each pupil.",
    key=("pupil_id",),
    columns=(
        pupil_id(),
        Column("ethnicity", "string", "as drawn from the home area", "BCRB"),
        Column("first_home", "string", "home area the draw was made from", "213 Church Street"),
        Column("need", "number", "persistent need", 0.3),
        Column("temper", "number", "the part of the leaning to serious incidents that no table shows", 0.1),
    ),
)
SCHOOL_TRUTH = Table(
    name="schools_truth",
    kind="static",
    meaning="Each school's own practice.",
    key=("school_id",),
    columns=(
        Column("school_id", "string", "the school", "s0012"),
        Column(
            "strictness",
            "number",
            "multiplies the chance of a suspension after a serious incident",
            1.2,
            low=0,
        ),
        Column("recording", "number", "multiplies how many minor incidents are written down", 0.9, low=0),
        Column("bias", "number", "how much of the planted response bias the school shows", 1.0, low=0),
        Column("bias_black_caribbean", "number", "the factor for Black Caribbean pupils there", 1.4, low=0),
    ),
)


def need_rows(authority: Authority, truth: YearTruth, ids: Strings) -> dict[str, Values]:
    """A row for each main line and half term it is on roll in."""
    parts = []
    for half in range(HALF_TERMS):
        low, high = truth.year.span(half)
        on = (truth.roll.first < high) & (truth.roll.last >= low) & (truth.roll.status < SUBSIDIARY)
        roll = truth.roll.take(np.flatnonzero(on))
        roll = roll.take(np.unique(roll.pupil, return_index=True)[1])
        people = truth.people
        need = truth.moving.need(people, roll.pupil, half)
        chance = chance_of_suspension(authority, roll, people, truth.year.days[low])
        rate = serious_rate(roll.nc_year, need + people.temper[roll.pupil], authority.planted) * chance
        parts.append((roll.pupil, np.full(len(roll), half + 1), need, rate))
    pupil, half_term, need, rate = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((half_term, ids[pupil]))
    return {
        "pupil_id": Coded(pupil[order], ids),
        "academic_year": truth.year.label,
        "half_term": half_term[order],
        "need": need[order],
        "suspensions_per_day": rate[order],
    }


def pupil_truth_rows(people: People, ids: Strings) -> dict[str, Values]:
    """A row a pupil, by pseudonym."""
    order, table = np.argsort(ids), areas()
    label = np.array([f"{la} {ward}".strip() for la, ward in zip(table.la, table.ward, strict=True)])
    return {
        "pupil_id": ids[order],
        "ethnicity": Coded(people.ethnicity[order], CODES),
        "first_home": Coded(people.home[order], label),
        "need": people.need[order],
        "temper": people.temper[order],
    }


def school_truth_rows(authority: Authority) -> dict[str, Values]:
    """A row a school."""
    schools, black_caribbean = authority.schools, CODES.tolist().index("BCRB")
    numbers = np.arange(len(schools.school_id))
    tilt = dict(authority.planted.response_bias)[CODES[black_caribbean]]
    factor = np.exp(authority.planted.bias_size * np.array(tilt)[schools.borough] * schools.bias)
    return {
        "school_id": Coded(numbers, schools.school_id),
        "strictness": schools.strictness,
        "recording": schools.recording,
        "bias": schools.bias,
        "bias_black_caribbean": factor,
    }
