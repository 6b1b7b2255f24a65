"""Family services: the highest tier open on the day, in the last year and ever; steps up and down.

Child protection and looked after are nested within child in need, so the tier is one number: the highest of
the spells of a day. Youth justice and domestic-abuse notifications are in no tier: they are off until the
policy file records a reason.
"""

from functools import partial

import narwhals as nw

from earlywarning.features.declare import AT_HOME, VISIBILITY, Family, Feature, SeenThrough, amount, during

TIERS = {"early_help": 1, "child_in_need": 2, "child_protection": 3, "looked_after": 4}
DAYS_IN_MONTH = 365.25 / 12
# Without sentences: that a family has a contact is never held against a pupil.
feature = partial(Feature, theme="family support")


def tier() -> nw.Expr:
    """The tier of each row's service, 0 for a service in no tier."""
    expression = nw.lit(0)
    for service, level in TIERS.items():
        expression = nw.when(nw.col("service") == nw.lit(service)).then(nw.lit(level)).otherwise(expression)
    return expression


BEGAN_BEFORE = nw.col("start_date") <= nw.col("from_3t")
RISE = nw.col("tier_open") - nw.col("tier_begun_3t")

SERVICES_FAMILY = Family(
    name="services",
    table="services",
    lookbacks=("1ht", "3t"),
    seen=SeenThrough("services", *AT_HOME),
    not_visible="The home borough does not share family-service records.",
    measures={
        "tier_open": amount(tier(), nw.col("open")),
        "tier_3t": amount(tier(), during("3t")),
        "tier_begun_3t": amount(tier(), during("3t") & BEGAN_BEFORE),
        "tier_ever": tier(),
        "service_recency": nw.when(tier() > 0).then(nw.col("until_day") - nw.col("as_of_day")),
    },
    features=(
        feature(
            "services_tier_level_open",
            nw.col("tier_open"),
            "tier 0 to 4",
            "Highest family-service tier open on the day: "
            "early help 1, child in need 2, child protection 3, looked after 4.",
        ),
        feature(
            "services_tier_level_3t",
            nw.col("tier_3t"),
            "tier 0 to 4",
            "Highest family-service tier open at any time in a year of terms.",
        ),
        feature(
            "services_tier_level_ever",
            nw.col("tier_ever"),
            "tier 0 to 4",
            "Highest family-service tier ever known to the authority.",
        ),
        feature(
            "services_up_steps_3t",
            nw.when(RISE > 0).then(RISE).otherwise(0 * RISE),
            "steps",
            "Tiers up from the first day of a year of terms to today; 0 where it is not higher.",
        ),
        feature(
            "services_down_steps_3t",
            nw.col("tier_3t") - nw.col("tier_open"),
            "steps",
            "Tiers down from the highest in a year of terms to today.",
        ),
        feature(
            "services_since_months_ever",
            nw.when(nw.col("tier_ever") > 0).then(nw.col("service_recency") / -DAYS_IN_MONTH),
            "months",
            "Months since a tier was last open, 0 while one is; missing where there never was one.",
        ),
        feature(
            "services_visible_flag_1ht",
            nw.col("seen_services"),
            VISIBILITY,
            "Whether the home borough shares family-service records.",
        ),
    ),
)
