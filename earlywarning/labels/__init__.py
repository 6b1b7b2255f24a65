"""What happened next: one label a file, listed here by name.

To add a label, write one file and one line in :data:`LABELS`.
"""

from types import MappingProxyType

from earlywarning.labels.declare import Label
from earlywarning.labels.first_suspension import FIRST_SUSPENSION
from earlywarning.labels.new_suspension import NEW_SUSPENSION
from earlywarning.labels.over_5_days import OVER_5_DAYS
from earlywarning.labels.over_15_days import OVER_15_DAYS
from earlywarning.labels.removal import REMOVAL
from earlywarning.labels.suspension_in_year_7 import SUSPENSION_IN_YEAR_7
from earlywarning.labels.suspension_within_year import SUSPENSION_WITHIN_YEAR
from earlywarning.labels.two_suspensions import TWO_SUSPENSIONS

LABELS = MappingProxyType(
    {
        label.name: label
        for label in (
            NEW_SUSPENSION,
            SUSPENSION_WITHIN_YEAR,
            TWO_SUSPENSIONS,
            OVER_5_DAYS,
            OVER_15_DAYS,
            FIRST_SUSPENSION,
            REMOVAL,
            SUSPENSION_IN_YEAR_7,
        )
    }
)

__all__ = ["LABELS", "Label"]
