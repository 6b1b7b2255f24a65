"""Every number that is planted in the synthetic authority, in one place.

None of them is an estimate about real pupils. They were chosen so that the outcome resembles what is
published about level and shape (rates by year group, length of suspensions, share suspended more than once).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Planted:
    """Sizes of effects on the log scale unless the name says otherwise."""

    # Need: what a pupil carries. Ethnicity has no entry here, and must never have one.
    need_ward: float = 0.45
    need_fsm: float = 0.90
    need_boy: float = 0.60
    boys: float = 0.51
    ward_middle: float = 0.5
    fsm_middle: float = 0.26
    fsm_none: float = 1.45
    fsm_ward: float = 0.75
    need_own_sd: float = 1.20
    need_drift_sd: float = 0.60
    need_memory: float = 0.85
    absence_sd: float = 1.00
    health_sd: float = 0.80
    temper_sd: float = 0.55

    # Serious incidents a school day at need 0 in Year 10, and how each NC year stands to Year 10.
    serious_per_day: float = 0.00108
    year_profile: tuple[float, ...] = (
        0.03, 0.05, 0.06, 0.08, 0.11, 0.14, 0.17, 0.37, 0.78, 0.94, 1.00, 0.66, 0.17, 0.09,
    )  # fmt: skip
    # Minor incidents: more common, less tied to need, and recorded as each school pleases.
    minor_per_day: float = 0.030
    minor_need: float = 0.65
    minor_primary: float = 0.12
    positive_per_day: float = 0.055
    positive_need: float = -0.25
    positive_primary: float = 0.40

    # The move to secondary school: shakes most who lose their classmates, fades by half term.
    shock_start: float = 0.20
    shock_need: float = 0.25
    shock_alone: float = 0.35
    shock_memory: float = 0.70

    # The school's response to a serious incident.
    suspend: float = 0.20
    strictness_sd: float = 0.40
    strictness_mean: tuple[tuple[str, float], ...] = (("207", 1.95), ("213", 1.24))
    strictest: float = 0.80
    strictness_phase: tuple[tuple[str, float], ...] = (
        ("primary", 0.0),
        ("secondary", 0.0),
        ("special", -0.30),
        ("alternative_provision", -0.90),
    )
    suspend_most: float = 0.92
    suspend_again: float = 0.24
    suspend_again_within: int = 12
    permanent: float = 0.0016
    permanent_need: float = 0.40
    response_bias: tuple[tuple[str, float], ...] = (
        ("BCRB", 0.35),
        ("MWBC", 0.30),
        ("BOTH", 0.25),
        ("BAFR", 0.08),
        *((code, -0.30) for code in ("AIND", "APKN", "ABAN", "AOTH", "CHNE")),
    )

    # Moves out of the classroom, a half term.
    managed_move: float = 0.0009
    off_site: float = 0.0008
    placement_need: float = 0.75

    # Attendance: a school day's chance at need 0.
    illness_starts: float = 0.0092
    unauthorised_day: float = 0.0053
    unauthorised_need: float = 0.60
    unauthorised_primary: float = 0.50
    unauthorised_alternative: float = 0.22
    unauthorised_most: float = 0.60
    no_reason: float = 0.30
    truant_session: float = 0.0040
    late: float = 0.022


PLANTED = Planted()
