"""SEN provision: off until the policy file records a reason.

SEN is a need that schools record in their own way, and over-represented among pupils who are suspended. The
provision alone is declared: the type of need says which disability a pupil has, and is never an input.
"""

import narwhals as nw

from earlywarning.features.declare import Family, Feature

PROVISION = {"K": 1, "E": 2}
OPEN = nw.col("open")


def level() -> nw.Expr:
    """The provision of each open spell as a number: none 0, SEN support 1, a plan 2."""
    expression = nw.lit(0)
    for provision, number in PROVISION.items():
        expression = (
            nw.when(OPEN & (nw.col("sen_provision") == nw.lit(provision)))
            .then(nw.lit(number))
            .otherwise(expression)
        )
    return expression


SEN_FAMILY = Family(
    name="sen",
    table="sen",
    measures={"sen_level": level()},
    features=(
        Feature(
            "sen_provision_level_open",
            nw.col("sen_level"),
            "level 0 to 2",
            "SEN provision open on the day: none 0, SEN support 1, Education, Health and Care plan 2; "
            "missing where no spell is held.",
            theme="family support",
            off="Law 7: SEN is audited, and is no input until the policy file records a reason.",
        ),
    ),
)
