"""An invented dataset in the shape of the published one: four presentations of a few dozen learners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.oulad.convert import convert
from benchmarks.oulad.presentations import PRESENTATIONS
from benchmarks.oulad.study import oulad_study
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.pipeline import build_history, checked_extracts

LEARNERS = 20
LENGTH = 240
FILES = (
    "courses",
    "studentInfo",
    "studentRegistration",
    "assessments",
    "studentAssessment",
    "studentVle",
    "vle",
)
DEADLINES = {"TMA": (19, 47), "CMA": (54,)}
SITES = {1: "homepage", 2: "forumng", 3: "quiz", 4: "resource", 5: "oucollaborate"}


@dataclass
class Invented:
    """The published files as frames; a test changes what it is about, then asks for the dataset."""

    files: dict[str, pd.DataFrame]
    folder: Path
    written: int = field(default=0)

    def write(self) -> Path:
        """The files in a new folder."""
        self.written += 1
        folder = self.folder / f"published{self.written}"
        folder.mkdir()
        for name, frame in self.files.items():
            frame.to_csv(folder / f"{name}.csv", index=False)
        return folder

    def add(self, name: str, **row: object) -> None:
        """One more row in a file."""
        self.files[name] = pd.concat([self.files[name], pd.DataFrame([row])], ignore_index=True)

    def change(self, name: str, learner: int, presentation: tuple[str, str], **values: object) -> None:
        """Other values in a learner's row."""
        frame = self.files[name]
        module, begun = presentation
        chosen = frame["id_student"].eq(learner) & frame["code_module"].eq(module)
        chosen &= frame["code_presentation"].eq(begun)
        assert chosen.sum() == 1
        for column, value in values.items():
            frame.loc[chosen, column] = value

    def dataset(self) -> Dataset:
        """Features, labels and the rest on day 28, through the core."""
        source, tables = self.write(), self.folder / f"tables{self.written}"
        tables.mkdir()
        convert(source, tables)
        return on_day(28, tables)


def on_day(day: int, tables: Path, engine: str = "duckdb") -> Dataset:
    """The study's dataset, from tables in which no row breaks a rule."""
    study = oulad_study(day)
    with checked_extracts(study, tables, Settings(), engine) as checked:
        assert [name for name, counts in checked.counts.items() if counts.quarantined] == []
        return assemble(study, build_history(study, checked))


def number(place: int, learner: int) -> int:
    """A learner's published number."""
    return 1000 * (place + 1) + learner


def assessment(place: int, kind: str, which: int) -> int:
    """An assessment's published number."""
    return 100 * (place + 1) + 10 * (kind == "CMA") + which


def invent(folder: Path) -> Invented:
    """The whole dataset; what a test asks for is written under ``folder``."""
    random = np.random.default_rng(4)
    rows: dict[str, list[dict[str, object]]] = {name: [] for name in FILES}
    rows["vle"] = [{"id_site": site, "activity_type": kind} for site, kind in SITES.items()]
    for place, (module, begun) in enumerate(PRESENTATIONS):
        at = {"code_module": module, "code_presentation": begun}
        rows["courses"].append({**at, "module_presentation_length": LENGTH})
        for kind, deadlines in DEADLINES.items():
            for which, due in enumerate(deadlines):
                rows["assessments"].append(
                    {
                        **at,
                        "id_assessment": assessment(place, kind, which),
                        "assessment_type": kind,
                        "date": due,
                        "weight": 10,
                    }
                )
        rows["assessments"].append(
            {**at, "id_assessment": 100 * (place + 1) + 99, "assessment_type": "Exam", "weight": 100}
        )
        for learner in range(LEARNERS):
            for name, made in _learner(random, place, learner):
                rows[name].append({**at, **made} if name != "studentAssessment" else made)
    return Invented({name: pd.DataFrame(made) for name, made in rows.items()}, folder)


def _learner(
    random: np.random.Generator, place: int, learner: int
) -> Iterator[tuple[str, dict[str, object]]]:
    """One learner's rows: who fails is seen less on the site and hands in less."""
    fails, who = learner % 2, {"id_student": number(place, learner)}
    yield "studentInfo", {
        **who, "gender": "F" if learner % 3 else "M", "region": "Scotland", "age_band": "0-35",
        "highest_education": "HE Qualification" if learner % 4 else "Lower Than A Level",
        "imd_band": "10-20" if learner % 5 else None, "num_of_prev_attempts": fails, "studied_credits": 60,
        "disability": "Y" if learner % 7 == 0 else "N", "final_result": "Fail" if fails else "Pass",
    }  # fmt: skip
    yield "studentRegistration", {**who, "date_registration": -40 - learner, "date_unregistration": None}
    for day in random.choice(np.arange(-10, 130), size=30 - 15 * fails, replace=False):
        for site in random.choice(list(SITES), size=2, replace=False):
            clicks = {"id_site": int(site), "date": int(day), "sum_click": int(random.integers(1, 9))}
            yield "studentVle", {**who, **clicks}
    for kind, deadlines in DEADLINES.items():
        for which, due in enumerate(deadlines):
            if not fails or random.random() < 0.5:
                handed_in = {"id_assessment": assessment(place, kind, which), "date_submitted": due - 2}
                score = float(random.integers(30, 60) if fails else random.integers(60, 100))
                yield "studentAssessment", {**who, **handed_in, "is_banked": False, "score": score}
