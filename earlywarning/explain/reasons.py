"""Why this pupil is on the list, in sentences that hold the pupil's own facts.

A reason says what is associated with the estimate. It is not a finding about the pupil, and nothing here
says what would follow if a fact were different.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import pandas as pd

from earlywarning.explain.contributions import OTHER_CONTEXT, theme_of
from earlywarning.explain.phrases import Fact, fields, fill, missing, say
from earlywarning.explain.questions import worth_asking
from earlywarning.features.declare import VISIBILITY, Family, Feature
from earlywarning.studies.words import Words

MATTERS = 0.05
"""A theme is mentioned when it moves the log-odds by more than this: about one twentieth of the odds."""

BY_LOT = "Nothing that the rule looks at stands out here; a place on the list would be by lot."

SMALLEST_GROUP = 10
"""The usual value of fewer pupils than this is not usual, and could be somebody's: it is left out."""

USUAL_FORMS = MappingProxyType(
    {
        "rate": "%",
        "share of the year's": "%",
        "events": "event",
        "suspensions": "suspension",
        "school days": "school day",
        "sessions": "session",
        "subjects": "subject",
        "years": "year",
        "scaled score": "n",
        "weeks": "week",
        "terms": "term",
        "days": "day",
        "schools": "school",
    }
)
"""Units in which a usual value tells a reader something, and how each is said."""


@dataclass(frozen=True)
class Reason:
    """One theme said in one sentence; ``usual`` sets the pupil beside the year group, or is empty."""

    theme: str
    sentence: str
    usual: str = ""


