"""Family services: the highest tier open on the day, and ever.

Child protection and looked after are nested within child in need, so the tier is one number. Youth justice
and domestic-abuse notifications are in no tier: they are off until the policy file records a reason.
"""

import narwhals as nw

from earlywarning.features.declare import AT_HOME, Family, Feature, SeenThrough, amount

TIERS = {"early_help": 1, "child_in_need": 2, "child_protection": 3, "looked_after": 4}


def tier() -> nw.Expr:
    """The tier of each row's service, 0 for a service in no tier."""
    expression = nw.lit(0)
    for service, level in TIERS.items():
        expression = nw.when(nw.col("service") == nw.lit(service)).then(nw.lit(level)).otherwise(expression)
    return expression


SERVICES_FAMILY = Family(
    name="services",
    table="services",
    lookbacks=("1ht",),
    seen=SeenThrough("services", *AT_HOME),
    not_visible="The home borough does not share family-service records.",
    measures={
        "tier_open": amount(tier(), nw.col("open")),
        "tier_ever": tier(),
    },
    features=(
        Feature(
            name="services_tier_level_open",
            value=nw.col("tier_open"),
            unit="tier 0 to 4",
            lookback="open",
            direction=0,
            theme="family support",
            description=(
                "Highest family-service tier open on the day: "
                "early help 1, child in need 2, child protection 3, looked after 4."
            ),
            reason="",
        ),
        Feature(
            name="services_tier_level_ever",
            value=nw.col("tier_ever"),
            unit="tier 0 to 4",
            lookback="ever",
            direction=0,
            theme="family support",
            description="Highest family-service tier ever known to the authority.",
            reason="",
        ),
    ),
)
