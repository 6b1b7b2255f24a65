"""What every story begins with: the study asked for, its extracts checked, and its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from earlywarning import config, sources
from earlywarning.config import Settings
from earlywarning.dataset.history import History
from earlywarning.dataset.kept import Kept
from earlywarning.engines import open_engine
from earlywarning.errors import GateRefused, InputRefused, WrongUsage
from earlywarning.explain.phrasebook import worded
from earlywarning.inputs import permitted
from earlywarning.labels import LABELS
from earlywarning.model.bundle import Bundle
from earlywarning.model.rules import Rule
from earlywarning.policy import policy_of
from earlywarning.studies import STUDIES, Study
from earlywarning.tables.check import check
from earlywarning.tables.checked import Checked

Step = Callable[[str], None]
Result = dict[str, Any]
Value = TypeVar("Value")


def quiet(_: str) -> None:
    """Progress that nobody watches."""


@contextmanager
def checked_extracts(
    study: Study,
    folder: Path | sources.InMemory,
    settings: Settings,
    engine: str = "duckdb",
    known_by: dt.date | None = None,
) -> Iterator[Checked]:
    """The study's tables in ``folder`` or in memory, checked, for as long as the engine is open.

    ``known_by`` sees them as if the extract had been taken on that day: what reached the authority later is
    as if it were not there.

    Raises:
        InputRefused: the extracts cannot be used, or ``known_by`` is after they were taken.
    """
    with open_engine(engine) as opened:
        extracts = sources.read(folder, study.tables, scratch=opened.scratch)
        checked = check(extracts, opened, study.tables, threshold=settings.quarantine.threshold)
        if known_by is not None and known_by > checked.extracted_on:
            raise InputRefused(
                f"--known-by {known_by} is after the extract, which was taken on {checked.extracted_on}. "
                "Choose that day or an earlier one."
            )
        yield replace(checked, extracted_on=known_by or checked.extracted_on)


def build_history(
    study: Study, checked: Checked, as_of_dates: Sequence[dt.date] | None = None, keep: Path | None = None
) -> History:
    """The checked tables, seen on every issue the extract can teach from, or on each of ``as_of_dates``.

    ``keep`` is a folder where finished features are kept and found again.

    Raises:
        InputRefused: one of ``as_of_dates`` lies outside the data.
        WrongUsage: what a cluster works out is not kept in a folder of this machine.
    """
    if keep is not None and not checked.engine.on_one_machine:
        raise WrongUsage(
            f"--keep brings finished features to this machine, and engine '{checked.engine.name}' leaves "
            "them where they are. Leave out one of the two."
        )
    asked = tuple(as_of_dates or ())
    if asked and max(asked) > checked.extracted_on:
        raise InputRefused(
            f"as_of_date {max(asked)} is after the extract, which was taken on {checked.extracted_on}. "
            "Choose that day or an earlier one, or take a new extract."
        )
    calendar = study.calendar(checked.frames, checked.engine, checked.extracted_on, as_of_dates)
    if not calendar.issues:
        raise InputRefused(
            f"study '{study.name}': no issue date lies inside the data up to {checked.extracted_on}. Check "
            "that 'terms' has every term of the years in the extracts."
        )
    needed = {lookback for family in study.families for lookback in family.lookbacks}
    for day in asked:
        short = needed - {window.lookback for window in calendar.windows if window.as_of_date == day}
        if short:
            raise InputRefused(
                f"as_of_date {day}: the look-backs {', '.join(sorted(short))} reach back before the first "
                "row of 'terms'. Choose a later day, or add the earlier terms and their extracts."
            )
    history = History(
        checked.frames,
        study.tables,
        calendar,
        checked.engine,
        checked.extracted_on,
        checked.absent,
        Kept(keep) if keep else None,
    )
    if asked and min(asked) < history.coverage.received_since:
        raise InputRefused(
            f"as_of_date {min(asked)} is before anything was received: table 'coverage' begins on "
            f"{history.coverage.received_since}. Choose that day or a later one."
        )
    return history


def named_study(settings: Settings) -> Study:
    """The study that ``settings`` name, with every family it has, asking for the label they name.

    What is off is on only where their policy file records a reason.

    Raises:
        WrongUsage: no study or label of that name ships.
        GateRefused: the policy file or a family asks for what is never an input.
    """
    return permitted(_declared(settings), policy_of(settings))


def asked(study: Study | None, settings: Settings | None) -> tuple[Study, Settings]:
    """The study and the settings of a run: those given, or the ones that ship.

    The study that the settings name has the families and the label they name; one given as a value has its
    own. Either speaks in the words of the phrasebook that the settings name, and either way what is off is on
    only where the policy file records a reason.

    Raises:
        WrongUsage: a name is not known, or the phrasebook or the policy file cannot be used.
    """
    chosen = settings or config.load()
    book = Path(chosen.issue.phrasebook) if chosen.issue.phrasebook else None
    if study is None:
        named = worded(_declared(chosen), book).narrowed(chosen.features.families)
    else:
        named = worded(study, book)
    return permitted(named, policy_of(chosen)), chosen


def _declared(settings: Settings) -> Study:
    named = _named("study", settings.study, STUDIES)
    return named.asking(_named("label", settings.label, LABELS)) if settings.label else named


def rules_of(study: Study) -> dict[str, Rule]:
    """The study's simple rules by name."""
    return {rule.name: rule for rule in study.rules}


def _named(what: str, name: str, known: Mapping[str, Value]) -> Value:
    """The value called ``name``.

    Raises:
        WrongUsage: there is none; the message names those there are.
    """
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        raise WrongUsage(f"{what} '{name}' is not known.{hint} Known are: {', '.join(known)}.")
    return known[name]


def refuse_not_available(bundle: Bundle, not_available: Mapping[str, Sequence[str]]) -> None:
    """Nothing, when the extract gives every feature that the model learnt from.

    Raises:
        GateRefused: naming what was not received and the features that the model had in training.
    """
    had_none = {name for names in bundle.trained.get("not_available", {}).values() for name in names}
    lost = {what: sorted(set(names) - had_none) for what, names in not_available.items()}
    told = [f"'{what}' ({', '.join(names)})" for what, names in lost.items() if names]
    if told:
        raise GateRefused(
            f"The model of the study '{bundle.study}' learnt from what these extracts do not hold: "
            f"{'; '.join(told)}. Add it to the extracts, or train again without it."
        )
