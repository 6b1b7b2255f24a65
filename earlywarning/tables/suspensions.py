"""Suspensions and permanent exclusions, with reasons, length and what was decided later."""

import datetime as dt

from earlywarning.tables.declare import KNOWN_FROM, RECORD, Column, Table, pupil_id

SUSPENSIONS = Table(
    name="suspensions",
    kind="event",
    meaning="One row a suspension or permanent exclusion; a changed decision is a retraction and a new row.",
    key=("event_id", "known_from", "record"),
    date="start_date",
    lag_days=1,
    feed="suspensions",
    foreign=(("pupil_id", "pupils"), ("school_id", "schools")),
    columns=(
        Column("event_id", "string", "the suspension; a retraction repeats it", "x000004"),
        pupil_id(),
        Column("school_id", "string", "school that suspended or excluded", "s0012"),
        Column(
            "category",
            "string",
            "SUSP suspension, PERM permanent exclusion, LNCH lunchtime; FIXD is the old SUSP",
            "SUSP",
            codes="suspension_category",
        ),
        Column("reason1", "string", "first reason", "DB", codes="suspension_reason"),
        Column("reason2", "string", "second reason", None, codes="suspension_reason", nullable=True),
        Column("reason3", "string", "third reason", None, codes="suspension_reason", nullable=True),
        Column("start_date", "date", "first day", dt.date(2024, 10, 1)),
        Column(
            "sessions",
            "integer",
            "length; empty for a permanent exclusion",
            4,
            unit="sessions",
            low=0,
            high=90,
            nullable=True,
        ),
        Column(
            "decision",
            "string",
            "in_force, pending (a permanent exclusion under review), upheld, reinstated or withdrawn",
            "in_force",
            codes="decision",
        ),
        KNOWN_FROM,
        RECORD,
    ),
)
