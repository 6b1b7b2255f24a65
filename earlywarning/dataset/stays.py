"""Stays: one row for each school on whose roll a pupil has been, however many spells the roll holds."""

from __future__ import annotations

import narwhals as nw

from earlywarning.dataset.history import with_day_numbers
from earlywarning.dataset.spine import Spine
from earlywarning.engines import Frame

MAIN_ROLLS = ("C", "M")


def stays(spine: Spine) -> Frame:
    """Schools as known on each date, as a pupil's own or main school: a subsidiary or guest roll is no move.

    Columns: ``spine_row``, ``as_of_date``, ``school_id``, ``phase``, ``la``; ``start_date`` first on the roll
    and ``until`` last, with ``start_day`` and ``until_day``; ``last_of_phase`` 1 for the school of its phase
    that was joined last.
    """
    main = with_day_numbers(spine.spells("enrolments").filter(nw.col("status").is_in(list(MAIN_ROLLS))))
    each = main.group_by("spine_row", "as_of_date", "as_of_day", "school_id").agg(
        nw.col("start_date", "start_day").min(), nw.col("until", "until_day").max()
    )
    schools = spine.history.tables["schools"].select("school_id", "phase", "la")
    latest = nw.col("start_day").max().over("spine_row", "phase")
    return each.join(schools, on="school_id").with_columns(
        last_of_phase=nw.when(nw.col("start_day") == latest).then(nw.lit(1)).otherwise(nw.lit(0))
    )
