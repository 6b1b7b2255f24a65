"""Coverage: which feed was received, from whom, for which dates. Visibility is derived from this alone."""

import datetime as dt

from earlywarning.tables.declare import KNOWN_FROM, Column, Table

COVERAGE = Table(
    name="coverage",
    kind="static",
    meaning=(
        "A row says: this source sent this feed complete for these dates. Sources are schools (attendance, "
        "behaviour, suspensions, transition), home authorities (services) or 'all' (ks2). Write a row a "
        "week: a row counts as a whole, from its known_from on, so one for a half term would leave the "
        "weeks before its end unseen."
    ),
    key=("feed", "source", "from_date", "known_from"),
    lag_days=1,
    period=("from_date", "to_date"),
    columns=(
        Column("feed", "string", "the feed", "attendance", codes="feed"),
        Column("source", "string", "school_id, authority code, or 'all'", "s0012"),
        Column("from_date", "date", "first day covered", dt.date(2024, 9, 2)),
        Column("to_date", "date", "last day covered", dt.date(2024, 10, 25)),
        KNOWN_FROM,
    ),
)
