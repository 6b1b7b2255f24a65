"""EW06: the label opens after the features close."""

from earlywarning.audit.checks.declare import Check, CheckContext, Finding, judge


def run(ctx: CheckContext) -> Finding:
    """Failed for rows whose panel_date is not after as_of_date, or whose event came before the panel_date."""
    faults = []
    for name, rows in ctx.parts.items():
        opens = rows.about["panel_date"]
        counts = {"have a panel_date that is not after their as_of_date": ~(opens > rows.as_of)}
        if "event_date" in rows.about.columns:
            counts["have an event before their panel_date"] = rows.about["event_date"] < opens
        faults += [f"{int(bad.sum())} {name} rows {what}" for what, bad in counts.items() if bad.any()]
    return judge(faults, "every label opens after its as_of_date")


CHECK = Check(
    code="EW06",
    title="The label's window overlaps the features' window",
    looks_for="A row whose panel_date is on or before its as_of_date (or missing) or, where event_date is "
    "given, whose event came before its panel_date.",
    why="What is counted in both windows predicts itself. A school absence model with such an overlap "
    "reports an AUROC of .805 on data that hold no signal.",
    to_do="Correct the study's calendar: as_of_date first, then panel_date, then the end of the term.",
    run=run,
)
