"""Transition: what a primary school passed on to the secondary school."""

import datetime as dt

from earlywarning.tables.declare import KNOWN_FROM, RECORD, Column, Table, pupil_id

TRANSITION = Table(
    name="transition",
    kind="event",
    meaning="The hand-over record of a Year 6 pupil.",
    key=("pupil_id", "known_from", "record"),
    date="date",
    lag_days=14,
    required=False,
    feed="transition",
    foreign=(("pupil_id", "pupils"), ("school_id", "schools")),
    columns=(
        pupil_id(),
        Column("school_id", "string", "primary school that wrote it", "s0061"),
        Column("date", "date", "day it was written", dt.date(2024, 6, 20)),
        Column(
            "absence_rate",
            "number",
            "share of possible sessions missed in Year 6",
            0.06,
            unit="rate",
            low=0,
            high=1,
            nullable=True,
        ),
        Column(
            "suspensions",
            "integer",
            "suspensions in Year 6",
            0,
            unit="suspensions",
            low=0,
            high=60,
            nullable=True,
        ),
        Column(
            "concern",
            "string",
            "the primary's view of support needed at the move: none, some or high",
            "some",
            codes="concern",
            nullable=True,
        ),
        KNOWN_FROM,
        RECORD,
    ),
)
