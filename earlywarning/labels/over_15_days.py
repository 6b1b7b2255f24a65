"""More than 15 school days suspended in the term.

In England governors must consider the pupil's reinstatement, whether or not anybody asks. Days are counted
as for `over_5_days`.
"""

from earlywarning.labels.days_suspended import more_than

OVER_15_DAYS = more_than(15)
