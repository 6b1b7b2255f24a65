"""Supports: programmes a pupil is already on, so that help is not offered twice."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id, spell_columns

SUPPORTS = Table(
    name="supports",
    kind="spell",
    meaning="Inclusion programmes and other support already in place.",
    key=("pupil_id", "programme", "start_date", "known_from", "record"),
    lag_days=7,
    required=False,
    feed="supports",
    foreign=(("pupil_id", "pupils"),),
    period=("start_date", "end_date"),
    columns=(
        pupil_id(),
        Column("programme", "string", "the programme's name", "mentoring"),
        *spell_columns(dt.date(2024, 10, 7), None),
    ),
)
