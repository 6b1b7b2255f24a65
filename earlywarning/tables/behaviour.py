"""Behaviour: events a school recorded, negative and positive, with the school's own points."""

import datetime as dt

from earlywarning.tables.declare import KNOWN_FROM, RECORD, Column, Table, pupil_id

BEHAVIOUR = Table(
    name="behaviour",
    kind="event",
    meaning="Behaviour events. Points are each school's own and are never compared raw across schools.",
    key=("event_id", "known_from", "record"),
    date="date",
    lag_days=1,
    feed="behaviour",
    foreign=(("pupil_id", "pupils"), ("school_id", "schools")),
    columns=(
        Column("event_id", "string", "the event; a retraction repeats it", "b000017"),
        pupil_id(),
        Column("school_id", "string", "school that recorded the event", "s0012"),
        Column("date", "date", "day of the event", dt.date(2024, 10, 1)),
        Column("time", "string", "HH:MM where known", "11:20", nullable=True),
        Column("polarity", "string", "negative or positive", "negative", codes="polarity"),
        Column(
            "points",
            "number",
            "points in the school's own system, as a size",
            2.0,
            unit="points",
            low=0,
            high=1000,
        ),
        Column("category", "string", "the school's category", "disruption"),
        KNOWN_FROM,
        RECORD,
    ),
)
