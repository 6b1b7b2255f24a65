"""Every switch against the truth: what it changes and by how much, and what it leaves alone.

The worlds are the ordinary one of ``conftest`` with one switch each, so that most of them share its pupils.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from earlywarning.engines import open_engine
from earlywarning.errors import WrongUsage
from earlywarning.sources import read
from earlywarning.synthetic import generate
from earlywarning.synthetic.planted import PLANTED
from earlywarning.synthetic.switches import DRIFT_A_YEAR, Switches
from earlywarning.tables.check import check

from .conftest import Invented

World = Callable[..., Invented]
AUTUMN, IN_FORCE = dt.date(2024, 10, 10), "DATE '2024-11-04'"
"""A day in a half term, and the first day of the half term that follows."""
SILENT_FROM = "DATE '2025-09-01'"
DEVIATIONS = 4
"""Standard deviations of chance that are let pass: outcomes of one pupil share later steps of need."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, invented: Invented) -> World:
    """The authority of ``invented`` with switches, each made once."""
    made = {Switches(): invented}

    def of(**switches: object) -> Invented:
        which = Switches(**switches)  # type: ignore[arg-type]
        if which not in made:
            folder = tmp_path_factory.mktemp("world") / "data"
            generate(folder, pupils=3000, years=5, seed=7, switches=which)
            made[which] = Invented(folder)
        return made[which]

    return of


def outlook(of: Invented) -> pd.DataFrame:
    """The truth for everybody, what happened, what was known, and what was planted in the pupil."""
    return of.sql(
        """
        WITH given AS (SELECT DISTINCT event_id, pupil_id, start_date FROM {suspensions}),
        seen AS (SELECT pupil_id, as_of_date, least(2, count(*) FILTER (start_date <= as_of_date)) AS before,
                        count(*) FILTER (start_date BETWEEN panel_date AND closes) > 0 AS happened
                 FROM {outlook} AS o JOIN given USING (pupil_id) GROUP BY 1, 2),
        helped AS (SELECT pupil_id, max(sen_provision) AS sen FROM {sen} AS s GROUP BY 1)
        SELECT o.*, phase, la, ethnicity, p.need, coalesce(sen, 'N') AS sen,
               coalesce(before, 0) AS before, coalesce(happened, FALSE) AS happened
        FROM {outlook} AS o JOIN {schools} USING (school_id) JOIN {pupils_truth} AS p USING (pupil_id)
        LEFT JOIN seen USING (pupil_id, as_of_date) LEFT JOIN helped USING (pupil_id)
        """
    )


def off_by(truth: pd.DataFrame, column: str = "probability") -> float:
    """How many standard deviations more happened than a column of the truth says."""
    sure = truth[column]
    return float((truth["happened"].sum() - sure.sum()) / np.sqrt((sure * (1 - sure)).sum()))


def chance_of_such_gaps(truth: pd.DataFrame, group: pd.Series, expected: pd.Series) -> float:
    """How likely gaps between groups as large as those found are by chance, where none are expected."""
    each = pd.DataFrame({"group": group, "n": truth["happened"] - expected, "v": expected * (1 - expected)})
    sums = each.groupby("group")[["n", "v"]].sum()
    sums = sums[sums["v"] > 2]
    return float(chi2.sf((sums["n"] ** 2 / sums["v"]).sum(), len(sums)))


def same_rows(ours: Invented, theirs: Invented, table: str, where: str = "TRUE", but: str = "") -> int:
    """The number of rows of a table, which are the same in both worlds; ``but`` names columns to leave out."""
    query = (
        f"SELECT count(*) AS n, sum(hash(t)::HUGEINT)::VARCHAR AS h FROM "
        f"(SELECT * {f'EXCLUDE ({but})' if but else ''} FROM {{{table}}} AS s WHERE {where}) AS t"
    )
    found, other = (one.sql(query).iloc[0].tolist() for one in (ours, theirs))
    assert found == other, table
    return int(found[0])
