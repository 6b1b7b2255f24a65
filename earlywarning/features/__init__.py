"""What was known on the day: one family of features a file, listed here by name.

To add a family, write one file and one line in :data:`FAMILIES`.
"""

from types import MappingProxyType

from earlywarning.features.attendance import ATTENDANCE_FAMILY
from earlywarning.features.behaviour import BEHAVIOUR_FAMILY
from earlywarning.features.context import CONTEXT_FAMILY
from earlywarning.features.declare import Family, Feature
from earlywarning.features.ks2 import KS2_FAMILY
from earlywarning.features.moves import MOVES_FAMILY
from earlywarning.features.placements import PLACEMENTS_FAMILY
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

__all__ = ["FAMILIES", "Family", "Feature"]
