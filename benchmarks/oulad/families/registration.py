"""Registration: what a learner brought, and how early the learner signed up.

Age and region are left out: age is protected by law, and region stands in for deprivation.
"""

from collections.abc import Mapping
from types import MappingProxyType

import narwhals as nw

from earlywarning.features.declare import HERE, Family, Feature, amount

EDUCATION: Mapping[str, int] = MappingProxyType(
    {
        "No Formal quals": 0,
        "Lower Than A Level": 1,
        "A Level or Equivalent": 2,
        "HE Qualification": 3,
        "Post Graduate Qualification": 4,
    }
)


def level(columns: str, levels: Mapping[str, int]) -> nw.Expr:
    """The level of a named qualification, 0 for one that is not named."""
    expression = nw.lit(0)
    for name, number in levels.items():
        expression = nw.when(nw.col(columns) == nw.lit(name)).then(nw.lit(number)).otherwise(expression)
    return expression


REGISTRATION_FAMILY = Family(
    name="registration",
    table="registrations",
    measures={
        "education": amount(level("highest_education", EDUCATION), HERE),
        "attempts": amount(nw.col("previous_attempts"), HERE),
        "credits": amount(nw.col("studied_credits"), HERE),
        "days_registered": amount(nw.col("as_of_day") - nw.col("start_day"), HERE),
    },
    features=(
        Feature(
            name="registration_education_level_open",
            value=nw.col("education"),
            unit="level 0 to 4",
            direction=-1,
            theme="prior study",
            description="Highest qualification: none 0, below A level 1, A level 2, higher 3, above 4.",
        ),
        Feature(
            name="registration_previous_attempts_open",
            value=nw.col("attempts"),
            unit="attempts",
            direction=+1,
            theme="prior study",
            description="Times the module was tried before.",
            reason="{attempts:earlier attempt} at this module.",
        ),
        Feature(
            name="registration_studied_credits_open",
            value=nw.col("credits"),
            unit="credits",
            theme="amount of study",
            description="Credits of all modules the learner is studying.",
            reason="Registered for {credits:credit} in all (a full year is 120).",
        ),
        Feature(
            name="registration_time_registered_days_open",
            value=nw.col("days_registered"),
            unit="days",
            theme="registration",
            description="Days since registering.",
            reason="Registered {days_registered:day} before this list.",
        ),
    ),
)
