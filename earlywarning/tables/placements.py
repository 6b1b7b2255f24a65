"""Placements: moves out of the ordinary classroom, by route, setting and roll status."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id, spell_columns

PLACEMENTS = Table(
    name="placements",
    kind="spell",
    meaning="Managed moves, off-site directions and alternative provision, which the panel oversees.",
    key=("pupil_id", "route", "start_date", "known_from", "record"),
    lag_days=7,
    required=False,
    feed="placements",
    foreign=(("pupil_id", "pupils"), ("school_id", "schools")),
    period=("start_date", "end_date"),
    columns=(
        pupil_id(),
        Column("school_id", "string", "school that made the placement", "s0012"),
        Column(
            "route",
            "string",
            "managed_move, off_site_direction, alternative_provision",
            "managed_move",
            codes="placement_route",
        ),
        Column(
            "setting",
            "string",
            "mainstream, pru, ap_academy, independent_ap, hospital, home",
            "mainstream",
            codes="placement_setting",
        ),
        Column(
            "roll_status",
            "string",
            "sole, dual_main, dual_subsidiary, off_roll",
            "dual_main",
            codes="roll_status",
        ),
        Column(
            "review_date", "date", "day the placement is due for review", dt.date(2024, 12, 2), nullable=True
        ),
        Column(
            "outcome",
            "string",
            "returned, permanent, failed, ended",
            None,
            codes="placement_outcome",
            nullable=True,
            with_end=True,
        ),
        *spell_columns(dt.date(2024, 10, 14), None),
    ),
)
