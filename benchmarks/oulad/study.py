"""The question asked of the dataset, on one day of a presentation."""

from __future__ import annotations

from functools import partial

from benchmarks.oulad.calendar import calendar_on
from benchmarks.oulad.cohort import AUDITED, attributes, cohort, in_place
from benchmarks.oulad.families import FAMILIES
from benchmarks.oulad.label import NOT_COMPLETED
from benchmarks.oulad.presentations import PRESENTATIONS, period, spoken
from benchmarks.oulad.rules import RULES
from benchmarks.oulad.study_days import DAYS
from benchmarks.oulad.tables import TABLES
from earlywarning.dataset.history import History
from earlywarning.school_calendar import IssueDates
from earlywarning.studies.declare import Study

TESTED = (period("BBB", "2013J"), period("AAA", "2014J"))
SHARE_LISTED = 0.2


def oulad_study(day: int, tested: tuple[str, ...] = TESTED) -> Study:
    """The study on ``day`` of each presentation, tested on ``tested`` with learners not met in training.

    A presentation is tested with those that had ended when it began: the calendar says so of every label.

    >>> oulad_study(14).name
    'oulad_day_014'
    """
    return Study(
        name=f"oulad_day_{day:03d}",
        tables=TABLES,
        calendar=partial(calendar_on, day),
        cohort=cohort,
        families=FAMILIES,
        label=NOT_COMPLETED,
        attributes=attributes,
        audited=AUDITED,
        in_place=in_place,
        school_names=school_names,
        area_names={module: f"Module {module}" for module, _ in PRESENTATIONS},
        title=title,
        group_name="module {}",
        essential=("activity", "submissions"),
        test_periods=tested,
        burn_in=0,
        unseen_only=True,
        rules=RULES,
        share_listed=SHARE_LISTED,
    )


def school_names(history: History) -> dict[str, str]:
    """What people call each presentation."""
    return {school: spoken(school) for school in history.final("presentations")["school_id"]}


def title(issue: IssueDates) -> str:
    """The day of the presentation as people say it."""
    first_day = issue.train_before
    return f"{issue.name} of presentations begun on {first_day.day} {first_day:%B %Y}"


__all__ = ["DAYS", "SHARE_LISTED", "TESTED", "oulad_study"]
