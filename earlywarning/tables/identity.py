"""Identity: UPNs and names, a store apart that no study, feature or model ever reads."""

import datetime as dt

from earlywarning.tables.declare import Column, Table, pupil_id

IDENTITY = Table(
    name="identity",
    kind="static",
    meaning="Kept in another folder and opened only when names are put to a copy of an issue.",
    key=("pupil_id",),
    columns=(
        pupil_id(),
        Column("upn", "string", "Unique Pupil Number", "A999000024001"),
        Column("surname", "string", "surname", "Example"),
        Column("forename", "string", "forename", "Robin"),
        Column("date_of_birth", "date", "date of birth", dt.date(2011, 5, 14)),
    ),
)
