"""What the dataset holds, declared as the core declares its own tables."""

import datetime as dt
from types import MappingProxyType

from earlywarning.tables.declare import KNOWN_FROM, RECORD, Column, Table, pupil_id, spell_columns

LEARNER = pupil_id("l0000001")
PRESENTATION = Column("school_id", "string", "presentation of a module", "BBB-2013J")
DAY = Column("day", "integer", "day of the presentation, 0 the first", 12, unit="days", low=-400, high=400)
ASSESSMENT = Column("assessment_id", "string", "the assessment", "a15003")
KIND = Column("kind", "string", "TMA marked by a tutor, CMA by a computer, Exam", "TMA")
WEIGHT = Column("weight", "number", "share of the module's mark", 18.0, unit="per cent", low=0, high=100)
BY_LEARNER = (("school_id", "presentations"),)
MARKING_DAYS = 14


def clicks(name: str, where: str) -> Column:
    """A count of clicks on one kind of page."""
    return Column(name, "integer", f"clicks on {where}", 3, unit="clicks", low=0)


PRESENTATIONS_TABLE = Table(
    name="presentations",
    kind="static",
    meaning="Presentations of modules, with the dates they are taken to have begun and ended.",
    key=("school_id",),
    columns=(
        PRESENTATION,
        Column("module", "string", "the module", "BBB"),
        Column("period", "string", "presentation and module, in order of time", "2013J-BBB"),
        Column("first_day", "date", "first day", dt.date(2013, 10, 1)),
        Column("last_day", "date", "last day", dt.date(2014, 6, 26)),
    ),
)

LEARNERS = Table(
    name="learners",
    kind="static",
    meaning="What the audit compares, kept apart from everything a model may see.",
    key=("pupil_id", "school_id"),
    foreign=BY_LEARNER,
    columns=(
        LEARNER,
        PRESENTATION,
        Column("disability", "string", "Y where the learner declared one, else N", "N"),
        Column(
            "deprivation_band",
            "string",
            "tenth of the Index of Multiple Deprivation",
            "20-30%",
            nullable=True,
        ),
        Column("sex", "string", "as recorded", "F"),
        Column("age_band", "string", "band of age in years", "0-35"),
    ),
)

REGISTRATIONS = Table(
    name="registrations",
    kind="spell",
    meaning="From the day a learner registered to the day the learner unregistered.",
    key=("pupil_id", "school_id", "known_from", "record"),
    period=("start_date", "end_date"),
    foreign=BY_LEARNER,
    columns=(
        LEARNER,
        PRESENTATION,
        Column("highest_education", "string", "highest qualification on entry", "HE Qualification"),
        Column(
            "previous_attempts", "integer", "times the module was tried before", 0, unit="attempts", low=0
        ),
        Column("studied_credits", "integer", "credits of all modules under way", 60, unit="credits", low=0),
        *spell_columns(dt.date(2013, 8, 1), None),
    ),
)

ACCESS = Table(
    name="access",
    kind="spell",
    meaning="From when to when the site kept a record for a learner, so that no row means no click.",
    key=("pupil_id", "school_id", "known_from", "record"),
    period=("start_date", "end_date"),
    foreign=BY_LEARNER,
    columns=(LEARNER, PRESENTATION, *spell_columns(dt.date(2013, 9, 21), None)),
)

ACTIVITY = Table(
    name="activity",
    kind="event",
    meaning="A row for each learner and day with clicks on the presentation's site.",
    key=("pupil_id", "school_id", "date", "known_from", "record"),
    date="date",
    feed="activity",
    foreign=BY_LEARNER,
    columns=(
        LEARNER,
        PRESENTATION,
        Column("date", "date", "day of the clicks", dt.date(2013, 10, 13)),
        DAY,
        clicks("clicks", "any page"),
        clicks("forum_clicks", "the forum"),
        clicks("home_clicks", "the home page"),
        clicks("quiz_clicks", "quizzes"),
        clicks("content_clicks", "pages, files and links to read"),
        KNOWN_FROM,
        RECORD,
    ),
)

SUBMISSIONS = Table(
    name="submissions",
    kind="event",
    meaning="Assessments handed in, known on the day; a result carried over counts as handed in.",
    key=("pupil_id", "assessment_id", "known_from", "record"),
    date="date",
    feed="assessments",
    foreign=BY_LEARNER,
    columns=(
        LEARNER,
        PRESENTATION,
        ASSESSMENT,
        KIND,
        Column("date", "date", "day it was handed in", dt.date(2013, 10, 18)),
        DAY,
        Column("days_late", "integer", "days after the deadline, below 0 before it", -2, unit="days"),
        Column("carried_over", "boolean", "result of an earlier presentation", False),
        KNOWN_FROM,
        RECORD,
    ),
)

OVERDUE = Table(
    name="overdue",
    kind="event",
    meaning="Assessments past their deadline; a row is withdrawn on the day the assessment is handed in.",
    key=("pupil_id", "assessment_id", "known_from", "record"),
    date="date",
    feed="assessments",
    foreign=BY_LEARNER,
    columns=(
        LEARNER,
        PRESENTATION,
        ASSESSMENT,
        KIND,
        Column("date", "date", "the day after the deadline", dt.date(2013, 10, 21)),
        DAY,
        KNOWN_FROM,
        RECORD,
    ),
)

MARKS = Table(
    name="marks",
    kind="event",
    meaning="Marks of assessments, by the day they were handed in; known when they have been marked.",
    key=("pupil_id", "assessment_id", "known_from", "record"),
    date="date",
    lag_days=MARKING_DAYS,
    feed="assessments",
    foreign=BY_LEARNER,
    columns=(
        LEARNER,
        PRESENTATION,
        ASSESSMENT,
        KIND,
        WEIGHT,
        Column("date", "date", "day it was handed in", dt.date(2013, 10, 18)),
        DAY,
        Column("score", "number", "the mark", 72.0, unit="out of 100", low=0, high=100),
        KNOWN_FROM,
        RECORD,
    ),
)

RESULTS = Table(
    name="results",
    kind="event",
    meaning="How the presentation ended for the learner, known on its last day.",
    key=("pupil_id", "school_id", "known_from", "record"),
    date="date",
    foreign=BY_LEARNER,
    columns=(
        LEARNER,
        PRESENTATION,
        Column("date", "date", "last day of the presentation", dt.date(2014, 6, 26)),
        Column("result", "string", "Distinction, Pass, Fail or Withdrawn", "Pass"),
        KNOWN_FROM,
        RECORD,
    ),
)

COVERAGE = Table(
    name="coverage",
    kind="static",
    meaning="A row says: this presentation's feed is complete for these dates.",
    key=("feed", "source", "from_date", "known_from"),
    period=("from_date", "to_date"),
    columns=(
        Column("feed", "string", "activity or assessments", "activity"),
        Column("source", "string", "presentation of a module", "BBB-2013J"),
        Column("from_date", "date", "first day covered", dt.date(2013, 10, 2)),
        Column("to_date", "date", "last day covered", dt.date(2013, 10, 8)),
        KNOWN_FROM,
    ),
)

TABLES = MappingProxyType(
    {
        table.name: table
        for table in (
            PRESENTATIONS_TABLE,
            LEARNERS,
            REGISTRATIONS,
            ACCESS,
            ACTIVITY,
            SUBMISSIONS,
            OVERDUE,
            MARKS,
            RESULTS,
            COVERAGE,
        )
    }
)
