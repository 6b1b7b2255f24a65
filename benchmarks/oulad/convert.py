"""From the published files to a folder of declared tables.

Nothing is filled in that the dataset does not hold, with one exception: the three learners without a day
of registration are taken to have registered on the first day, or on the day they left where that is earlier.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.oulad.presentations import (
    CLICKS_COMPLETE_TO,
    PRESENTATIONS,
    RUN_UP,
    period,
    school_id,
    started,
)
from benchmarks.oulad.tables import TABLES
from earlywarning.errors import InputRefused
from earlywarning.tables.declare import ARROW, Table

OF_PRESENTATION = ["code_module", "code_presentation"]
A_WEEK = 7
PLACES = MappingProxyType(
    {
        "forumng": "forum_clicks",
        "homepage": "home_clicks",
        "quiz": "quiz_clicks",
        **dict.fromkeys(
            ("oucontent", "resource", "url", "subpage", "sharedsubpage", "glossary", "dataplus"),
            "content_clicks",
        ),
    }
)
"""Kinds of page with a column of their own; the rest (live sessions) count among all clicks only."""


def convert(source: Path, out: Path, extracted_on: dt.date | None = None) -> None:
    """Write the study's tables to ``out`` as Parquet, with ``extract.toml``, from the files in ``source``.

    The extract is as taken on ``extracted_on``: nothing that was known only later is in it. Left out, it is
    the day on which the last presentation ended.

    Raises:
        InputRefused: a file is missing from ``source``.
    """
    raw = _Published(source)
    tables = {
        "presentations": raw.presentations,
        "learners": raw.learners,
        "registrations": raw.registrations,
        "access": raw.access,
        "activity": raw.activity,
        "submissions": raw.submissions,
        "overdue": raw.overdue,
        "marks": raw.marks,
        "results": raw.results,
        "coverage": raw.coverage,
    }
    taken = pd.Timestamp(extracted_on or raw.presentations["last_day"].max())
    for name, whole in tables.items():
        frame = _known_by(taken, whole, TABLES[name])
        columns = [column for column in TABLES[name].columns if column.name in frame]
        schema = pa.schema([(column.name, ARROW[column.type]) for column in columns])
        ordered = frame[schema.names].sort_values(schema.names, kind="stable")
        pq.write_table(pa.Table.from_pandas(ordered, schema, preserve_index=False), out / f"{name}.parquet")
    extract = f"extracted_on = {taken:%Y-%m-%d}\nsynthetic = false\n"
    (out / "extract.toml").write_text(extract, encoding="utf-8")


def _known_by(taken: pd.Timestamp, frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The rows of ``frame`` known by ``taken``; what was still open then is open."""
    if table.date is not None:
        lagged = frame[table.date] + pd.Timedelta(days=table.lag_days)
        return frame[frame.get("known_from", lagged) <= taken]
    if table.period is None:
        return frame
    first, last = table.period
    begun = frame[frame[first] <= taken]
    ends = begun[last]
    return begun.assign(**{last: ends.where(ends <= taken, pd.NaT if table.kind == "spell" else taken)})


