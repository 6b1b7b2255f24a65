"""Every number that is planted in the synthetic authority, in one place.

None of them is an estimate about real pupils. They were chosen so that what comes out resembles what is
published (``targets.csv``). A pair is Westminster's and Kensington and Chelsea's.
"""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[float, float]


@dataclass(frozen=True)
class Planted:
    """Sizes of effects on the log scale unless the name says otherwise."""

    # Need: what a pupil carries. Ethnicity has no entry here, and must never have one.
    need_ward: float = 0.45
    need_fsm: float = 1.05
    need_boy: float = 0.70
    boys: float = 0.51
    ward_middle: float = 0.5
    fsm_middle: float = 0.26
    fsm_none: Pair = (1.485, 1.56)
    fsm_ward: float = 0.75
    need_own_sd: float = 1.20
    need_drift_sd: float = 0.60
    need_memory: float = 0.92
    absence_sd: float = 1.00
    health_sd: float = 0.80
    temper_sd: float = 1.35

    # What primary schools and homes hand on: English as an additional language by who is new to the area.
    eal_local: Pair = (0.815, 0.745)
    eal_outsider: Pair = (0.665, 0.555)
    eal_english: float = 0.04

    # Special educational needs: support and plans rise with need; thresholds set how many.
    sen_support_above: Pair = (1.06, 1.065)
    sen_plan_above: Pair = (1.755, 1.755)
    sen_support_need: float = 0.55
    sen_plan_need: float = 0.30
    sen_semh: Pair = (0.69, 0.44)

    # Serious incidents a school day at need 0 in Year 10, and how each NC year stands to Year 10.
    serious_per_day: float = 0.00096
    serious_most: float = 0.24
    year_profile: tuple[float, ...] = (
        0.03, 0.05, 0.06, 0.08, 0.10, 0.13, 0.155, 0.30, 0.78, 0.94, 1.00, 0.66, 0.17, 0.09,
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

    # The school's response to a serious incident: mean strictness of each phase, and how schools differ.
    suspend: float = 0.14
    strictness: tuple[tuple[str, Pair], ...] = (
        ("nursery", (0.0, 0.0)),
        ("primary", (1.45, 0.92)),
        ("secondary", (1.40, 2.28)),
        ("special", (1.8, 0.6)),
        ("alternative_provision", (1.3, 0.5)),
    )
    strictness_sd: float = 0.40
    strictness_ward: float = 0.6
    strictest: float = 0.90
    primaries_without: float = 0.47
    two_primaries: float = 4.5
    suspend_most: float = 0.92
    suspend_again: float = 0.13
    suspend_again_within: int = 12
    response_bias: tuple[tuple[str, Pair], ...] = (
        ("WBRI", (-0.50, -0.05)),
        ("WOTH", (-0.50, -0.05)),
        ("WIRI", (-0.50, -0.05)),
        ("MWBC", (0.35, 0.45)),
        ("MWBA", (0.0, 0.05)),
        ("MOTH", (-0.05, 0.05)),
        ("BCRB", (0.40, 0.50)),
        ("BOTH", (0.25, 0.40)),
        ("BAFR", (-0.02, 0.15)),
        ("OOTH", (0.26, -0.25)),
        *((code, (-0.65, -1.10)) for code in ("AIND", "APKN", "ABAN", "AOTH", "CHNE")),
    )
    # The same for pupils with SEN support and with a plan.
    response_sen: tuple[Pair, Pair] = ((0.11, 0.03), (0.13, -0.36))
    # Switches: 0 cuts every tie between outcomes and pupils, schools and the past; bias; a new policy; drift.
    signal: float = 1.0
    bias_size: float = 1.0
    recording_bias: float = 0.0
    policy_factor: float = 1.6
    drift_a_year: float = 0.0

    # Permanent exclusion instead of a suspension, and the NC years in which a borough does so more.
    permanent: Pair = (0.0013, 0.0016)
    permanent_need: float = 0.40
    permanent_years: tuple[tuple[int, Pair], ...] = ((7, (0.0, 1.5)), (9, (0.0, 0.6)), (10, (0.8, 0.0)))
    # Who is removed from mainstream, by whatever route, beyond need: again a matter of response.
    removal_bias: tuple[tuple[str, float], ...] = (
        ("BCRB", 0.75),
        ("BOTH", 0.3),
        ("MWBC", 0.5),
        ("WOTH", -0.9),
        ("BAFR", -0.9),
    )
    removal_boy: float = 0.45

    # Moves out of the classroom, a half term.
    managed_move: float = 0.0009
    off_site: float = 0.0008
    placement_need: float = 0.75

    # Family services: spells begun in a year by a pupil at need 0 in Year 6, by home borough.
    early_help: Pair = (0.026, 0.026)
    child_in_need: Pair = (0.0262, 0.0208)
    child_in_need_need: float = 0.90
    child_in_need_year: float = 0.03
    protected: Pair = (0.125, 0.122)
    looked_after: Pair = (0.00186, 0.00137)

    # Support: pupils who are helped after a suspension.
    supported: Pair = (0.012, 0.010)

    # Attendance: a school day's chance at need 0.
    illness_starts: float = 0.0105
    unauthorised_day: float = 0.0053
    unauthorised_need: float = 0.60
    unauthorised_primary: float = 0.50
    unauthorised_alternative: Pair = (0.05, 0.31)
    unauthorised_most: float = 0.60
    absence_borough: Pair = (0.40, 0.70)
    absence_sen: Pair = (-0.20, -0.90)
    absence_semh: Pair = (0.45, 0.45)
    no_reason: float = 0.30
    truant_session: float = 0.0040
    late: float = 0.022


PLANTED = Planted()
