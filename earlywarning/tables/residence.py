"""Residence: which home authority and ward, because only some boroughs share family-service data."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id, spell_columns

RESIDENCE = Table(
    name="residence",
    kind="spell",
    meaning="Where a pupil lived: home local authority and ward.",
    key=("pupil_id", "start_date", "known_from", "record"),
    lag_days=30,
    foreign=(("pupil_id", "pupils"),),
    period=("start_date", "end_date"),
    columns=(
        pupil_id(),
        Column("home_la", "string", "three-digit DfE code of the home local authority", "213", codes="la"),
        Column(
            "home_ward",
            "string",
            "ward of residence; empty outside the two boroughs",
            "Church Street",
            nullable=True,
        ),
        *spell_columns(dt.date(2022, 9, 1), None),
    ),
)
