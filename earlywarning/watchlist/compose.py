"""From a scored dataset to an issue: who is listed, who was not assessed, and what is said of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.half_terms import Shares, by_half_term
from earlywarning.dataset.history import History
from earlywarning.dataset.roll import Roll
from earlywarning.explain.contributions import by_feature
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
from earlywarning.watchlist import pages
from earlywarning.watchlist.drawn import Drawn
from earlywarning.watchlist.front import Front
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.keys import panel_refs, score_keys
from earlywarning.watchlist.rows import SCORE_COLUMNS, ListedPupil
from earlywarning.watchlist.since import LastIssue, maker, since_last

MARKING = "OFFICIAL-SENSITIVE: PERSONAL"
CANNOT_BE_SCORED = "A value is missing that was never missing when the model was trained."
RULE_CANNOT_SEE = "What the rule looks at was not visible for this pupil."


@dataclass(frozen=True)
class Asked:
    """What an authority asks of its list beside its length.

    ``nominations`` are places kept by area, ``limits`` what else the list was held to, in sentences, ``last``
    the issue before.
    """

    nominations: Mapping[str, int]
    limits: tuple[str, ...] = ()
    last: LastIssue | None = None


def compose(
    study: Study,
    history: History,
    checked: Checked,
    bundle: Bundle,
    drawn: Drawn,
    front: Front,
    key: bytes,
    asked: Asked,
) -> Issue:
    """The issue for the one date of ``history``; ``key`` makes the references that stand for pupils."""
    dates, rows = history.calendar.issues[0], drawn.roll.rows
    cohort = rows.reset_index()
    name = f"{study.name}-{dates.as_of_date.isoformat()}"
    roll = _on_roll(study, history, bundle, drawn, key, name)
    others = pages.only_shown(study, history, cohort, key, name)
    since, said = None, [""] * len(roll)
    if asked.last:
        made_by = maker(bundle.winner, front.provenance.model_hash)
        said, since = since_last(asked.last, made_by, roll, others, key)
        others = pages.with_last_list(others, since)
    roll = roll.assign(since_last=said)
    return Issue(
        study=study.name,
        term=study.title(dates),
        as_of_date=dates.as_of_date,
        panel_date=dates.panel_date,
        horizon_end=rows["closes"].max().date(),
        labels_mature_on=rows["matures_on"].max().date(),
        extracted_on=checked.extracted_on,
        destroy_after=dates.as_of_date + dt.timedelta(days=front.keep_days),
        opens=rows["panel_date"].min().date(),
        notes=study.notes(history, cohort),
        sharing=study.sharing,
        synthetic=checked.synthetic,
        winner=bundle.winner,
        evidence=front.evidence,
        areas=pages.areas(study, roll, drawn.capacity, asked.nominations),
        inputs=_inputs(drawn.roll.features),
        provenance=front.provenance,
        contact=front.contact,
        marking=MARKING,
        pupils=_pupils(study, history, bundle, drawn, roll, dates.as_of_date),
        not_assessed=pages.not_assessed(roll),
        in_progress=pages.in_progress(roll),
        context=pages.context(study, history, drawn, roll, cohort),
        scores=_scores(roll, dates.as_of_date),
        register=pages.register(study, history, cohort, key, name),
        shown=pages.shown(others),
        shown_of=len(others),
        since=since,
        trends=pages.trends(study, history, cohort),
        limits=asked.limits,
        hand_over=study.pages.hand_over,
        objections_received="restrictions" not in history.absent,
    )


def _on_roll(
    study: Study, history: History, bundle: Bundle, drawn: Drawn, key: bytes, name: str
) -> pd.DataFrame:
    """Everyone on roll with what the pages need, in the order of the dataset."""
    names = study.school_names(history)
    rows = drawn.roll.rows.join(drawn.frame)
    pupils = rows.index.get_level_values("pupil_id")
    unscorable = ~rows["assessed"] & rows["why_not"].eq("")
    return rows.assign(
        ref=panel_refs(pupils, key, name),
        score_key=score_keys(pupils, key, name),
        school=rows["school_id"].map(names),
        group=rows["group"].map(study.group_name.format),
        hidden=pages.hidden(rows),
        why_not=rows["why_not"].mask(unscorable, RULE_CANNOT_SEE if bundle.rule else CANNOT_BE_SCORED),
    )


def _inputs(features: tuple[Feature, ...]) -> dict[str, tuple[str, ...]]:
    themes: dict[str, list[str]] = {}
    for feature in features:
        themes.setdefault(feature.theme, []).append(feature.description)
    return {theme: tuple(descriptions) for theme, descriptions in themes.items()}


def _pupils(
    study: Study, history: History, bundle: Bundle, drawn: Drawn, roll: pd.DataFrame, as_of_date: dt.date
) -> tuple[ListedPupil, ...]:
    chosen = roll[roll["listed"]]
    asked = chosen.reset_index()
    chosen = chosen.assign(
        in_place=study.in_place(history, asked).to_numpy(),
        facts=study.pages.facts(history, asked).to_numpy(),
    )
    absence = _absence(study, history, asked["pupil_id"])
    told = reasons_for(study, bundle, drawn.roll.of(chosen.index), usual_of(study, drawn.roll))
    feeds = {
        family.seen.feed: history.coverage.received_to(family.seen.feed)
        for family in study.families
        if family.seen and family.seen.source == "school_id"
    }
    pupils = []
    for row, reason, absent in zip(chosen.to_dict("records"), told, absence, strict=True):
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
                facts=tuple(row["facts"]),
                data_to=data_to,
                since_last=row["since_last"],
                absence=absent,
            )
        )
    return tuple(pupils)


def _absence(study: Study, history: History, pupils: pd.Series) -> list[Shares]:
    """Each pupil's absence by half term, for a study that looks at attendance."""
    for family in study.families:
        if {"absent", "possible"} <= set(family.measures):
            return by_half_term(history, family, pupils.tolist(), "absent", "possible")
    return [()] * len(pupils)


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
    told = []
    for number, group in enumerate(data.rows["group"]):
        values = _row(data.X, number)
        # A sentence may be filled from measures and from the features made of them.
        known = Known(values, _row(data.facts, number) | values, usual[str(group)])
        unseen = not_visible(values, study.families)
        if rule:
            told.append(rule_reasons(rule.sentence, rule.looks_at, known, data.features, not_visible=unseen))
        elif parts is not None:
            told.append(pupil_reasons(_row(parts, number), known, data.features, not_visible=unseen))
    return told


def _row(frame: pd.DataFrame, number: int) -> dict[str, float]:
    return {str(name): float(value) for name, value in frame.iloc[number].items()}


def _scores(roll: pd.DataFrame, as_of_date: dt.date) -> pd.DataFrame:
    scored = roll[roll["assessed"]].assign(as_of_date=as_of_date)
    return scored[list(SCORE_COLUMNS)].reset_index(drop=True)
