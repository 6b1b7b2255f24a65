"""More than 15 school days suspended in the term: governors must consider reinstatement."""

from earlywarning.labels.days_suspended import more_than

OVER_15_DAYS = more_than(15)
