"""One invented authority for every test of what is planted in it, read back as data frames."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from earlywarning.synthetic import generate


@dataclass(frozen=True)
class Invented:
    """A data folder; ``sql`` answers a query in which ``{table}`` stands for a table's file."""

    folder: Path

    def sql(self, query: str) -> pd.DataFrame:
        """The answer to a query over the tables."""
        paths = {path.stem: f"read_parquet('{path.as_posix()}')" for path in self.folder.rglob("*.parquet")}
        with duckdb.connect() as connection:
            connection.execute("SET threads = 1")
            return connection.sql(query.format(**paths)).df()

    @cached_property
    def roll(self) -> pd.DataFrame:
        """Who was on a main roll on 10 October of each year of data, and suspensions in that year."""
        return self.sql(
            """
            WITH year AS (SELECT academic_year, min(start_date) AS first, max(end_date) AS last
                          FROM {terms} GROUP BY 1),
            given AS (SELECT DISTINCT event_id, pupil_id, start_date FROM {suspensions})
            SELECT roll.pupil_id, academic_year, nc_year, phase, la,
                   (SELECT count(*) FROM given WHERE given.pupil_id = roll.pupil_id
                    AND given.start_date BETWEEN first AND last) AS suspensions
            FROM {enrolments} AS roll JOIN {schools} USING (school_id)
            JOIN year ON make_date(year(first), 10, 10)
                 BETWEEN roll.start_date AND coalesce(roll.end_date, last)
            WHERE roll.status <> 'S' AND roll.start_date >= first AND academic_year <> '2026/27'
            """
        )


@pytest.fixture(scope="session")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Invented:
    """3,000 pupils over five years."""
    folder = tmp_path_factory.mktemp("invented") / "data"
    generate(folder, pupils=3000, years=5, seed=7)
    return Invented(folder)
