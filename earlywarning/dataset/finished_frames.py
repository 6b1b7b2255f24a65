"""A family's features on a cut: finished once, and kept, because what is known later changes none of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pandas as pd

from earlywarning.dataset.history import PUPIL_DATE, History, known_on
from earlywarning.dataset.kept import Kept, digest_of, key_of
from earlywarning.dataset.measure import family_frame, not_given, source_of
from earlywarning.dataset.spine import Spine
from earlywarning.engines import Frame
from earlywarning.features.declare import Family

Keys = dict[dt.date, str]


def finished_frames(history: History, spine: Frame, families: Iterable[Family]) -> Iterator[Frame]:
    """What ``family_frame`` (see :mod:`earlywarning.dataset.measure`) gives, each cut worked out once."""
    asked = tuple(families)
    if history.kept is None:
        everyone = Spine(history, spine, asked)
        yield from (family_frame(everyone, family) for family in asked)
        return
    kept, roll = history.kept, history.engine.digest(spine.drop("spine_row"), ["as_of_date"])
    on_roll = {moment.date(): digest for moment, digest in zip(*map(roll.get, roll), strict=True)}
    made_of = {cut: _made_of(history, asked, cut) for cut in on_roll}
    keys = {family.name: _keys(history, family, on_roll, made_of) for family in asked}
    missing = {
        name: tuple(cut for cut, key in of_cut.items() if kept.find(_part(name, cut), key) is None)
        for name, of_cut in keys.items()
    }
    for cuts in sorted(set(missing.values()) - {()}):
        _finish(
            history, kept, spine, cuts, [family for family in asked if missing[family.name] == cuts], keys
        )
    for family in asked:
        yield history.engine.scan(*[kept.path(_part(family.name, cut)) for cut in sorted(keys[family.name])])


def _part(family: str, cut: dt.date) -> str:
    return f"features/{family}/{cut}"


def _finish(
    history: History,
    kept: Kept,
    spine: Frame,
    cuts: Sequence[dt.date],
    families: Sequence[Family],
    keys: Mapping[str, Keys],
) -> None:
    """Work out families on some cuts, and keep each."""
    listed = history.lookup(pd.DataFrame({"as_of_date": cuts}))
    few = Spine(history.on(cuts), spine.join(listed, on="as_of_date", how="semi"), tuple(families))
    for family in families:
        rows = history.engine.collect(family_frame(few, family), sort_by=PUPIL_DATE)
        for cut in cuts:
            part = rows[rows["as_of_date"] == pd.Timestamp(cut)]
            kept.write(_part(family.name, cut), keys[family.name][cut], part, PUPIL_DATE)


def _made_of(history: History, families: Sequence[Family], cut: dt.date) -> dict[str, str]:
    """A hash of each table that decides a family's values, as known on a cut, and one of the calendar."""
    windows = [repr(window) for window in history.calendar.windows if window.as_of_date == cut]
    school_days = [str(day) for day in history.calendar.school_days if day <= cut]
    tables = {table for family in families for table in _tables(family)}
    told = {table: digest_of(known_on(history.digests(table), cut)) for table in tables}
    return told | {"calendar": key_of(windows, school_days)}


def _keys(history: History, family: Family, on_roll: Keys, made_of: Mapping[dt.date, dict[str, str]]) -> Keys:
    """For each cut with anybody on roll, a hash of all that the family's features on that day are made of."""
    sent = history.coverage.rows
    sent = sent[sent["feed"] == (family.seen.feed if family.seen else "")]
    always = [history.engine.name, repr(family), sorted(not_given(history, family))]
    return {
        cut: key_of(
            *always,
            pupils,
            [made_of[cut][name] for name in ("calendar", *sorted(_tables(family)))],
            digest_of(sent[sent["known_from"] <= pd.Timestamp(cut)]),
        )
        for cut, pupils in on_roll.items()
    }


def _tables(family: Family) -> set[str]:
    """The tables that decide a family's values, besides who is on roll."""
    return {source_of(family), "schools", *({family.seen.located_by} if family.seen else set())}
