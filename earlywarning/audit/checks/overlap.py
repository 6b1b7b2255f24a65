"""EW04: no row is both learnt from and tested on."""

from earlywarning.audit.checks.declare import Check, CheckContext, Finding, judge


def run(ctx: CheckContext) -> Finding:
    """Failed when a row (pupil, as_of_date) is in training and in the test, or twice in either."""
    faults = [
        f"{twice} rows are in {name} twice"
        for name, rows in ctx.parts.items()
        if (twice := int(rows.X.index.duplicated().sum()))
    ]
    if ctx.test is None:
        return judge(faults, "") if faults else Finding("not_applicable", "there is no test")
    shared = len(ctx.train.X.index.intersection(ctx.test.X.index))
    if shared:
        faults.append(f"{shared} rows are in training and in the test")
    return judge(faults, f"{len(ctx.train.X)} training and {len(ctx.test.X)} test rows, none shared")


CHECK = Check(
    code="EW04",
    title="Test rows are among the training rows",
    looks_for="A row, that is a pupil on an as_of_date, in both training and test, or more than once in "
    "either.",
    why="A model tested on what it has learnt by heart reports how well it remembers, not how well it "
    "predicts.",
    to_do="Split by academic year, and look for a join that doubles rows.",
    run=run,
)