@dataclass(frozen=True)
class _Published:
    """The published files, the four presentations of them, as the study's tables.

    ``learners`` and so on are frames with the declared columns; what can be derived is left out.
    """

    source: Path

    @cached_property
    def presentations(self) -> pd.DataFrame:
        length = self._read("courses").set_index(OF_PRESENTATION)["module_presentation_length"]
        held = [pair for pair in PRESENTATIONS if pair in length.index]
        first_day = pd.Series([pd.Timestamp(started(presentation)) for _, presentation in held])
        return pd.DataFrame(
            {
                "school_id": [school_id(*pair) for pair in held],
                "module": [module for module, _ in held],
                "period": [period(*pair) for pair in held],
                "first_day": first_day,
                "last_day": first_day + pd.to_timedelta([int(length[pair]) for pair in held], unit="D"),
            }
        )

    @cached_property
    def learners(self) -> pd.DataFrame:
        names = {"gender": "sex", "imd_band": "deprivation_band"}
        info = self._of_learners("studentInfo").rename(columns=names)
        # One band is published without its sign for per cent.
        info["deprivation_band"] = info["deprivation_band"].replace("10-20", "10-20%")
        return info

    @cached_property
    def registrations(self) -> pd.DataFrame:
        info = self._of_learners("studentInfo")[
            ["pupil_id", "school_id", "highest_education", "num_of_prev_attempts", "studied_credits"]
        ]
        spells = self._of_learners("studentRegistration").merge(info, on=["pupil_id", "school_id"])
        left = spells["date_unregistration"]
        registered = spells["date_registration"].fillna(left.clip(upper=0)).fillna(0)
        spells["start_date"], spells["end_date"] = self._date(spells, registered), self._date(spells, left)
        return spells.rename(columns={"num_of_prev_attempts": "previous_attempts"})

    @cached_property
    def access(self) -> pd.DataFrame:
        rows = self.learners[["pupil_id", "school_id"]].merge(self.presentations, on="school_id")
        rows["start_date"] = rows["first_day"] - pd.Timedelta(days=RUN_UP)
        return rows.rename(columns={"last_day": "end_date"})

    @cached_property
    def activity(self) -> pd.DataFrame:
        kinds = self._read("vle")[["id_site", "activity_type"]]
        clicks = self._of_learners("studentVle").merge(kinds, on="id_site")
        clicks["place"] = clicks["activity_type"].map(PLACES)
        keys = ["pupil_id", "school_id", "date"]
        days = clicks.groupby(keys)["sum_click"].sum().to_frame("clicks")
        by_place = clicks.groupby([*keys, "place"])["sum_click"].sum().unstack()
        by_place = by_place.reindex(columns=sorted(set(PLACES.values())))
        return self._dated(days.join(by_place).fillna(0).astype(int).reset_index(), "date")

    @cached_property
    def submissions(self) -> pd.DataFrame:
        rows = self._assessed.dropna(subset="date_submitted")
        late = (rows["date_submitted"] - rows["due"]).astype(int)
        rows = rows.assign(days_late=late, carried_over=rows["carried_over"].astype(bool))
        return self._dated(rows, "date_submitted")

    @cached_property
    def overdue(self) -> pd.DataFrame:
        """A row from the day after the deadline, withdrawn again on the day the work is handed in."""
        rows = self._assessed.dropna(subset="due")
        rows = rows[~(rows["date_submitted"] <= rows["due"])]
        handed_in = rows.dropna(subset="date_submitted")
        new = rows.assign(record="new", known=rows["due"] + 1)
        withdrawn = handed_in.assign(record="retraction", known=handed_in["date_submitted"])
        both = pd.concat([new, withdrawn], ignore_index=True)
        both["known_from"] = self._date(both, both["known"])
        return self._dated(both.assign(first_day_late=both["due"] + 1), "first_day_late")

    @cached_property
    def marks(self) -> pd.DataFrame:
        return self._dated(self._assessed.dropna(subset=["date_submitted", "score"]), "date_submitted")

    @cached_property
    def results(self) -> pd.DataFrame:
        rows = self._of_learners("studentInfo").merge(self.presentations, on="school_id")
        return rows.rename(columns={"final_result": "result", "last_day": "date"})

    @cached_property
    def coverage(self) -> pd.DataFrame:
        """Both feeds by the week, as far as they are complete."""
        length = (self.presentations["last_day"] - self.presentations["first_day"]).dt.days
        whole = dict(zip(self.presentations["school_id"], length, strict=True))
        feeds = {"activity": {**whole, **CLICKS_COMPLETE_TO}, "assessments": whole}
        rows = [
            {"feed": feed, "school_id": school, "from": day, "to": min(day + A_WEEK - 1, ends[school])}
            for feed, ends in feeds.items()
            for school in whole
            for day in range(1 - 2 * A_WEEK, ends[school] + 1, A_WEEK)
        ]
        weeks = pd.DataFrame(rows)
        dated = weeks.assign(
            from_date=self._date(weeks, weeks["from"]), to_date=self._date(weeks, weeks["to"])
        )
        return dated.rename(columns={"school_id": "source"})

    @cached_property
    def _assessed(self) -> pd.DataFrame:
        """Every assessment but the exam for every learner, handed in or not."""
        assessments = self._of_presentations(self._read("assessments")).rename(columns={"date": "due"})
        assessments = assessments[assessments["assessment_type"] != "Exam"]
        given = self._read("studentAssessment").rename(columns={"is_banked": "carried_over"})
        given["pupil_id"] = _pupil_id(given["id_student"])
        everyone = self.learners[["pupil_id", "school_id"]].merge(
            assessments[["school_id", "id_assessment", "assessment_type", "due", "weight"]], on="school_id"
        )
        rows = everyone.merge(given, on=["pupil_id", "id_assessment"], how="left")
        rows["assessment_id"] = "a" + rows["id_assessment"].astype(str)
        return rows.rename(columns={"assessment_type": "kind"})

    def _read(self, name: str) -> pd.DataFrame:
        for suffix, read in (("parquet", pd.read_parquet), ("csv", pd.read_csv)):
            path = self.source / f"{name}.{suffix}"
            if path.is_file():
                frame: pd.DataFrame = read(path)
                return frame
        raise InputRefused(
            f"'{name}.csv' is missing from '{self.source.name}'. Give the folder with the files of the Open "
            "University Learning Analytics Dataset; benchmarks/oulad/README.md says where to get them."
        )

    def _of_presentations(self, frame: pd.DataFrame) -> pd.DataFrame:
        named = frame.assign(school_id=frame["code_module"].str.cat(frame["code_presentation"], sep="-"))
        return named[named["school_id"].isin(self.presentations["school_id"])]

    def _of_learners(self, name: str) -> pd.DataFrame:
        rows = self._of_presentations(self._read(name))
        return rows.assign(pupil_id=_pupil_id(rows["id_student"]))

    def _date(self, rows: pd.DataFrame, day: pd.Series) -> pd.Series:
        """The date of a day of each row's presentation."""
        first_day = rows["school_id"].map(self.presentations.set_index("school_id")["first_day"])
        return first_day + pd.to_timedelta(day, unit="D")

    def _dated(self, rows: pd.DataFrame, day: str) -> pd.DataFrame:
        """``rows`` with ``day`` as the declared ``day`` and ``date``."""
        return rows.assign(date=self._date(rows, rows[day]), day=rows[day].astype(int))


def _pupil_id(learner: pd.Series) -> pd.Series:
    return "l" + learner.astype(str)
