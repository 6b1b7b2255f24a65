"""Features in a notebook: tables from anywhere in, a pandas frame and what each column means out."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
import pandas as pd

from earlywarning import clock, config
from earlywarning.dataset.assemble import assemble
from earlywarning.dataset.measure import source_of
from earlywarning.errors import WrongUsage
from earlywarning.features import FAMILIES, Family, Feature
from earlywarning.pipeline import build_history, checked_extracts
from earlywarning.sources import InMemory
from earlywarning.studies import STUDIES, Study
from earlywarning.tables.declare import Table

Tables = str | os.PathLike[str] | Mapping[str, Any] | duckdb.DuckDBPyConnection
Day = str | dt.date | np.datetime64
Families = Sequence[str | Family]
Known = TypeVar("Known")


def build_features(
    tables: Tables,
    as_of_dates: Day | Iterable[Day],
    *,
    families: Families | None = None,
    facts: bool = False,
    study: str | Study = "secondary",
    own_tables: Sequence[Table] = (),
    engine: str = "duckdb",
    extracted_on: Day | None = None,
    synthetic: bool = False,
    keep: str | Path | None = None,
) -> pd.DataFrame:
    """What was known of each pupil on each day, by the path that training and scoring take.

    Args:
        tables: a folder of extracts; a DuckDB connection with tables or views of the declared names; or a
            mapping of those names to frames of pandas, Polars, pyarrow or DuckDB. None of them is changed.
        as_of_dates: a day or several, as dates or ``"YYYY-MM-DD"``; events are read once for all of them.
        families: names, or :class:`~earlywarning.Family` values such as one written in the cell above; all
            of the study's by default.
        facts: whether the families' measures, from which sentences are filled, come after the features.
        study: a study's name, or a study.
        own_tables: declarations of tables of one's own, for families that read them.
        engine: where the work is done: ``"duckdb"``, ``"polars"``, ``"pandas"`` or ``"spark"``.
        extracted_on: the day the tables were taken, today by default; a folder says so itself. Everything in
            them was known by then, so a row dated later breaks a rule, an ``as_of_date`` after it is refused,
            and a row without ``known_from`` became known no later. It is not the latest ``as_of_date``:
            tables taken in July still say what was known in September.
        synthetic: whether the tables are invented; only then may ``extracted_on`` lie in the future.
        keep: a folder where finished features are kept, for their owner only, and found again.

    Returns:
        A row for each pupil in the study's cohort on each day, indexed by ``pupil_id`` and ``as_of_date`` and
        sorted by both; a float column for each feature that is switched on, NaN where not visible or
        undefined. ``attrs`` holds plain values, which pandas copies along and Parquet keeps: ``features``
        (for each its family, unit, look-back, direction, theme, description and reason), ``not_available``
        (what was not received, and the features missing for everybody because of it), ``extracted_on`` and
        ``synthetic``.

    Raises:
        WrongUsage: a table, family or study is not known, or a day is none.
        InputRefused: the tables cannot be used, or a day lies outside them.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning import build_features, generate
    >>> with TemporaryDirectory() as folder:
    ...     data = Path(folder) / "data"
    ...     made = generate(data, pupils=500, years=3, seed=1)
    ...     frame = build_features(data, ["2025-12-31", "2026-03-27"], families=["suspensions"])
    >>> frame.index.names, frame.index.is_monotonic_increasing
    (FrozenList(['pupil_id', 'as_of_date']), True)
    >>> frame.attrs["features"]["suspensions_count_spells_3t"]["description"]
    'Suspensions begun in the last three terms and known.'
    """
    asked = _study(study, families, own_tables)
    days = _days(as_of_dates)
    given, place = _given(tables, extracted_on, synthetic), None if keep is None else Path(keep)
    with checked_extracts(asked, given, config.load(), engine) as checked:
        data = assemble(asked, build_history(asked, checked, days, place), labelled=False)
    frame = pd.concat([data.X, data.facts], axis=1) if facts else data.X
    frame.attrs = {
        "features": {f.name: _plain(family, f) for family in asked.families for f in family.inputs},
        "not_available": {what: list(names) for what, names in data.not_available.items()},
        "extracted_on": checked.extracted_on.isoformat(),
        "synthetic": checked.synthetic,
    }
    return frame


def _plain(family: Family, feature: Feature) -> dict[str, str | int]:
    return {
        "family": family.name,
        "unit": feature.unit,
        "lookback": feature.lookback,
        "direction": feature.direction,
        "theme": feature.theme,
        "description": feature.description,
        "reason": feature.reason,
    }


def _study(study: str | Study, families: Families | None, own_tables: Sequence[Table]) -> Study:
    """The study with the families and tables that are asked for."""
    if isinstance(study, str):
        study = _known("study", study, STUDIES)
    tables = {**study.tables, **{table.name: table for table in own_tables}}
    chosen = study.families if families is None else _families(study, families)
    for family in chosen:
        if source_of(family) not in tables:
            raise WrongUsage(
                f"family '{family.name}' reads table '{source_of(family)}', which is not declared. Give its "
                f"declaration in own_tables. Declared: {', '.join(tables)}."
            )
    names = {family.name for family in chosen}
    essential = tuple(name for name in study.essential if name in names)
    return replace(study, tables=tables, families=chosen, essential=essential)


def _families(study: Study, asked: Families) -> tuple[Family, ...]:
    if isinstance(asked, str | Family) or not asked:
        raise WrongUsage("families is a list of names or Family values, with at least one in it.")
    known = {family.name: family for family in (*FAMILIES.values(), *study.families)}
    chosen = tuple(each if isinstance(each, Family) else _known("family", each, known) for each in asked)
    names = [family.name for family in chosen]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise WrongUsage(f"family '{twice[0]}' is there twice. Give the new one a name of its own.")
    return chosen


def _known(kind: str, name: object, known: Mapping[str, Known]) -> Known:
    if isinstance(name, str) and name in known:
        return known[name]
    near = get_close_matches(str(name), known, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise WrongUsage(f"{kind} {name!r} is not known.{hint} Known: {', '.join(known)}.")


def _given(tables: Tables, extracted_on: Day | None, synthetic: bool) -> Path | InMemory:
    if isinstance(tables, str | os.PathLike):
        if extracted_on is not None or synthetic:
            raise WrongUsage(
                "a folder says in extract.toml when it was taken and whether it is invented: leave out "
                "extracted_on and synthetic."
            )
        return Path(tables)
    if isinstance(tables, Mapping | duckdb.DuckDBPyConnection):
        today = clock.today()
        return InMemory(
            tables, today if extracted_on is None else _day(extracted_on, "extracted_on"), synthetic
        )
    raise WrongUsage(
        f"tables is a {type(tables).__name__}. Give a folder, a DuckDB connection, or a mapping of table "
        "names to frames."
    )


def _days(given: Day | Iterable[Day]) -> tuple[dt.date, ...]:
    """The distinct days, in order."""
    several = given if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    days = {_day(each, "as_of_dates") for each in several}
    if not days:
        raise WrongUsage("as_of_dates is empty. Give at least one day, such as '2025-12-31'.")
    return tuple(sorted(days))


def _day(given: object, called: str) -> dt.date:
    """A day, also as a timestamp at midnight without a time zone."""
    try:
        if isinstance(given, str):
            return dt.date.fromisoformat(given)
        if isinstance(given, dt.date | np.datetime64):
            stamp = pd.Timestamp(given)
            if stamp.tz is None and stamp == stamp.floor("D"):
                return stamp.date()
    except (ValueError, TypeError):
        pass
    raise WrongUsage(
        f"{called} holds a {type(given).__name__} that is no day. Give dates, or text such as '2025-12-31', "
        "without a time."
    )
