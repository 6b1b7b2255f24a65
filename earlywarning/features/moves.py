"""Moves: from which schools the pupil came, and with how many classmates.

A school counts once however many spells its roll holds; subsidiary and guest rolls are no moves.
"""

from functools import partial

import narwhals as nw

from earlywarning.features.declare import HERE, Family, Feature, amount, count, during, flag

PRIMARY = nw.col("phase") == nw.lit("primary")
LAST_PRIMARY = PRIMARY & (nw.col("last_of_phase") == 1)
SECONDARY = nw.col("phase").is_in(["secondary", "all_through", "special", "alternative_provision"])
CAME_ALONG = nw.col("last_of_phase").sum().over("as_of_date", "school_id", "school_id_now", "group_now") - 1
JOINING_MONTHS = (8, 9)
HAS_PRIMARY = nw.col("primaries") > 0
arrival = partial(Feature, theme="start at a new school")
move = partial(Feature, theme="moves and placements")

MOVES_FAMILY = Family(
    name="moves",
    table="stays",
    lookbacks=("3t",),
    measures={
        "primaries": count(PRIMARY),
        "primaries_in_borough": count(LAST_PRIMARY & (nw.col("la") == nw.col("area_now"))),
        "classmates": amount(CAME_ALONG, LAST_PRIMARY),
        "secondaries": count(SECONDARY),
        "secondaries_3t": count(SECONDARY & during("3t")),
        "joined_in_year": count(HERE & ~nw.col("start_date").dt.month().is_in(JOINING_MONTHS)),
        "year_long_3t": count(HERE & ~nw.col("from_3t").is_null()),
    },
    features=(
        move(
            "moves_secondary_schools_ever",
            nw.col("secondaries"),
            "schools",
            "Schools attended at secondary age, today's included.",
            "On the roll of {secondaries:school} at secondary age so far.",
            direction=+1,
        ),
        move(
            "moves_secondary_schools_3t",
            nw.when(nw.col("year_long_3t") > 0).then(nw.col("secondaries_3t")),
            "schools",
            "Schools attended at secondary age in a year of terms, today's included.",
            "On the roll of {secondaries_3t:school} at secondary age in the last three terms.",
            direction=+1,
        ),
        arrival(
            "moves_in_year_flag_ever",
            nw.col("joined_in_year"),
            "1 if so",
            "First joined this school outside August and September: an in-year arrival.",
        ),
        move(
            "moves_primary_schools_ever",
            nw.when(HAS_PRIMARY).then(nw.col("primaries")),
            "schools",
            "Primary schools attended; missing where none is known.",
            "On the roll of {primaries:primary school} before secondary school.",
            direction=+1,
        ),
        arrival(
            "moves_outside_flag_ever",
            flag(nw.col("primaries_in_borough") == 0, HAS_PRIMARY),
            "1 if so",
            "The last primary school is outside the borough of today's school; missing where none is known.",
        ),
        arrival(
            "moves_classmates_pupils_ever",
            nw.when(HAS_PRIMARY).then(nw.col("classmates")),
            "pupils",
            "Pupils of the year group here who came from the same last primary; missing where none is known.",
            "{classmates:pupil} of this year group came from the same primary school.",
            direction=-1,
        ),
        arrival(
            "moves_history_flag_ever",
            flag(HAS_PRIMARY, ~nw.col("primaries").is_null()),
            "1 if so",
            "Whether any primary school of the pupil is known: 0 says that the history is not visible.",
        ),
    ),
)
