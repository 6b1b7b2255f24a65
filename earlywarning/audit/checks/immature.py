"""EW05: every label was settled when the extract was taken."""

import pandas as pd

from earlywarning.audit.checks.declare import Check, CheckContext, Finding, judge

SETTLED = ("event", "no_event")


def run(ctx: CheckContext) -> Finding:
    """Failed for rows whose state is not settled, whose label matures after the extract, or that disagree."""
    faults = []
    for name, rows in ctx.parts.items():
        state = rows.about["state"]
        counts = {
            "have a state other than event or no_event": ~state.isin(SETTLED),
            "have labels that mature after the extract": ~(
                rows.about["matures_on"] <= pd.Timestamp(ctx.extracted_on)
            ),
            "have a label that differs from their state": (state == "event") != rows.y.astype(bool),
        }
        faults += [f"{int(bad.sum())} {name} rows {what}" for what, bad in counts.items() if bad.any()]
    return judge(faults, f"all labels mature by {ctx.extracted_on.isoformat()}")


CHECK = Check(
    code="EW05",
    title="A label is not mature",
    looks_for="A row in training or test whose state is neither event nor no_event, whose label matures "
    "after the day of the extract (or has no such date), or whose label differs from its state.",
    why="Suspensions reach the authority late. A label read too early says no event for pupils whose "
    "suspension had not been reported yet, and a model learns that recent terms are safe.",
    to_do="Leave out the latest term until its labels are mature, or take a later extract.",
    run=run,
)