@dataclass(frozen=True)
class PupilReasons:
    """What a pupil's sheet says: what points towards the list, what points away, what was not seen."""

    raises: tuple[Reason, ...] = ()
    lowers: tuple[Reason, ...] = ()
    not_visible: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Usual:
    """The usual value of each feature among one group of pupils; ``group`` is what people call it."""

    group: str = ""
    medians: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What is known of one pupil: the model's inputs by feature, what sentences may say, what is usual.

    ``words`` are those in which it is told.
    """

    values: Mapping[str, float] = field(repr=False)
    facts: Mapping[str, Fact] = field(repr=False)
    usual: Usual = field(default_factory=Usual)
    words: Words = field(default_factory=Words)


def pupil_reasons(
    contributions: Mapping[str, float],
    known: Known,
    features: Iterable[Feature],
    *,
    not_visible: Sequence[str] = (),
    raising: int = 3,
    lowering: int = 2,
) -> PupilReasons:
    """The reasons for one pupil: at most ``raising`` themes that raise the estimate and ``lowering`` others.

    ``contributions`` are calibrated log-odds by feature. A theme's total decides which way it points; it
    is spoken by its feature with the largest contribution that way whose sentence can be filled from what
    is known of this pupil and reads that way. A theme that nothing can speak for, and "other context", are
    passed over.
    """
    declared = tuple(features)
    themes: dict[str, list[Feature]] = {}
    for feature in declared:
        themes.setdefault(theme_of(feature), []).append(feature)
    themes.pop(OTHER_CONTEXT, None)
    totals = {theme: sum(contributions[one.name] for one in members) for theme, members in themes.items()}

    def told(sign: int, most: int) -> tuple[Reason, ...]:
        pointing = [theme for theme in themes if sign * totals[theme] > MATTERS]
        pointing.sort(key=lambda theme: (-sign * totals[theme], theme))
        said = (_spoken(themes[theme], sign, contributions, known, declared) for theme in pointing)
        return tuple(reason for reason in said if reason)[:most]

    return _sheet(told(+1, raising), told(-1, lowering), not_visible, known.words)


def rule_reasons(
    rule: str,
    looked_at: Iterable[str],
    known: Known,
    features: Iterable[Feature],
    *,
    not_visible: Sequence[str] = (),
) -> PupilReasons:
    """The facts that a rule looked at for one pupil, in the order of ``looked_at`` (names of features).

    A rule that looks at nothing of the pupil's own (the rate of a school and year group) is given as its
    own sentence, ``rule``, under "school context". A fact that reads the other way ("No suspensions") points
    to nothing: where a list is longer than the rule can fill, it says so with :data:`BY_LOT`.
    """
    declared = {feature.name: feature for feature in features}
    chosen = [declared[name] for name in looked_at if theme_of(declared[name]) != OTHER_CONTEXT]
    said = (_reason(feature, known, declared.values()) for feature in chosen if _reads(feature, +1, known))
    otherwise = Reason(known.words.school_context, BY_LOT if chosen else rule)
    raises = tuple(reason for reason in said if reason) or (otherwise,)
    return _sheet(raises, (), not_visible, known.words)


def usual_values(medians: pd.DataFrame, counts: pd.DataFrame, *, called: str = "Year {}") -> dict[str, Usual]:
    """The usual values by group, from each group's median of every feature and how many have a value.

    Both frames are (n_groups, n_features). Left out are features that fewer than ten pupils of a group have
    a value for.
    """
    told = {}
    for name, row in medians.where(counts >= SMALLEST_GROUP).iterrows():
        values = {str(key): float(value) for key, value in row.items() if not missing(value)}
        told[str(name)] = Usual(called.format(name), values)
    return told


def not_visible(values: Mapping[str, float], families: Iterable[Family]) -> tuple[str, ...]:
    """The sentence of each family in which this pupil has no value at all: not seen is not zero."""
    return tuple(
        family.not_visible
        for family in families
        if family.not_visible and all(missing(values[f.name]) for f in family.inputs if f.unit != VISIBILITY)
    )


def age_lines(
    data_to: Mapping[str, dt.date | None], as_of_date: dt.date, *, after_days: int = 28
) -> tuple[str, ...]:
    """A line for each feed whose last day received lies more than ``after_days`` before the list's date.

    >>> received = {"attendance": dt.date(2025, 12, 19), "behaviour": dt.date(2025, 10, 24)}
    >>> age_lines(received, as_of_date=dt.date(2025, 12, 31))
    ('Nothing newer than 24 October 2025 was received for behaviour.',)
    """
    return tuple(
        f"Nothing newer than {say(last)} was received for {feed}."
        if last is not None
        else f"Nothing was received for {feed}."
        for feed, last in data_to.items()
        if last is None or (as_of_date - last).days > after_days
    )


def _sheet(
    raises: tuple[Reason, ...], lowers: tuple[Reason, ...], not_visible: Sequence[str], words: Words
) -> PupilReasons:
    asked = worth_asking((reason.theme for reason in raises), words=words)
    return PupilReasons(raises, lowers, tuple(not_visible), asked)


def _spoken(
    members: Sequence[Feature],
    sign: int,
    contributions: Mapping[str, float],
    known: Known,
    declared: Iterable[Feature],
) -> Reason | None:
    pointing = [
        feature
        for feature in members
        if sign * contributions[feature.name] > 0 and _reads(feature, sign, known)
    ]
    pointing.sort(key=lambda feature: (-sign * contributions[feature.name], feature.name))
    return next(filter(None, (_reason(feature, known, declared) for feature in pointing)), None)


def _reads(feature: Feature, sign: int, known: Known) -> bool:
    """Whether the feature's fact, set beside what is usual, can be read as pointing this way.

    Trees can find that having no suspensions raises an estimate a little. That share stays in the theme's
    sum, but "No suspensions this half term" is no reason that anybody could use.
    """
    usual = known.usual.medians.get(feature.name)
    if feature.direction == 0 or usual is None:
        return True
    more = feature.direction * (known.values[feature.name] - usual)
    return more > 0 if sign > 0 else more <= 0


def _reason(feature: Feature, known: Known, declared: Iterable[Feature]) -> Reason | None:
    # A measure can be 0 only for want of a row (no KS2 score, no rate passed on): the feature's own value
    # is what says that there is something to tell.
    sentence = None if missing(known.values[feature.name]) else fill(feature.reason, known.facts)
    if sentence is None:
        return None
    return Reason(feature.theme, sentence, _beside(compared(feature, declared), sentence, known))


def compared(feature: Feature, declared: Iterable[Feature]) -> Feature | None:
    """The feature whose usual value is set beside a sentence, or ``None``.

    It is the feature itself where its unit tells a reader something. A change, a flag or a ratio does not:
    the usual value is then that of the fact the sentence opens with, which another feature of the theme has.
    """
    if feature.unit in USUAL_FORMS:
        return feature
    opens = fields(feature.reason)[:1]
    others = (
        one for one in declared if one.unit in USUAL_FORMS and theme_of(one) == theme_of(feature) and opens
    )
    return next((one for one in others if fields(one.reason)[:1] == opens), None)


def _beside(feature: Feature | None, sentence: str, known: Known) -> str:
    usual = known.usual
    if feature is None or feature.name not in usual.medians or missing(known.values[feature.name]):
        return ""
    form = USUAL_FORMS[feature.unit]
    own, middle = say(known.values[feature.name], form), say(usual.medians[feature.name], form)
    template = known.words.usual_beside if form == "%" and own not in sentence else known.words.usual
    return template.format(own=own, group=usual.group, usual=middle)
