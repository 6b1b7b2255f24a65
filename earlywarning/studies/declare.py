"""What a run is about, in one frozen value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from earlywarning.dataset.history import History
from earlywarning.engines import Engine, Frame
from earlywarning.features.declare import Family
from earlywarning.labels.declare import Label
from earlywarning.model.rules import RULES, Rule
from earlywarning.school_calendar import Calendar, IssueDates
from earlywarning.tables.declare import Table

Frames = Mapping[str, Frame]


@dataclass(frozen=True)
class Study:
    """A question: whom to look at, when, with what, for which outcome, audited by what.

    A study of one's own, from outside the package, is a value of this class and needs no line of the core.

    * ``calendar(frames, engine, extracted_on, as_of_date)``: every issue the extract can teach from, or the
      one issue on ``as_of_date``.
    * ``cohort(history)``: a row for each pupil on roll on each date, with ``pupil_id``, ``as_of_date``,
      ``school_id``, ``area`` (capacity is per area), ``group`` (with whom a usual value is shared),
      ``period`` (what splits go by), ``panel_date``, ``closes``, ``matures_on``, ``train_before``;
      optionally ``in_progress`` (a permanent exclusion: shown on a page of their own, not scored) with its
      ``in_progress_since`` and ``in_progress_stage``, and columns for features.
    * ``attributes(history, cohort)``: text columns to audit by, with the cohort's index.
    * ``in_place(history, cohort)``: what is already in place for each pupil, a tuple of texts, with the
      cohort's index.
    * ``school_names(history)`` and ``area_names``: what people call them; ``group_name`` a template for a
      group, ``title(dates)`` the term as people say it.
    * ``recent``: the measure that says who had the outcome lately, counted in the tables before the names.
    * ``essential``: families without which a pupil is "not enough information".
    * ``test_periods`` named periods, or the number of latest mature ones; ``burn_in`` periods at the start
      are for look-backs only; ``unseen_only`` leaves pupils met in training out of the test.
    * ``rules``: the simple rules to beat; one that looks at a feature the study lacks is left out.
    * ``share_listed``: the share of those on roll to list; ``None`` where the settings give places.
    """

    name: str
    tables: Mapping[str, Table]
    calendar: Callable[[Frames, Engine, dt.date, dt.date | None], Calendar]
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
    recent: str = ""
    essential: tuple[str, ...] = ()
    test_periods: int | tuple[str, ...] = 1
    burn_in: int = 1
    unseen_only: bool = False
    rules: tuple[Rule, ...] = tuple(RULES.values())
    share_listed: float | None = None

    def asking(self, label: Label) -> Study:
        """This study with another ``label``, under a name of its own: models and lists are kept apart.

        Ask it of a study as it was declared: a label narrows the cohort it is given.
        """
        if label is self.label:
            return self
        return replace(
            self,
            name=f"{self.name}-{label.name}",
            label=label,
            cohort=lambda history: label.cohort(history, self.cohort(history)),
        )
