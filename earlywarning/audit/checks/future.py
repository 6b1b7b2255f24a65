"""EW08: nothing is learnt from what came after the test began."""

from earlywarning.audit.checks.declare import Check, CheckContext, Finding, judge


def run(ctx: CheckContext) -> Finding:
    """Failed for training rows that end, or whose labels mature, on or after the first train_before."""
    if ctx.test is None:
        return Finding("not_applicable", "there is no test")
    about = ctx.test.about
    if about["train_before"].isna().any() or about.empty:
        return Finding("failed", "test rows have no train_before date")
    begins = about["train_before"].min()
    counts = {
        "have an as_of_date": ~(ctx.train.as_of < begins),
        "have labels that mature": ~(ctx.train.about["matures_on"] < begins),
    }
    day = begins.date().isoformat()
    faults = [
        f"{int(bad.sum())} training rows {what} on or after {day}, when the test begins"
        for what, bad in counts.items()
        if bad.any()
    ]
    return judge(faults, f"all that is learnt was known before {day}")


CHECK = Check(
    code="EW08",
    title="The future of the test is in the training rows",
    looks_for="A training row whose as_of_date or whose label's maturity is not before the earliest "
    "train_before of the test rows.",
    why="On the day of the list nobody knew that term's outcomes. Most test pupils are also in training, in "
    "earlier terms: if a later term slips in, the model has seen their future.",
    to_do="Train on earlier years only, with a gap long enough for the last labels to mature.",
    run=run,
)
