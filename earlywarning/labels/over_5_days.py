"""More than 5 school days suspended in the term.

In England governors consider the pupil's reinstatement if the parent asks (DfE statutory guidance on
suspension and permanent exclusion). How days are counted, which is the same for both labels on days: within
the window, of suspensions that begin in it, two sessions a day, a lunchtime suspension as half a day. Days
of the term before the panel are not counted, so whoever has the event has reached the trigger in law, and a
few who have reached it do not have the event. A length that was not recorded censors; a permanent exclusion
competes.
"""

from earlywarning.labels.days_suspended import more_than

OVER_5_DAYS = more_than(5)
