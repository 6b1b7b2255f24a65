"""One issue of the list, from extracts to a folder, whole or not at all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from earlywarning import decisions, identity, promotion
from earlywarning.config import Settings
from earlywarning.dataset.roll import on_roll
from earlywarning.errors import InputRefused, WrongUsage
from earlywarning.model.bundle import check_asked, check_contract, check_families
from earlywarning.pipeline.list_rules import limits_of, nominations_of, said_of
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
from earlywarning.trial import capacity_of
from earlywarning.watchlist.compose import Asked, compose
from earlywarning.watchlist.drawn import Drawn, draw_list
from earlywarning.watchlist.front import front_of
from earlywarning.watchlist.publish import publish
from earlywarning.watchlist.since import last_issue


def score(
    folder: Path,
    *,
    as_of: dt.date,
    out: Path,
    settings: Settings | None = None,
    study: Study | None = None,
    models: Path = Path("models"),
    engine: str = "duckdb",
    known_by: dt.date | None = None,
    keep: Path | None = None,
    step: Step = quiet,
) -> Result:
    """Publish the issue for ``as_of`` under ``out``, whole or not at all.

    Raises:
        WrongUsage: ``known_by`` is before ``as_of``, or nothing was ever trained.
        InputRefused: the extracts cannot be used, ``as_of`` lies outside them, or the last issue under
            ``out`` cannot be read or was changed.
        GateRefused: the model was trained on other columns, was changed, has no audit, or is a champion
            whose exception has ended.
    """
    if known_by is not None and known_by < as_of:
        raise WrongUsage(
            f"--known-by {known_by} is before --as-of {as_of}: a list is made of what was known on its day. "
            "Give --known-by that day or a later one, up to the day of the extract, or leave it out."
        )
    study, settings = asked(study, settings)
    maker = promotion.chosen(models, study.name, rules_of(study))
    bundle = maker.bundle
    check_asked(bundle, study.name, study.label.name)
    check_families(bundle, study.family_names)
    last = last_issue(out, study.name, as_of)
    step("checking the extracts")
    with checked_extracts(study, folder, settings, engine, known_by) as checked:
        history = build_history(study, checked, [as_of], keep)
        step("building features")
        roll = on_roll(study, history)
        check_contract(bundle, roll.features)
        refuse_not_available(bundle, roll.not_available)
        step("drawing the list")
        capacity = capacity_of(study, settings, roll.rows)
        limits = limits_of(study, history, roll.rows, settings.list)
        said = said_of(limits, capacity, bundle.metrics["lists"])
        asked_for = Asked(nominations_of(roll.rows, settings.list), said, last)
        drawn = draw_list(bundle, roll, capacity, settings.model.random_state, limits)
        refuse_unseen(study, drawn)
        front = front_of(
            study,
            bundle,
            settings.issue.contact,
            settings.issue.keep_days,
            model_hash=maker.model_hash,
            model_won=maker.model_won,
            standing=maker.standing,
        )
        key = identity.load_or_create_key(keep_out_of=[folder, out, models])
        issue = compose(study, history, checked, bundle, drawn, front, key, asked_for)
        pupils = list(roll.rows.index.get_level_values("pupil_id"))
    still_open = decisions.carried(decisions.open_actions(out, as_of, study.name), pupils, key, issue.name)
    issue = decisions.with_open_actions(issue, still_open)
    elsewhere = len(still_open.keys() - {pupil.ref for pupil in issue.pupils})
    step("publishing")
    written = publish(issue, out)
    listed = {area.name: sum(p.area == area.code for p in issue.pupils) for area in issue.areas}
    inside = bool(roll.rows["matures_on"].max() <= pd.Timestamp(bundle.trained["labels_to"]))
    lines = [
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if checked.synthetic else []),
        f"Issue written to {written}",
        f"{maker.standing} Made by: {bundle.metrics['sentences'][bundle.winner]}",
        *[f"{name}: {number} pupils to talk about" for name, number in listed.items()],
        f"Not assessed: {len(issue.not_assessed)}",
        f"Permanent exclusions in progress: {len(issue.in_progress)}",
        f"Placements on the register: {len(issue.register)}",
        f"Left out (objections and restricted records): {sum(sum(a.left_out.values()) for a in issue.areas)}",
        *([_OPEN.format(len(still_open), elsewhere)] if still_open else []),
        *([_LOOKING_BACK.format(bundle.trained["labels_to"])] if inside else []),
    ]
    return {
        "issue": str(written),
        "winner": bundle.winner,
        "promoted": maker.promoted,
        "standing": maker.standing,
        "counts": issue.counts(),
        "model_hash": maker.model_hash,
        "looking_back": inside,
        "open_actions": len(still_open),
        "synthetic": checked.synthetic,
        "lines": lines,
    }


_OPEN = "Actions open from earlier meetings: {} pupils on roll, of whom {} are not on this list."
_LOOKING_BACK = (
    "Looking back: the model has since learnt from outcomes up to {}, so how this list turned out says "
    "nothing about how good it is."
)


def refuse_unseen(study: Study, drawn: Drawn) -> None:
    """Nothing; a list of an area in which nobody could be assessed is none.

    Raises:
        InputRefused: naming the areas and how many pupils are on roll there.
    """
    assessed = drawn.frame["assessed"].groupby(drawn.roll.rows["area"]).agg(["any", "size"])
    unseen = assessed[~assessed["any"]]
    if len(unseen):
        told = [f"{study.area_names.get(str(a), a)} ({n} on roll)" for a, n in unseen["size"].items()]
        raise InputRefused(
            f"nobody could be assessed in {', '.join(told)}. Check table 'coverage': which schools sent "
            "which feed for the weeks before the list."
        )
