"""Pupils: one row each, with what the audit needs and the model never sees."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id

PUPILS = Table(
    name="pupils",
    kind="static",
    meaning="Every pupil known to the authority, once. Protected characteristics are for the audit alone.",
    key=("pupil_id",),
    columns=(
        pupil_id(),
        Column("birth_month", "date", "first day of the month of birth", dt.date(2011, 5, 1)),
        Column("sex", "string", "legal sex as recorded", "F", codes="sex"),
        Column(
            "ethnicity",
            "string",
            "DfE ethnicity code; REFU refused, NOBT not yet obtained",
            "BCRB",
            codes="ethnicity",
            nullable=True,
        ),
        Column(
            "eal",
            "boolean",
            "first language known or believed to be other than English, as recorded on the extract's day",
            True,
            nullable=True,
        ),
        Column(
            "fsm_eligible",
            "boolean",
            "eligible for free school meals, as recorded on the extract's day",
            False,
            nullable=True,
        ),
    ),
)
