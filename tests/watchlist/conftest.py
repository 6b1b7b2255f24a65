"""An invented issue of the size a panel meets: two areas, 120 places, schools and pupils made up."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from earlywarning.explain import PupilReasons, Reason, worth_asking
from earlywarning.watchlist import (
    Area,
    Evidence,
    ExclusionInProgress,
    Issue,
    Left,
    ListedPupil,
    Measure,
    NotAssessed,
    Placement,
    Provenance,
    Shown,
    SinceLast,
    Trend,
    Trial,
    context_rows,
    panel_refs,
    score_keys,
)

SCHOOLS = {
    "901": ("Alder Lane School", "Brindle Park Academy", "Copperfield High School", "St Dunwich's School"),
    "902": ("Elmgate School", "Fenwick Cross Academy", "Gorse Hill School", "Harrow Mead College"),
}
RAISES = (
    ("suspensions", "{} suspensions in the last three terms.", "The usual in {} is no suspensions."),
    (
        "attendance",
        "Absent for {} of 60 sessions this half term.",
        "That is 23%; the usual in {} is 4%.",
    ),
    (
        "behaviour at school",
        "The school recorded {} negative behaviour events in the last two half terms.",
        "The usual in {} is 1 event.",
    ),
    (
        "start at a new school",
        "First on this school's roll {} days before the data were cut.",
        "The usual in {} is 2.3 years.",
    ),
)
LOWERS = (
    (
        "behaviour at school",
        "The school recorded {} positive behaviour events in the last two half terms.",
        "The usual in {} is 6 events.",
    ),
    ("attainment", "Key stage 2 maths: 10{} (100 is the expected standard).", "The usual in {} is 102."),
)
NOT_VISIBLE = (
    "The home borough does not share family-service records.",
    "Nothing newer than 24 October 2025 was received for behaviour.",
)
IN_PLACE = (
    "Mentoring since 7 October 2025.",
    "Social worker (child in need) since 3 March 2025.",
    "SEN support.",
)


def made_up_reasons(draw: random.Random, group: str) -> PupilReasons:
    def some(phrases: tuple[tuple[str, str, str], ...], most: int) -> tuple[Reason, ...]:
        chosen = draw.sample(phrases, draw.randint(1, most))
        return tuple(
            Reason(theme, said.format(draw.randint(2, 9)), usual.format(group))
            for theme, said, usual in chosen
        )

    raises = some(RAISES, 3)
    return PupilReasons(
        raises=raises,
        lowers=some(LOWERS, 2),
        not_visible=tuple(draw.sample(NOT_VISIBLE, draw.randint(0, 2))),
        questions=worth_asking(reason.theme for reason in raises),
    )


def build(pupils_per_school: int = 60, capacity: int = 60, seed: int = 7) -> Issue:
    """An issue in which every part agrees with the others."""
    draw = random.Random(seed)
    roll = pd.DataFrame(
        [
            {
                "area": area,
                "school": school,
                "group": f"Year {draw.randint(7, 11)}",
                "suspended": float(draw.random() < 0.08),
            }
            for area, schools in SCHOOLS.items()
            for school in schools
            for _ in range(pupils_per_school)
        ]
    )
    ids = [f"p{number:05d}" for number in range(len(roll))]
    roll["ref"] = panel_refs(ids, b"a key for tests", "secondary-2025-12-31")
    roll["score_key"] = score_keys(ids, b"a key for tests", "secondary-2025-12-31")
    apart = set(roll.groupby("area").tail(9).index)
    exclusions = set(roll.groupby("area").tail(1).index)
    placed = set(roll.groupby("area").tail(3).index) - exclusions
    objecting = set(roll.groupby("area").tail(4).index) - exclusions - placed
    elsewhere = ["R2T-R3T-R4T", "R5T-R6T-R7T"]
    roll["assessed"] = [row not in apart for row in roll.index]
    roll["probability"] = [draw.uniform(0.001, 0.9) for _ in roll.index]
    best = roll[roll["assessed"]].sort_values("probability", ascending=False).groupby("area").head(capacity)
    roll["listed"] = roll.index.isin(best.index)
    roll["band"] = [
        ("discuss first" if draw.random() < 0.3 else "also consider") if on else "" for on in roll["listed"]
    ]
    scores = roll[roll["assessed"]].assign(
        as_of_date=dt.date(2025, 12, 31), margin=lambda rows: rows["probability"] * 7 - 4
    )
    place = ["ref", "area", "school", "group"]
    return Issue(
        study="secondary",
        term="spring term 2025/26",
        as_of_date=dt.date(2025, 12, 31),
        panel_date=dt.date(2026, 1, 15),
        horizon_end=dt.date(2026, 3, 27),
        labels_mature_on=dt.date(2026, 4, 26),
        extracted_on=dt.date(2026, 1, 8),
        destroy_after=dt.date(2027, 4, 26),
        opens=dt.date(2026, 1, 15),
        notes=(),
        sharing="Not for passing on.",
        synthetic=True,
        winner="model",
        evidence=EVIDENCE,
        areas=tuple(
            Area(code, name, capacity, int((roll["area"] == code).sum()), 10, {"objection to profiling": 1})
            for code, name in (("901", "Northfold"), ("902", "Southmere"))
        ),
        inputs={
            "attendance": ("Sessions absent, late or on a part-time timetable, over sessions possible.",),
            "suspensions": ("Suspensions and school days suspended in a year of terms.",),
            "attainment": ("Key stage 2 reading and maths.",),
        },
        provenance=Provenance("secondary", "3", "ab" * 32, "cd" * 32, "earlywarning 0.1.0"),
        contact="inclusion.data@northfold.example",
        marking="OFFICIAL-SENSITIVE: PERSONAL",
        pupils=tuple(
            ListedPupil(
                **{name: row[name] for name in (*place, "band")},
                reasons=made_up_reasons(draw, row["group"]),
                in_place=tuple(draw.sample(IN_PLACE, draw.randint(0, 2))),
                facts=("A suspension of 6 sessions is still open: 2 served so far.",)
                if draw.random() < 0.1
                else (),
                data_to={"attendance": dt.date(2025, 12, 19), "behaviour": dt.date(2025, 10, 24)},
                since_last=draw.choice(("Still on the list", "New: new facts", "New: borderline")),
                absence=(
                    ("summer 2, 2024/25", 0.04),
                    ("autumn 1, 2025/26", None),
                    ("autumn 2, 2025/26", 0.2),
                ),
            )
            for row in roll[roll["listed"]].to_dict("records")
        ),
        not_assessed=tuple(
            NotAssessed(
                **{name: row[name] for name in place}, why="The school's attendance was not received."
            )
            for row in roll.loc[sorted(apart - exclusions - placed - objecting)].to_dict("records")
        ),
        in_progress=tuple(
            ExclusionInProgress(
                **{name: row[name] for name in place}, since=dt.date(2025, 12, 2), stage="Under review"
            )
            for row in roll.loc[sorted(exclusions)].to_dict("records")
        ),
        context=context_rows(roll),
        scores=scores[["score_key", "area", "as_of_date", "probability", "margin", "band", "listed"]],
        register=tuple(
            Placement(
                **{name: row[name] for name in place},
                route="placed in alternative provision",
                setting="pupil referral unit",
                since=dt.date(2025, 11, 3),
                weeks=8,
                review="Overdue: it was due 2 December 2025 (29 days)",
                instead=number in placed,
            )
            for number, row in roll.loc[sorted(placed | {best.index[0]})].iterrows()
        ),
        shown=tuple(
            Shown(ref, "901", SCHOOLS["901"][0], "Year 11", ("1 suspension in the last three terms.",), ())
            for ref in elsewhere
        ),
        shown_of=120,
        since=SinceLast(
            dt.date(2025, 9, 26),
            tuple(
                Left(**{name: row[name] for name in place}, why="placed in alternative provision")
                for row in roll.loc[sorted(placed)].to_dict("records")
            ),
            gone=3,
            model_changed=False,
        ),
        trends=(
            Trend("901", "autumn term 2025/26", False, 87, 133),
            Trend("902", "autumn term 2025/26", False, 8, 9),
        ),
        limits=("At most 20 of Alder Lane School.", "The list was tested without these limits."),
        hand_over=("What the child is good at and likes", "What helps, and who does it now"),
    )


EVIDENCE = Evidence(
    model_won=True,
    standing="The model was promoted, as the ledger of models records.",
    tested_on="the three terms of 2024/25",
    outcome="a new suspension or a permanent exclusion",
    by="before the end of term",
    pupils=17_240,
    events=1_031,
    winner=Trial(
        "model",
        "a model that weighs all the inputs below",
        Measure(0.381, (0.33, 0.44), (0.36, 0.42)),
        Measure(0.134, (0.11, 0.16), None),
    ),
    beside=Trial(
        "number_of_suspensions",
        "number of suspensions in the last three terms",
        Measure(0.34, (0.29, 0.4), (0.32, 0.38)),
        Measure(0.12, (0.1, 0.14), None),
    ),
)


@pytest.fixture(scope="session")
def issue() -> Issue:
    return build()


@pytest.fixture(scope="session")
def small_issue() -> Issue:
    return build(pupils_per_school=10, capacity=5)


@pytest.fixture
def with_first_pupil(small_issue: Issue) -> Callable[..., Issue]:
    """The small issue with its first pupil changed: ``with_first_pupil(school="=1+1")``."""

    def changed(**change: object) -> Issue:
        first, *others = small_issue.pupils
        return replace(small_issue, pupils=(replace(first, **change), *others))

    return changed
