"""SEN: provision, primary need and whether a statutory assessment is under way."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id, spell_columns

SEN = Table(
    name="sen",
    kind="spell",
    meaning="Spells of special educational needs provision; a pupil with no spell has none recorded.",
    key=("pupil_id", "start_date", "known_from", "record"),
    lag_days=30,
    foreign=(("pupil_id", "pupils"),),
    period=("start_date", "end_date"),
    columns=(
        pupil_id(),
        Column(
            "sen_provision",
            "string",
            "N none, K SEN support, E Education, Health and Care plan",
            "K",
            codes="sen_provision",
        ),
        Column("sen_primary_need", "string", "primary type of need", "SEMH", codes="sen_type", nullable=True),
        Column("assessment_under_way", "boolean", "an assessment for a plan is under way", False),
        *spell_columns(dt.date(2023, 11, 6), None),
    ),
)
