"""Youth justice: off until the policy file records a reason."""

import narwhals as nw

from earlywarning.features.declare import AT_HOME, Family, Feature, SeenThrough, count, during

JUSTICE_FAMILY = Family(
    name="justice",
    table="services",
    lookbacks=("3t",),
    seen=SeenThrough("services", *AT_HOME),
    not_visible="The home borough does not share family-service records.",
    measures={"justice_3t": count((nw.col("service") == nw.lit("youth_justice")) & during("3t"))},
    features=(
        Feature(
            "justice_known_flag_3t",
            nw.col("justice_3t"),
            "1 where so",
            "Known to the youth justice service at any time in a year of terms.",
            theme="family support",
            off="Law 7: youth justice is no input until the policy file records a reason.",
        ),
    ),
)
