"""Attendance: one mark for each pupil and session (half a school day)."""

import datetime as dt

from earlywarning.tables.declare import KNOWN_FROM, RECORD, Column, Table, pupil_id

ATTENDANCE = Table(
    name="attendance",
    kind="event",
    meaning="Session marks. A mark corrected later is a retraction and a new row.",
    key=("pupil_id", "date", "session", "school_id", "code", "known_from", "record"),
    date="date",
    lag_days=1,
    feed="attendance",
    foreign=(("pupil_id", "pupils"), ("school_id", "schools")),
    columns=(
        pupil_id(),
        Column("school_id", "string", "school that took the register", "s0012"),
        Column("date", "date", "day of the session", dt.date(2024, 10, 1)),
        Column("session", "string", "AM or PM", "AM", codes="session"),
        Column(
            "code",
            "string",
            "attendance code, read by the list in force on the day",
            "L",
            codes="attendance",
            dated=True,
        ),
        KNOWN_FROM,
        RECORD,
    ),
)
