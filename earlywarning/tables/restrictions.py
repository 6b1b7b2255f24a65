"""Restrictions: pupils of whom no list may be made, because somebody objected or the record is restricted."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id, spell_columns

RESTRICTIONS = Table(
    name="restrictions",
    kind="spell",
    meaning=(
        "Objections to profiling and restricted records. While one is in force the pupil is in no list and "
        "in no training: counted, and never shown."
    ),
    key=("pupil_id", "kind", "start_date", "known_from", "record"),
    required=False,
    foreign=(("pupil_id", "pupils"),),
    period=("start_date", "end_date"),
    columns=(
        pupil_id(),
        Column("kind", "string", "objection or restricted", "objection", codes="restriction"),
        *spell_columns(dt.date(2025, 2, 3), None),
    ),
)
