"""Small random worlds for property tests: three pupils, two schools, every table that features read."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

Rows = dict[str, list[dict[str, Any]]]

PUPILS = ("a", "b", "c")
AS_OF_DATES = ["2024-09-26", "2024-12-31", "2025-04-04"]
FIRST, LAST = dt.date(2023, 9, 4), dt.date(2025, 7, 22)

day = st.dates(FIRST, LAST)
lag = st.integers(0, 120).map(lambda days: dt.timedelta(days=days))
pupil = st.sampled_from(PUPILS)
record = st.sampled_from(["new"] * 5 + ["retraction"])


def _event(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An event whose known_from is some days after it happened."""
    return st.fixed_dictionaries({"pupil_id": pupil, "when": day, "lag": lag, "record": record, **columns})


def _dated(name: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    column = {"suspensions": "start_date"}.get(name, "date")
    return [
        {column: row["when"], "known_from": row["when"] + row["lag"]}
        | {key: value for key, value in row.items() if key not in {"when", "lag"}}
        for row in events
    ]


EVENTS = {
    "attendance": _event(
        school_id=st.sampled_from(["s1", "s2"]),
        session=st.sampled_from(["AM", "PM"]),
        code=st.sampled_from(["/", "L", "N", "I", "E", "U", "C2", "R", "D"]),
    ),
    "behaviour": _event(
        school_id=st.sampled_from(["s1", "s2"]),
        event_id=st.sampled_from([f"b{n}" for n in range(4)]),
        polarity=st.sampled_from(["negative", "positive"]),
        points=st.integers(0, 8).map(float),
        category=st.sampled_from(["disruption", "Fighting", "weapon"]),
    ),
    "suspensions": _event(
        school_id=st.sampled_from(["s1", "s2"]),
        event_id=st.sampled_from([f"x{n}" for n in range(4)]),
        category=st.sampled_from(["SUSP", "PERM", "LNCH"]),
        sessions=st.integers(1, 20),
        decision=st.sampled_from(["in_force", "withdrawn", "pending"]),
        reason1=st.sampled_from(["DB", "PP", "TH"]),
        reason2=st.sampled_from([None, "VA"]),
    ),
    "ks2": _event(
        subject=st.sampled_from(["reading", "maths", "gps"]),
        scaled_score=st.one_of(st.none(), st.integers(80, 120)),
        outcome=st.sampled_from([None, "A", "B"]),
    ),
    "transition": _event(
        school_id=st.just("p1"),
        absence_rate=st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5])),
        suspensions=st.sampled_from([None, 0, 1, 3]),
        concern=st.sampled_from([None, "none", "some", "high"]),
    ),
}


@st.composite
def spells(draw: st.DrawFn, **columns: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A spell whose start and end each have a date on which they became known."""
    start = draw(day)
    length = draw(st.one_of(st.none(), st.integers(0, 300)))
    end = None if length is None else start + dt.timedelta(days=length)
    row = {"pupil_id": draw(pupil), "start_date": start, "known_from": start + draw(lag), "end_date": end}
    row["end_known_from"] = None if end is None else end + draw(lag)
    return row | {name: draw(strategy) for name, strategy in columns.items()}


SPELLS = {
    "services": spells(
        service=st.sampled_from(
            ["early_help", "child_in_need", "looked_after", "youth_justice", "domestic_abuse_notification"]
        ),
        record=record,
    ),
    "sen": spells(sen_provision=st.sampled_from(["N", "K", "E"]), record=record),
    "placements": spells(
        school_id=st.sampled_from(["s1", "s2"]),
        route=st.sampled_from(["managed_move", "off_site_direction", "alternative_provision"]),
        setting=st.sampled_from(["mainstream", "pru"]),
        review_date=st.one_of(st.none(), day),
        outcome=st.sampled_from([None, "failed", "returned"]),
        record=record,
    ),
    "enrolments": spells(
        school_id=st.sampled_from(["p1", "p2", "s1", "s2"]),
        nc_year=st.sampled_from(["6", "9"]),
        status=st.sampled_from(["C", "M", "S", "G"]),
        record=record,
    ),
    "residence": spells(home_la=st.sampled_from(["213", "304"]), record=record),
}

ON_ROLL: Rows = {
    "pupils": [{"pupil_id": name} for name in PUPILS],
    "enrolments": [
        {
            "pupil_id": name,
            "school_id": school,
            "nc_year": str(year),
            "start_date": dt.date(start, 9, 4),
            "end_date": end,
        }
        | ({"end_known_from": end} if end else {})
        for name, school in (("a", "s1"), ("b", "s1"), ("c", "s2"))
        for year, start, end in ((8, 2023, dt.date(2024, 8, 31)), (9, 2024, None))
    ],
    "residence": [
        {"pupil_id": name, "home_la": la, "start_date": dt.date(2020, 1, 1)}
        for name, la in (("a", "213"), ("b", "213"), ("c", "304"))
    ],
    "coverage": [
        {"feed": feed, "source": source, "from_date": FIRST, "to_date": to, "known_from": FIRST}
        for feed, source, to in (
            ("attendance", "s1", LAST),
            ("attendance", "s2", LAST),
            ("behaviour", "s1", LAST),
            ("behaviour", "s2", dt.date(2024, 11, 1)),
            ("suspensions", "s1", LAST),
            ("suspensions", "s2", LAST),
            ("placements", "s1", LAST),
            ("services", "213", LAST),
        )
    ],
}


TABLES_READ = (*EVENTS, *SPELLS)


@st.composite
def happenings(draw: st.DrawFn, tables: tuple[str, ...] = TABLES_READ, most: int = 8) -> Rows:
    """Events and spells for tables that features read."""
    rows = {name: draw(st.lists((EVENTS | SPELLS)[name], max_size=most)) for name in tables}
    return {name: _dated(name, given) if name in EVENTS else given for name, given in rows.items()}


def only_new(rows: Rows) -> Rows:
    """``rows`` without those taken back."""
    return {name: [row | {"record": "new"} for row in given] for name, given in rows.items()}


def taken_back(rows: Rows, on: dt.date | None = None) -> Rows:
    """A retraction of each row, known ``on`` a day, or with the row."""
    return {
        name: [
            row
            | {"record": "retraction", "known_from": max(on, row["known_from"]) if on else row["known_from"]}
            for row in given
        ]
        for name, given in rows.items()
    }


def split(rows: list[dict[str, Any]], share: float) -> list[dict[str, Any]]:
    """Each spell as two that touch; the end of the first is known on the day the second is."""
    halves = []
    for row in rows:
        end = row.get("end_date")
        length = ((end or LAST) - row["start_date"]).days
        if length < 1:
            halves.append(row)
            continue
        last = row["start_date"] + dt.timedelta(days=int(share * (length - 1)))
        first = last + dt.timedelta(days=1)
        known = max(row.get("known_from", row["start_date"]), first)
        told = row.get("end_known_from", end)
        halves.append(row | {"end_date": last, "end_known_from": known})
        halves.append(
            row
            | {"start_date": first, "known_from": known, "end_known_from": max(told, known) if told else None}
        )
    return halves


def world(*happened: Rows) -> Rows:
    """The pupils on roll with everything that happened to them."""
    tables = {name: list(rows) for name, rows in ON_ROLL.items()}
    for rows in happened:
        for name, more in rows.items():
            tables.setdefault(name, []).extend(more)
    return tables
