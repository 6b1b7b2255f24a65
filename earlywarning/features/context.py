"""Where the pupil stands: NC year, term and how long in this school."""

from functools import partial

import narwhals as nw

from earlywarning.features.declare import HERE, Family, Feature, amount

TERM_DAYS = 365.25 / 3
feature = partial(Feature, theme="school context")

CONTEXT_FAMILY = Family(
    name="context",
    table="enrolments",
    measures={"days_here": amount(nw.col("as_of_day") - nw.col("start_day"), HERE)},
    features=(
        feature(
            "context_nc_year_level_open",
            nw.col("nc_year_now"),
            "NC year",
            "National Curriculum year on the day.",
        ),
        feature(
            "context_term_number_open",
            nw.col("term_number"),
            "term 1 to 3",
            "Term the list is for: autumn 1, spring 2, summer 3.",
        ),
        feature(
            "context_time_here_terms_ever",
            nw.col("days_here") / TERM_DAYS,
            "terms",
            "Terms (thirds of a year) since first joining this school's roll, as far as the extracts reach.",
            "First on this school's roll on {days_here:date}.",
            theme="start at a new school",
        ),
    ),
)
