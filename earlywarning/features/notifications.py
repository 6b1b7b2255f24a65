"""Domestic-abuse notifications to the school: off until the policy file records a reason."""

import narwhals as nw

from earlywarning.features.declare import AT_HOME, Family, Feature, SeenThrough, count, during

NOTIFIED = nw.col("service") == nw.lit("domestic_abuse_notification")

NOTIFICATIONS_FAMILY = Family(
    name="notifications",
    table="services",
    lookbacks=("3t",),
    seen=SeenThrough("services", *AT_HOME),
    not_visible="The home borough does not share family-service records.",
    measures={"notified_3t": count(NOTIFIED & during("3t"))},
    features=(
        Feature(
            "notifications_abuse_flag_3t",
            nw.col("notified_3t"),
            "1 where so",
            "The school was notified, in a year of terms, after police attended domestic abuse.",
            theme="family support",
            off="Law 7: domestic-abuse notifications are no input until the policy file records a reason.",
        ),
    ),
)
