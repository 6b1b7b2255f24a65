"""What a run is about, in one frozen value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.engines import Engine, Frame
from earlywarning.errors import WrongUsage
from earlywarning.features.declare import Family
from earlywarning.labels.declare import Label
from earlywarning.model.rules import RULES, Rule
from earlywarning.school_calendar import Calendar, IssueDates
from earlywarning.studies.words import Words
from earlywarning.tables.declare import Table

Frames = Mapping[str, Frame]


def no_notes(_history: History, _cohort: pd.DataFrame) -> tuple[str, ...]:
    """Nothing that the list does not say itself."""
    return ()


def no_texts(_history: History, cohort: pd.DataFrame) -> pd.Series:
    """No sentence about anybody."""
    return pd.Series([()] * len(cohort), index=cohort.index, dtype=object)


def no_rows(_history: History, _cohort: pd.DataFrame) -> pd.DataFrame:
    """A table without rows and columns."""
    return pd.DataFrame()


@dataclass(frozen=True)
class Pages:
    """What the pages of an issue tell beside the list; each is empty where a study has none.

    All are called with the history of one date and the cohort on it.

    * ``facts``: what else the panel should have before it (a suspension not yet served), a tuple of sentences
      for each pupil, with the cohort's index.
    * ``contexts``: a text column for each further table of counts, named as the table is, with the cohort's
      index; "" for a pupil who has no part in it.
    * ``register``: the placements to oversee, with the columns
      :data:`~earlywarning.studies.placed.REGISTER`.
    * ``shown``: pupils who are shown with their ``facts`` and not scored, else rows as of a cohort.
    * ``trends``: what happened in the last terms, with the columns
      :data:`~earlywarning.studies.pages.TRENDS`.
    * ``hand_over``: what the sheet asks that goes with a pupil to the next school, if parents agree.
    """

    facts: Callable[[History, pd.DataFrame], pd.Series] = no_texts
    contexts: Callable[[History, pd.DataFrame], pd.DataFrame] = no_rows
    register: Callable[[History, pd.DataFrame], pd.DataFrame] = no_rows
    shown: Callable[[History, pd.DataFrame], pd.DataFrame] = no_rows
    trends: Callable[[History, pd.DataFrame], pd.DataFrame] = no_rows
    hand_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Study:
    """A question: whom to look at, when, with what, for which outcome, audited by what.

    A study of one's own, from outside the package, is a value of this class and needs no line of the core.

    * ``calendar(frames, engine, extracted_on, as_of_dates)``: every issue the extract can teach from, or the
      issue on each of ``as_of_dates``.
    * ``cohort(history)``: a row for each pupil on roll on each date, with ``pupil_id``, ``as_of_date``,
      ``school_id``, ``area`` (capacity is per area), ``group`` (with whom a usual value is shared),
      ``period`` (what splits go by), ``panel_date`` (when the label opens: with the panel, or later),
      ``closes``, ``matures_on``, ``train_before``;
      optionally ``apart`` ("", or why a pupil is in no list: :mod:`earlywarning.studies.apart`) with
      ``in_progress_since`` and ``in_progress_stage`` of a permanent exclusion, and columns for features.
    * ``attributes(history, cohort)``: text columns to audit by, with the cohort's index.
    * ``audited``: the attributes an audit cannot do without; ``audited_where_known`` those that some extracts
      lack or some boroughs do not share, which may be "not recorded" for everybody: the audit says so.
    * ``in_place(history, cohort)``: what is already in place for each pupil, a tuple of texts, with the
      cohort's index.
    * ``school_names(history)`` and ``area_names``: what people call them; ``group_name`` a template for a
      group, ``title(dates)`` the term as people say it.
    * ``notes(history, cohort)``: what else a reader of the list on that date must know, in sentences;
      ``sharing``: to whom it may be passed on.
    * ``words``: questions and other wording that belongs to no feature (a phrasebook may change them).
    * ``pages``: what an issue tells beside the list.
    * ``recent``: the measure that says who had the outcome lately, counted in the tables before the names.
    * ``essential``: families without which a pupil is "not enough information".
    * ``test_periods`` named periods, or the number of latest mature ones (fewer where no earlier one is left
      to train on); ``burn_in`` periods at the start are for look-backs only; ``unseen_only`` leaves pupils
      met in training out of the test.
    * ``rules``: the simple rules to beat; one that looks at a feature the study lacks is left out.
    * ``suspended_before(history, cohort)``: who was ever suspended, as known on the day, a boolean Series
      with the cohort's index; results are then given for those who never were.
    * ``only_label``: the cohort's dates are its label's own, so no other label may be asked.
    * ``share_listed``: the share of those on roll to list; ``None`` where the settings give places.
    """

    name: str
    tables: Mapping[str, Table]
    calendar: Callable[[Frames, Engine, dt.date, Sequence[dt.date] | None], Calendar]
    cohort: Callable[[History], pd.DataFrame]
    families: tuple[Family, ...]
    label: Label
    attributes: Callable[[History, pd.DataFrame], pd.DataFrame]
    audited: tuple[str, ...]
    in_place: Callable[[History, pd.DataFrame], pd.Series]
    school_names: Callable[[History], Mapping[str, str]]
    area_names: Mapping[str, str]
    title: Callable[[IssueDates], str]
    group_name: str = "Year {}"
    notes: Callable[[History, pd.DataFrame], tuple[str, ...]] = no_notes
    sharing: str = "Not for passing on. A school receives the offers that the panel agrees, not this list."
    words: Words = field(default_factory=Words)
    pages: Pages = Pages()
    recent: str = ""
    essential: tuple[str, ...] = ()
    test_periods: int | tuple[str, ...] = 1
    burn_in: int = 1
    unseen_only: bool = False
    rules: tuple[Rule, ...] = tuple(RULES.values())
    suspended_before: Callable[[History, pd.DataFrame], pd.Series] | None = None
    share_listed: float | None = None
    audited_where_known: tuple[str, ...] = ()
    only_label: bool = False

    @property
    def every_audited(self) -> tuple[str, ...]:
        """All attributes to audit by, those that may be known for nobody last."""
        return (*self.audited, *self.audited_where_known)

    @property
    def family_names(self) -> tuple[str, ...]:
        """The names of its families."""
        return tuple(family.name for family in self.families)

    def narrowed(self, names: Iterable[str]) -> Study:
        """The study with only the families of these ``names``, in its own order.

        Nobody is told who had the outcome lately where the family that measures it is left out.

        Raises:
            WrongUsage: a name is not one of the study's families, or an essential family is left out.
        """
        asked, known = list(names), self.family_names
        for name in asked:
            if name not in known:
                near = get_close_matches(name, known, n=1)
                hint = f" Did you mean '{near[0]}'?" if near else ""
                raise WrongUsage(
                    f"study '{self.name}' has no family '{name}'.{hint} Known here: {', '.join(known)}."
                )
        if lacking := [name for name in self.essential if name not in asked]:
            raise WrongUsage(
                f"study '{self.name}' cannot do without {', '.join(lacking)}: it says who can be assessed. "
                "Add it to features.families."
            )
        kept = tuple(family for family in self.families if family.name in asked)
        made = {f"{name}_{lookback}" for f in kept for name in f.measures for lookback in f.lookbacks}
        return replace(self, families=kept, recent=self.recent if self.recent in made else "")

    def asking(self, label: Label) -> Study:
        """This study with another ``label``, under a name of its own: models and lists are kept apart.

        Ask it of a study as it was declared: a label narrows the cohort it is given.

        Raises:
            WrongUsage: the study's dates are those of its own label.
        """
        if label is self.label:
            return self
        if self.only_label:
            raise WrongUsage(
                f"study '{self.name}' asks '{self.label.name}' and no other label: its dates are those of "
                "that one. Leave the label out of the settings, or choose another study."
            )
        return replace(
            self,
            name=f"{self.name}-{label.name}",
            label=label,
            cohort=lambda history: label.cohort(history, self.cohort(history)),
        )
