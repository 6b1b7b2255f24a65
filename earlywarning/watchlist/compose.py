"""From a scored dataset to an issue: who is listed, who was not assessed, and what is said of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.history import History
from earlywarning.dataset.roll import Roll
from earlywarning.explain.contributions import by_feature
from earlywarning.explain.facts import said_of
from earlywarning.explain.reasons import (
    Known,
    PupilReasons,
    Usual,
    age_lines,
    not_visible,
    pupil_reasons,
    rule_reasons,
    usual_values,
)
from earlywarning.features.declare import Feature
from earlywarning.model.bundle import Bundle
from earlywarning.studies.declare import Study
from earlywarning.tables.checked import Checked
from earlywarning.watchlist.context import context_rows
from earlywarning.watchlist.drawn import Drawn
from earlywarning.watchlist.front import Front
from earlywarning.watchlist.issue import (
    SCORE_COLUMNS,
    Area,
    ContextRow,
    ExclusionInProgress,
    Issue,
    ListedPupil,
    NotAssessed,
)
from earlywarning.watchlist.keys import panel_refs, score_keys

MARKING = "OFFICIAL-SENSITIVE: PERSONAL"
CANNOT_BE_SCORED = "A value is missing that was never missing when the model was trained."
RULE_CANNOT_SEE = "What the rule looks at was not visible for this pupil."


def compose(
    study: Study, history: History, checked: Checked, bundle: Bundle, drawn: Drawn, front: Front, key: bytes
) -> Issue:
    """The issue for the one date of ``history``; ``key`` makes the references that stand for pupils."""
    dates, asked = history.calendar.issues[0], drawn.roll.rows
    roll = _on_roll(study, history, bundle, drawn, key)
    return Issue(
        study=study.name,
        term=study.title(dates),
        as_of_date=dates.as_of_date,
        panel_date=dates.panel_date,
        horizon_end=asked["closes"].max().date(),
        labels_mature_on=asked["matures_on"].max().date(),
        extracted_on=checked.extracted_on,
        destroy_after=dates.as_of_date + dt.timedelta(days=front.keep_days),
        opens=asked["panel_date"].min().date(),
        notes=study.notes(history, asked.reset_index()),
        sharing=study.sharing,
        synthetic=checked.synthetic,
        winner=bundle.winner,
        evidence=front.evidence,
        areas=_areas(study, roll, drawn.capacity),
        inputs=_inputs(drawn.roll.features),
        provenance=front.provenance,
        contact=front.contact,
        marking=MARKING,
        pupils=_pupils(study, history, bundle, drawn, roll, dates.as_of_date),
        not_assessed=tuple(
            NotAssessed(row["ref"], row["area"], row["school"], row["group"], row["why_not"])
            for row in roll[~roll["assessed"] & ~roll["in_progress"]].to_dict("records")
        ),
        in_progress=tuple(
            ExclusionInProgress(
                row["ref"],
                row["area"],
                row["school"],
                row["group"],
                row["in_progress_since"].date(),
                row["in_progress_stage"],
            )
            for row in roll[roll["in_progress"]].to_dict("records")
        ),
        context=_context(study, drawn.roll, roll),
        scores=_scores(roll, dates.as_of_date),
    )


def _on_roll(study: Study, history: History, bundle: Bundle, drawn: Drawn, key: bytes) -> pd.DataFrame:
    """Everyone on roll with what the pages need, in the order of the dataset."""
    name = f"{study.name}-{history.calendar.as_of_dates[0].isoformat()}"
    names = study.school_names(history)
    rows = drawn.roll.rows.join(drawn.frame)
    pupils = rows.index.get_level_values("pupil_id")
    unscorable = ~rows["assessed"] & rows["why_not"].eq("")
    return rows.assign(
        ref=panel_refs(pupils, key, name),
        score_key=score_keys(pupils, key, name),
        school=rows["school_id"].map(names),
        group=rows["group"].map(study.group_name.format),
        in_progress=rows["in_progress"].astype(bool),
        why_not=rows["why_not"].mask(unscorable, RULE_CANNOT_SEE if bundle.rule else CANNOT_BE_SCORED),
    )


def _areas(study: Study, roll: pd.DataFrame, capacity: Mapping[str, int]) -> tuple[Area, ...]:
    sizes = roll.groupby("area").size()
    return tuple(
        Area(str(code), study.area_names.get(str(code), str(code)), capacity[str(code)], int(size))
        for code, size in sizes.items()
    )


def _inputs(features: tuple[Feature, ...]) -> dict[str, tuple[str, ...]]:
    themes: dict[str, list[str]] = {}
    for feature in features:
        recorded = f" Off unless a reason is recorded; recorded: {feature.recorded}" if feature.off else ""
        themes.setdefault(feature.theme, []).append(feature.description + recorded)
    return {theme: tuple(descriptions) for theme, descriptions in themes.items()}


def _pupils(
    study: Study, history: History, bundle: Bundle, drawn: Drawn, roll: pd.DataFrame, as_of_date: dt.date
) -> tuple[ListedPupil, ...]:
    chosen = roll[roll["listed"]]
    chosen = chosen.assign(in_place=study.in_place(history, chosen.reset_index()).to_numpy())
    told = reasons_for(study, bundle, drawn.roll.of(chosen.index), usual_of(study, drawn.roll))
    feeds = {
        family.seen.feed: history.coverage.received_to(family.seen.feed)
        for family in study.families
        if family.seen and family.seen.source == "school_id"
    }
    pupils = []
    for row, reason in zip(chosen.to_dict("records"), told, strict=True):
        data_to = {feed: received.get(row["school_id"]) for feed, received in feeds.items()}
        aged = age_lines(data_to, as_of_date)
        pupils.append(
            ListedPupil(
                ref=row["ref"],
                area=row["area"],
                school=row["school"],
                group=row["group"],
                band=row["band"],
                reasons=PupilReasons(
                    reason.raises, reason.lowers, (*reason.not_visible, *aged), reason.questions
                ),
                in_place=tuple(row["in_place"]),
                data_to=data_to,
            )
        )
    return tuple(pupils)


def usual_of(study: Study, roll: Roll) -> Mapping[str, Usual]:
    """What is usual among everyone on roll, by group."""
    medians, counts = roll.usual()
    return usual_values(medians, counts, called=study.group_name)


def reasons_for(
    study: Study, bundle: Bundle, data: Dataset, usual: Mapping[str, Usual]
) -> list[PupilReasons]:
    """The reasons for each pupil of ``data``: the model's contributions, or the facts the rule looked at."""
    rule = bundle.rule
    parts = None if rule else by_feature(bundle.classifier, data.X)
    days, told = data.X.index.get_level_values("as_of_date"), []
    for number, group in enumerate(data.rows["group"]):
        values = _row(data.X, number)
        said = said_of(values, _row(data.facts, number), days[number].date())
        known = Known(values, said, usual[str(group)], study.words)
        unseen = not_visible(values, study.families)
        if rule:
            told.append(rule_reasons(rule.sentence, rule.looks_at, known, data.features, not_visible=unseen))
        elif parts is not None:
            told.append(pupil_reasons(_row(parts, number), known, data.features, not_visible=unseen))
    return told


def _row(frame: pd.DataFrame, number: int) -> dict[str, float]:
    return {str(name): float(value) for name, value in frame.iloc[number].items()}


def _context(study: Study, on_roll: Roll, roll: pd.DataFrame) -> tuple[ContextRow, ...]:
    unseen = pd.Series(float("nan"), index=roll.index)
    recent = on_roll.values(study.recent)[study.recent] if study.recent else unseen
    frame = pd.DataFrame(
        {
            "area": roll["area"],
            "school": roll["school"],
            "group": roll["group"],
            "assessed": roll["assessed"],
            "listed": roll["listed"],
            "suspended": (recent > 0).astype(float).where(recent.notna()),
        }
    )
    return context_rows(frame)


def _scores(roll: pd.DataFrame, as_of_date: dt.date) -> pd.DataFrame:
    scored = roll[roll["assessed"]].assign(as_of_date=as_of_date)
    return scored[list(SCORE_COLUMNS)].reset_index(drop=True)
