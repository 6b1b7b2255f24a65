"""Placements: out of the ordinary classroom, by route and setting, and whether a review is overdue."""

from functools import partial

import narwhals as nw

from earlywarning.features.declare import AT_SCHOOL, Family, Feature, SeenThrough, amount, count, during

ROUTES = {
    "managed_move": "managed move to another school",
    "off_site_direction": "direction off site",
    "alternative_provision": "placement in alternative provision",
}
MAINSTREAM = nw.col("setting") == nw.lit("mainstream")
OUT = nw.col("other_school_open") + nw.col("not_mainstream_open")
OVERDUE = nw.col("open") & (nw.col("review_date") < nw.col("as_of_date"))
feature = partial(Feature, theme="moves and placements")


def flagged(name: str, measure: str, description: str) -> Feature:
    """Whether there was such a placement."""
    return feature(name, nw.col(measure), "1 if so", description)


def told(name: str, value: nw.Expr, description: str, reason: str) -> Feature:
    """A number of days about the placement that is open."""
    return feature(name, value, "days", description, reason)


PLACEMENTS_FAMILY = Family(
    name="placements",
    table="placements",
    lookbacks=("1ht", "3t"),
    seen=SeenThrough("placements", *AT_SCHOOL),
    not_visible="Placements were not received from the school for this period.",
    measures={
        **{f"{route}_3t": count((nw.col("route") == nw.lit(route)) & during("3t")) for route in ROUTES},
        "other_school_open": count(nw.col("open") & MAINSTREAM),
        "not_mainstream_open": count(nw.col("open") & ~MAINSTREAM),
        "days_out": amount(nw.col("as_of_day") - nw.col("start_day"), nw.col("open")),
        "review_open": count(nw.col("open") & ~nw.col("review_date").is_null()),
        "review_overdue": amount(nw.col("as_of_day") - nw.col("review_day"), OVERDUE),
        "failed": count(nw.col("outcome") == nw.lit("failed")),
    },
    needs={"review_date": ("review_open", "review_overdue"), "outcome": ("failed",)},
    features=(
        *[
            flagged(f"placements_{route}_flag_3t", f"{route}_3t", f"A {called} lasted into a year of terms.")
            for route, called in ROUTES.items()
        ],
        flagged(
            "placements_other_school_flag_open", "other_school_open", "Placed at another mainstream school."
        ),
        flagged(
            "placements_not_mainstream_flag_open", "not_mainstream_open", "Placed outside mainstream schools."
        ),
        flagged("placements_failed_flag_ever", "failed", "A placement is known to have ended before time."),
        told(
            "placements_out_days_open",
            nw.when(OUT > 0).then(nw.col("days_out")),
            "Days since an open placement began; missing where none is open.",
            "On a managed move, directed off site or in alternative provision since {days_out:date}.",
        ),
        told(
            "placements_overdue_days_open",
            nw.when(nw.col("review_open") > 0).then(nw.col("review_overdue")),
            "Days by which the review of an open placement is overdue; missing where none is to be reviewed.",
            "The review of the placement is {review_overdue:day} overdue.",
        ),
    ),
)
