"""What was known on the day: one family of features a file, listed here in order."""

from benchmarks.oulad.families.activity import ACTIVITY_FAMILY
from benchmarks.oulad.families.marks import MARKS_FAMILY
from benchmarks.oulad.families.overdue import OVERDUE_FAMILY
from benchmarks.oulad.families.registration import REGISTRATION_FAMILY
from benchmarks.oulad.families.submissions import SUBMISSIONS_FAMILY

FAMILIES = (REGISTRATION_FAMILY, ACTIVITY_FAMILY, SUBMISSIONS_FAMILY, OVERDUE_FAMILY, MARKS_FAMILY)
