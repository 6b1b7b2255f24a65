"""Activity: on how many days, how much, where and how lately a learner used the presentation's site."""

import narwhals as nw

from benchmarks.oulad.calendar import BEFORE, COURSE, RECENT
from benchmarks.oulad.families.visible import OF_THIS_PRESENTATION, ON_THE_SITE
from earlywarning.features.declare import Family, Feature, amount, count, rate

THEME = "use of the course site"
SPOKEN = {lookback: f"in the last {days} days" for lookback, days in RECENT.items()}
SPOKEN |= {COURSE: "since shortly before the start", BEFORE: "in the ten days before the start"}
PLACES = {"forum": "the forum", "home": "the home page", "quiz": "quizzes", "content": "materials to read"}
LATELY = "14d"


def days_on_site(lookback: str) -> Feature:
    """Days with a click."""
    return Feature(
        name=f"activity_site_days_{lookback}",
        value=nw.col(f"days_{lookback}"),
        unit="days",
        direction=-1,
        theme=THEME,
        description=f"Days on the site {SPOKEN[lookback]}.",
        reason=f"On the course site on {{days_{lookback}:day}} {SPOKEN[lookback]}.",
    )


def clicks_on(what: str, lookback: str) -> Feature:
    """Clicks on one kind of page, or "clicks" on any."""
    place = PLACES.get(what)
    return Feature(
        name=f"activity_{what}_{'clicks_' if place else ''}{lookback}",
        value=nw.col(f"{what}_{lookback}"),
        unit="clicks",
        theme=THEME,
        description=f"Clicks on {place or 'the site'} {SPOKEN[lookback]}.",
        reason=f"{{{what}_{lookback}:click}} on {place or 'the course site'} {SPOKEN[lookback]}.",
    )


def share_lately(what: str, called: str) -> Feature:
    """How much of what was done so far was done lately; missing where nothing was."""
    return Feature(
        name=f"activity_{what}_share_{LATELY}",
        value=rate(f"{what}_{LATELY}", f"{what}_{COURSE}"),
        unit="share",
        direction=-1,
        theme=THEME,
        description=f"Share of all {called} so far that were {SPOKEN[LATELY]}.",
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
    weeks={"visited": OF_THIS_PRESENTATION},
    latest={"visit": OF_THIS_PRESENTATION},
    features=(
        *[days_on_site(lookback) for lookback in (COURSE, BEFORE, *RECENT)],
        *[clicks_on("clicks", lookback) for lookback in (COURSE, BEFORE, "7d", "14d", "28d")],
        *[clicks_on(place, lookback) for place in PLACES for lookback in (COURSE, "28d")],
        share_lately("days", "days on the site"),
        share_lately("clicks", "clicks"),
        Feature(
            name=f"activity_visited_weeks_{COURSE}",
            value=nw.col(f"weeks_visited_{COURSE}"),
            unit="weeks",
            direction=-1,
            theme=THEME,
            description="Weeks with a click.",
            reason=f"On the course site in {{weeks_visited_{COURSE}:week}} so far.",
        ),
        Feature(
            name=f"activity_last_visit_days_{COURSE}",
            value=nw.col(f"days_since_visit_{COURSE}"),
            unit="days",
            direction=+1,
            theme=THEME,
            description="Days since the last click; missing without any.",
            reason=f"Last on the course site {{days_since_visit_{COURSE}:day}} before this list.",
        ),
    ),
)
