"""Activity: on how many days, how much and where a learner used the presentation's site."""

import narwhals as nw

from benchmarks.oulad.calendar import BEFORE, COURSE, RECENT
from benchmarks.oulad.families.classmates import OF_THIS_PRESENTATION, ON_THE_SITE, times_usual
from earlywarning.features.declare import Family, Feature, amount, count

THEME = "use of the course site"
SPOKEN = {lookback: f"in the last {days} days" for lookback, days in RECENT.items()}
SPOKEN |= {COURSE: "since shortly before the start", BEFORE: "in the ten days before the start"}
PLACES = {"forum": "the forum", "home": "the home page", "quiz": "quizzes", "content": "materials to read"}


def days_on_site(lookback: str) -> Feature:
    """Days with a click, beside classmates."""
    return Feature(
        name=f"activity_days_ratio_{lookback}",
        value=times_usual(nw.col(f"days_{lookback}")),
        unit="times usual",
        direction=-1,
        theme=THEME,
        description=f"Days on the site {SPOKEN[lookback]}, over the mean of the presentation.",
        reason=f"On the course site on {{days_{lookback}:day}} {SPOKEN[lookback]}.",
    )


def clicks_on(what: str, lookback: str) -> Feature:
    """Clicks on one kind of page, or "clicks" on any, beside classmates."""
    place = PLACES.get(what)
    return Feature(
        name=f"activity_{what}_ratio_{lookback}",
        value=times_usual(nw.col(f"{what}_{lookback}")),
        unit="times usual",
        theme=THEME,
        description=f"Clicks on {place or 'the site'} {SPOKEN[lookback]}, over the mean of the presentation.",
        reason=f"{{{what}_{lookback}:click}} on {place or 'the course site'} {SPOKEN[lookback]}.",
    )


ACTIVITY_FAMILY = Family(
    name="activity",
    table="activity",
    lookbacks=(COURSE, BEFORE, *RECENT),
    seen=ON_THE_SITE,
    not_visible="Use of the course site was not received for this presentation.",
    measures={
        "days": count(OF_THIS_PRESENTATION),
        "clicks": amount(nw.col("clicks"), OF_THIS_PRESENTATION),
        **{place: amount(nw.col(f"{place}_clicks"), OF_THIS_PRESENTATION) for place in PLACES},
    },
    features=(
        *[days_on_site(lookback) for lookback in (COURSE, BEFORE, *RECENT)],
        *[clicks_on("clicks", lookback) for lookback in (COURSE, BEFORE, "7d", "14d", "28d")],
        *[clicks_on(place, lookback) for place in PLACES for lookback in (COURSE, "28d")],
    ),
)
