"""EW07: there is enough to learn from and enough to test on."""

from earlywarning.audit.checks.declare import Check, CheckContext, Finding, judge


def run(ctx: CheckContext) -> Finding:
    """Failed when training or test has fewer rows with, or without, the event than its floor."""
    floors = {"training": ctx.min_events_train, "test": ctx.min_events_test}
    faults, counts = [], []
    for name, rows in ctx.parts.items():
        events = int(rows.y.astype(bool).sum())
        others = len(rows.y) - events
        counts.append(f"{events} in {name}")
        if min(events, others) < floors[name]:
            faults.append(
                f"{name} has {events} events and {others} others; at least {floors[name]} of each needed"
            )
    return judge(faults, "events: " + ", ".join(counts))


CHECK = Check(
    code="EW07",
    title="Too few events",
    looks_for="Fewer rows with the event, or without it, than the floor: 50 in training and 20 in the test "
    "unless the configuration says otherwise.",
    why="With a handful of events a model fits chance and a test cannot tell it from a coin.",
    to_do="Add earlier years or schools, or issue the list from a simple rule. A lower floor needs a "
    "recorded reason.",
    run=run,
)
