"""Through what a learner is seen, and which days are the presentation's own."""

import narwhals as nw

from benchmarks.oulad.study_days import LAST_DAY
from earlywarning.features.declare import SeenThrough

ON_THE_SITE = SeenThrough("activity", "access", "school_id")
HANDED_IN = SeenThrough("assessments", "access", "school_id")

OF_THIS_PRESENTATION = nw.col("day") <= LAST_DAY
"""No cut is later: a later day belongs to a presentation that ended while this one was about to begin."""
