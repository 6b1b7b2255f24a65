"""What is held about one pupil, and what raises and lowers the estimate."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from earlywarning import promotion
from earlywarning.config import Settings
from earlywarning.dataset.roll import on_roll
from earlywarning.errors import WrongUsage
from earlywarning.explain.contributions import by_feature, by_theme
from earlywarning.model.bundle import check_asked, check_contract, check_families
from earlywarning.pipeline.opening import (
    Result,
    Step,
    asked,
    build_history,
    checked_extracts,
    quiet,
    refuse_not_available,
    rules_of,
)
from earlywarning.studies import Study
from earlywarning.watchlist.compose import reasons_for, usual_of
from earlywarning.watchlist.keys import looks_like_ref


def explain(
    folder: Path,
    *,
    as_of: dt.date,
    pupil: str,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    step: Step = quiet,
) -> Result:
    """What is held about one pupil on ``as_of``, and what raises and lowers the estimate, by theme.

    Raises:
        WrongUsage: no such pupil is in the cohort on that day.
    """
    study, settings = asked(study, settings)
    maker = promotion.chosen(models, study.name, rules_of(study))
    bundle = maker.bundle
    check_asked(bundle, study.name, study.label.name)
    check_families(bundle, study.family_names)
    step("checking the extracts")
    with checked_extracts(study, folder, settings) as checked:
        roll = on_roll(study, build_history(study, checked, [as_of]))
        check_contract(bundle, roll.features)
        refuse_not_available(bundle, roll.not_available)
        one = roll.rows.index[roll.rows.index.get_level_values("pupil_id") == pupil]
        if one.empty:
            raise WrongUsage(
                f"--pupil: no pupil with that pseudonym is in the cohort of study '{study.name}' on {as_of}. "
                + (_REFERENCE if looks_like_ref(pupil) else _PSEUDONYM)
            )
        chosen, usual = roll.of(one), usual_of(study, roll)
    told: Result = {
        "facts": _plain(chosen.facts.iloc[0]),
        "features": _plain(chosen.X.iloc[0]),
        "why_not": str(chosen.rows["why_not"].iloc[0]),
        "promoted": maker.promoted,
        "standing": maker.standing,
        "synthetic": checked.synthetic,
    }
    if apart := str(chosen.rows["apart"].iloc[0]):
        return told | {"lines": [f"Not assessed: {apart}."]}
    if np.isnan(bundle.ranker.score(chosen.X, chosen.rows)[0]):
        return told | {"lines": ["Not assessed. " + told["why_not"]]}
    (reason,) = reasons_for(study, bundle, chosen, usual)
    if bundle.rule is None:
        told["themes"] = _plain(by_theme(by_feature(bundle.classifier, chosen.X), chosen.features).iloc[0])
    told["raises"] = [f"{r.theme}: {r.sentence} {r.usual}".strip() for r in reason.raises]
    told["lowers"] = [f"{r.theme}: {r.sentence} {r.usual}".strip() for r in reason.lowers]
    told["not_visible"] = list(reason.not_visible)
    lines = [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if checked.synthetic else []),
        f"{maker.standing} Explained: {bundle.metrics['sentences'][bundle.winner]}",
        *[f"raises  {line}" for line in told["raises"]],
        *[f"lowers  {line}" for line in told["lowers"]],
        *[f"unseen  {line}" for line in told["not_visible"]],
    ]
    return told | {"lines": lines}


_PSEUDONYM = "Give a pupil_id as it stands in the extracts, of a pupil on roll on that day."
_REFERENCE = (
    "It has the form of a reference in the panel's files, which stands for a pupil in one issue only. Give "
    "the pupil_id as it stands in the extracts; a copy with names (earlywarning name) says whose it is."
)


def _plain(row: pd.Series) -> dict[str, float | None]:
    """A row of numbers, ready for JSON: undefined is null."""
    return {str(name): None if pd.isna(value) else float(value) for name, value in row.items()}
