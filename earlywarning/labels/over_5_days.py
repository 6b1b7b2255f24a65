"""More than 5 school days suspended in the term: governors consider reinstatement if the parent asks."""

from earlywarning.labels.days_suspended import more_than

OVER_5_DAYS = more_than(5)
