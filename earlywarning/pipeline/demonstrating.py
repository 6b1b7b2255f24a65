"""Everything on an invented authority."""

from __future__ import annotations

from pathlib import Path

from earlywarning.invented import synth
from earlywarning.pipeline.opening import Result, Step, asked, build_history, checked_extracts, quiet
from earlywarning.pipeline.promoting import promote_if_won
from earlywarning.pipeline.scoring import score
from earlywarning.pipeline.training import train


def demo(out: Path, *, pupils: int, years: int, seed: int, step: Step = quiet) -> Result:
    """Everything on an invented authority: its extracts, a model, and the latest scheduled issue.

    Model and list are made as on the day of that issue, so that the model has not seen how it turned out.
    """
    study, settings = asked(None, None)
    data = out / f"data-{pupils}-pupils-{years}-years-seed-{seed}"
    if not data.exists():
        synth(data, pupils=pupils, years=years, seed=seed, step=step)
    with checked_extracts(study, data, settings) as checked:
        latest = build_history(study, checked).calendar.as_of_dates[-1]
    models = out / "models"
    trained = train(data, settings=settings, models=models, known_by=latest, step=step)
    promoted = promote_if_won(
        trained,
        by="demo",
        reason="The data are invented: this shows the way and says nothing about real pupils.",
        data=data,
        settings=settings,
        models=models,
        known_by=latest,
        step=step,
    )
    issue = score(
        data, as_of=latest, out=out / "issues", settings=settings, models=models, known_by=latest, step=step
    )
    lines = [*trained.summary["lines"], "", *promoted, *issue["lines"]]
    return trained.summary | {"issue": issue["issue"], "counts": issue["counts"], "lines": lines}
