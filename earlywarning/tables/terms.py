"""Terms: the school calendar, two half terms a term."""

import datetime as dt

from earlywarning.tables.declare import Column, Table

TERMS = Table(
    name="terms",
    kind="static",
    forgiving=False,
    meaning="Half terms of each academic year. Next year's are published ahead and may be in the future.",
    key=("academic_year", "term", "half_term"),
    period=("start_date", "end_date"),
    columns=(
        Column("academic_year", "string", "such as 2024/25", "2024/25"),
        Column("term", "string", "autumn, spring or summer", "autumn", codes="term"),
        Column("half_term", "integer", "1 or 2 within the term", 1, low=1, high=2),
        Column("start_date", "date", "first day for pupils", dt.date(2024, 9, 2)),
        Column("end_date", "date", "last day for pupils", dt.date(2024, 10, 25)),
    ),
)
