"""EW01: a model trained on shuffled labels must know nothing."""

import math

from earlywarning.audit.checks.declare import Check, CheckContext, Finding

ALLOWED = 4.0  # standard errors


def run(ctx: CheckContext) -> Finding:
    """Failed when the canary was not run, is undefined, or is over four standard errors from one half."""
    if ctx.canary is None:
        return Finding("failed", "the canary was not run")
    mean, error = float(ctx.canary["mean"]), float(ctx.canary["standard_error"])
    if math.isnan(mean) or math.isnan(error):
        return Finding("failed", "the canary's AUROC is undefined")
    detail = f"mean AUROC on shuffled labels {mean:.3f}, standard error {error:.3f}"
    return Finding("failed" if abs(mean - 0.5) > ALLOWED * error else "passed", detail)


CHECK = Check(
    code="EW01",
    title="Shuffled labels can be predicted",
    looks_for="Labels are permuted between pupils within each as_of_date and the whole path is run again, "
    "several times. The mean AUROC of the margin on the test rows must lie within four standard errors of "
    "0.5.",
    why="Nothing can be learnt from shuffled labels. What is still predicted has come through a hole: test "
    "rows among the training rows, or a feature made with the label. A published library reports 80% "
    "precision on shuffled labels because it scores the rows it was trained on.",
    to_do="Look for rows in both training and test, for an identifier among the features, and for features "
    "built from the label; then train again.",
    run=run,
)
