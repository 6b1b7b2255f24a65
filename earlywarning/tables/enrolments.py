"""Enrolments: on which school's roll a pupil was, in which NC year, from when to when."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id, spell_columns

ENROLMENTS = Table(
    name="enrolments",
    kind="spell",
    meaning="Roll spells. A new academic year is a new spell, because the NC year changes.",
    key=("pupil_id", "school_id", "start_date", "known_from", "record"),
    lag_days=7,
    foreign=(("pupil_id", "pupils"), ("school_id", "schools")),
    period=("start_date", "end_date"),
    columns=(
        pupil_id(),
        Column("school_id", "string", "school on whose roll the pupil is", "s0012"),
        Column("nc_year", "string", "National Curriculum year", "9", codes="nc_year"),
        Column(
            "status",
            "string",
            "C single registration, M main, S subsidiary, G guest",
            "C",
            codes="enrolment_status",
        ),
        Column(
            "leaving_reason",
            "string",
            "why the spell ended, where known",
            None,
            codes="leaving_reason",
            nullable=True,
            with_end=True,
        ),
        *spell_columns(dt.date(2024, 9, 2), None),
    ),
)
