"""What was known on the day: one family of features a file, listed here by name.

To add a family, write one file and one line in :data:`FAMILIES`; one whose every feature is off goes into
:data:`SWITCHED_OFF`, and into a study only where the policy file records a reason for it.
"""

from types import MappingProxyType

from earlywarning.features.attendance import ATTENDANCE_FAMILY
from earlywarning.features.behaviour import BEHAVIOUR_FAMILY
from earlywarning.features.context import CONTEXT_FAMILY
from earlywarning.features.declare import Family, Feature
from earlywarning.features.justice import JUSTICE_FAMILY
from earlywarning.features.ks2 import KS2_FAMILY
from earlywarning.features.moves import MOVES_FAMILY
from earlywarning.features.notifications import NOTIFICATIONS_FAMILY
from earlywarning.features.placements import PLACEMENTS_FAMILY
from earlywarning.features.sen import SEN_FAMILY
from earlywarning.features.services import SERVICES_FAMILY
from earlywarning.features.suspensions import SUSPENSIONS_FAMILY
from earlywarning.features.transition import TRANSITION_FAMILY

FAMILIES = MappingProxyType(
    {
        family.name: family
        for family in (
            ATTENDANCE_FAMILY,
            BEHAVIOUR_FAMILY,
            SUSPENSIONS_FAMILY,
            KS2_FAMILY,
            TRANSITION_FAMILY,
            MOVES_FAMILY,
            PLACEMENTS_FAMILY,
            SERVICES_FAMILY,
            CONTEXT_FAMILY,
        )
    }
)

SWITCHED_OFF = MappingProxyType(
    {family.name: family for family in (SEN_FAMILY, JUSTICE_FAMILY, NOTIFICATIONS_FAMILY)}
)

__all__ = ["FAMILIES", "SWITCHED_OFF", "Family", "Feature"]
