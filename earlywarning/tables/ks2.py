"""KS2: scaled scores at the end of Year 6, and the code where there is no score."""

import datetime as dt

from earlywarning.tables.declare import KNOWN_FROM, RECORD, Column, Table, pupil_id

KS2 = Table(
    name="ks2",
    kind="event",
    meaning="Key stage 2 test results, one row a subject. No tests were held in 2020 and 2021.",
    key=("pupil_id", "subject", "known_from", "record"),
    date="date",
    lag_days=60,
    feed="ks2",
    foreign=(("pupil_id", "pupils"),),
    columns=(
        pupil_id(),
        Column("date", "date", "first day of the test week", dt.date(2023, 5, 9)),
        Column(
            "subject",
            "string",
            "reading, maths or gps (grammar, punctuation and spelling)",
            "reading",
            codes="ks2_subject",
        ),
        Column(
            "scaled_score",
            "integer",
            "80 to 120; 100 is the expected standard",
            97,
            unit="scaled score",
            low=80,
            high=120,
            nullable=True,
        ),
        Column(
            "outcome",
            "string",
            "code where there is no scaled score",
            None,
            codes="ks2_outcome",
            nullable=True,
        ),
        KNOWN_FROM,
        RECORD,
    ),
)
