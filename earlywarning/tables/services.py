"""Services: early help, child in need, child protection and looked-after spells."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id, spell_columns

SERVICES = Table(
    name="services",
    kind="spell",
    meaning=(
        "Family-service spells shared by the home authority. Youth justice and domestic-abuse notifications "
        "can be held here but are never inputs unless the policy file records a reason."
    ),
    key=("pupil_id", "service", "start_date", "known_from", "record"),
    lag_days=7,
    feed="services",
    foreign=(("pupil_id", "pupils"),),
    period=("start_date", "end_date"),
    columns=(
        pupil_id(),
        Column(
            "service",
            "string",
            "the kind of help, or the notification",
            "early_help",
            codes="service",
        ),
        Column("la", "string", "authority that holds the record", "213", codes="la"),
        *spell_columns(dt.date(2024, 3, 4), None),
    ),
)
