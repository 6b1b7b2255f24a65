"""Where the pupil stands: NC year, term and how long in this school."""

import narwhals as nw

from earlywarning.features.declare import Family, Feature, amount

HERE = nw.col("school_id") == nw.col("school_id_now")

CONTEXT_FAMILY = Family(
    name="context",
    table="enrolments",
    lookbacks=(),
    not_visible="",
    measures={
        "days_here": amount(nw.col("as_of_day") - nw.col("start_day"), HERE),
    },
    features=(
        Feature(
            name="context_nc_year_level_open",
            value=nw.col("nc_year_now"),
            unit="NC year",
            lookback="open",
            direction=0,
            theme="school context",
            description="National Curriculum year on the day.",
            reason="",
        ),
        Feature(
            name="context_term_number_open",
            value=nw.col("term_number"),
            unit="term 1 to 3",
            lookback="open",
            direction=0,
            theme="school context",
            description="Term the list is for: autumn 1, spring 2, summer 3.",
            reason="",
        ),
        Feature(
            name="context_time_here_years_ever",
            value=nw.col("days_here") / 365.25,
            unit="years",
            lookback="ever",
            direction=0,
            theme="start at a new school",
            description="Years since first joining this school's roll, as far as the extracts reach.",
            reason="First on this school's roll {days_here:day} before the data were cut.",
        ),
    ),
)
