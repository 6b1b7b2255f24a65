"""The story of the synthetic authority, told in order and written as a data folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np

from earlywarning.errors import WrongUsage
from earlywarning.synthetic.arrays import Dates, Floats, Ints, Strings
from earlywarning.synthetic.attainment import ks2_rows
from earlywarning.synthetic.authority import Authority, found
from earlywarning.synthetic.calendar import EXTRACTED_ON, SchoolYear
from earlywarning.synthetic.feeds import coverage_rows
from earlywarning.synthetic.history import earlier_years
from earlywarning.synthetic.homes import residence_rows
from earlywarning.synthetic.identifiers import pseudonyms
from earlywarning.synthetic.identities import identity_rows, pupil_rows
from earlywarning.synthetic.lines import Lines
from earlywarning.synthetic.need import HALF_TERMS, Drift, shock
from earlywarning.synthetic.outlook import YearTruth, issues, outlook_rows
from earlywarning.synthetic.reference import schools_rows, terms_rows
from earlywarning.synthetic.registers import absent_and_possible, attendance_rows, in_order
from earlywarning.synthetic.roll import Roll, at_end
from earlywarning.synthetic.rows import behaviour_rows, enrolment_rows, placement_rows, suspension_rows
from earlywarning.synthetic.sen import sen_rows
from earlywarning.synthetic.services import Contacts, contacts_of_year, service_rows
from earlywarning.synthetic.spells import seen_in
from earlywarning.synthetic.supports import support_rows
from earlywarning.synthetic.transition import transition_rows
from earlywarning.synthetic.truth import (
    NEED,
    OUTLOOK,
    PUPIL_TRUTH,
    SCHOOL_TRUTH,
    need_rows,
    pupil_truth_rows,
    school_truth_rows,
)
from earlywarning.synthetic.writing import FORMATS, Folder, data_folder
from earlywarning.synthetic.year import Course
from earlywarning.tables import IDENTITY, TABLES

FEWEST, MOST = 500, 200_000
SHORTEST, LONGEST = 3, 10
TRUTH, IDENTITIES = "truth", "identity"
Progress = Callable[[str, int, int], None]
"""Called after each half term with what is being made, how many are done and how many there are."""


@dataclass(frozen=True)
class Summary:
    """What was written: the folder, the arguments, the academic years, and the rows of each table."""

    folder: Path
    pupils: int
    years: tuple[str, ...]
    seed: int
    extracted_on: dt.date
    rows: Mapping[str, int]


def generate(
    out: Path,
    *,
    pupils: int = 6000,
    years: int = 5,
    seed: int = 1,
    format: str = "parquet",
    progress: Progress | None = None,
) -> Summary:
    """Write an invented authority to the folder ``out`` and return what it holds.

    ``pupils`` are on roll at any one time, Reception to Year 13; ``years`` academic years end with 2025/26.
    The same arguments write the same bytes. Nothing in it is evidence about real pupils.

    Raises:
        WrongUsage: a size, the format or the folder cannot be used; nothing is written.
        MachineRefused: the disk refuses; nothing is left behind.
    """
    _check_usage(pupils, years, seed, format)
    authority = found(seed, pupils, years)
    with data_folder(Path(out), format) as folder:
        Story(authority, folder, progress or (lambda _what, _done, _total: None)).tell()
    labels = tuple(year.label for year in authority.years)
    rows = MappingProxyType(dict(sorted(folder.rows.items())))
    return Summary(Path(out), pupils, labels, seed, EXTRACTED_ON, rows)


def _check_usage(pupils: int, years: int, seed: int, kind: str) -> None:
    if not FEWEST <= pupils <= MOST:
        raise WrongUsage(f"pupils is {pupils}; allowed are {FEWEST} to {MOST}. Choose a number in between.")
    if not SHORTEST <= years <= LONGEST:
        raise WrongUsage(
            f"years is {years}; allowed are {SHORTEST} to {LONGEST}. Choose a number in between."
        )
    if seed < 0:
        raise WrongUsage(f"seed is {seed}; allowed is any whole number from 0 on. Choose another.")
    if kind not in FORMATS:
        raise WrongUsage(f"format is {kind!r}; allowed are {' and '.join(FORMATS)}. Choose one of them.")


@dataclass
class Story:
    """The authority while it is being told; every method writes what it makes."""

    authority: Authority
    folder: Folder
    progress: Progress
    roll: Roll = field(init=False)
    ids: Strings = field(init=False)
    rolls: list[tuple[SchoolYear, Lines]] = field(init=False, default_factory=list)
    past: list[YearTruth] = field(init=False, default_factory=list)
    contacts: list[Contacts] = field(init=False, default_factory=list)

    def tell(self) -> None:
        """Write every table, the truth and the identities."""
        self.roll, drift = Roll(self.authority), Drift(self.authority)
        end = np.empty(0, dtype=np.int64)
        for year in self.authority.years:
            lines = self.roll.first_year(year) if not self.past else self.roll.next_year(year, end)
            course = self._live(year, lines, drift)
            end = at_end(course.roll, len(course.people), year)
        self._pupil_tables()
        for name, rows in (
            ("schools", schools_rows(self.authority)),
            ("terms", terms_rows(self.authority)),
            ("coverage", coverage_rows(self.authority)),
        ):
            self.folder.append(TABLES[name], rows)
        self._truth()
        self.folder.text("extract.toml", f"extracted_on = {EXTRACTED_ON}\nsynthetic = true\n")

    def _live(self, year: SchoolYear, lines: Lines, drift: Drift) -> Course:
        """Live through one academic year and write what it leaves behind."""
        people, authority = self.roll.people, self.authority
        self.ids = pseudonyms(people.reception, authority.seed)
        moved = drift.year(year, len(people))
        shaken = shock(people, year.first - people.reception, self.roll.alone, authority.planted)
        course = Course(authority, year, people, moved + shaken, lines)
        absence = self._days(course)
        if not self.past:
            for earlier, roll in earlier_years(authority, course.roll):
                self._enrol(earlier, roll)
        self._enrol(year, course.roll)
        numbered = 1 + sum(len(past.suspensions) for past in self.past)
        for name, rows in (
            ("transition", transition_rows(course, absence, self.ids)),
            ("suspensions", suspension_rows(course, self.ids, numbered)),
            ("placements", placement_rows(course, self.ids)),
        ):
            self.folder.append(TABLES[name], rows)
        self.past.append(YearTruth(year, people, course.roll, moved, shaken, tuple(course.suspensions)))
        self.contacts.append(contacts_of_year(authority, year, people, people.need + moved.mean(axis=1)))
        return course

    def _days(self, course: Course) -> Floats:
        """Absence rates before the last half term; attendance and behaviour are written on the way."""
        count, total = len(course.people), HALF_TERMS * len(self.authority.years)
        absent, possible = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        for passed in course.pass_():
            numbered = 1 + self.folder.rows.get("behaviour", 0)
            self.folder.append(TABLES["behaviour"], behaviour_rows(course, passed, self.ids, numbered))
            ordered = in_order(passed, self.ids)
            self.folder.append(TABLES["attendance"], attendance_rows(self.authority, ordered, self.ids))
            if passed.number + 1 < HALF_TERMS:
                missed, could = absent_and_possible(ordered, count)
                absent, possible = absent + missed, possible + could
            self.progress("half terms", HALF_TERMS * len(self.past) + passed.number + 1, total)
        return np.asarray(np.where(possible > 0, absent / np.maximum(possible, 1), np.nan))

    def _enrol(self, year: SchoolYear, roll: Lines) -> None:
        self.rolls.append((year, roll))
        self.folder.append(TABLES["enrolments"], enrolment_rows(self.authority, year, roll, self.ids))

    def _pupil_tables(self) -> None:
        """Write what is about pupils and not about one year."""
        authority, people, ids = self.authority, self.roll.people, self.ids
        seen = seen_in(self.rolls, len(people))
        for name, rows in (
            ("pupils", pupil_rows(people, ids)),
            ("residence", residence_rows(authority, people, seen, ids)),
            ("sen", sen_rows(authority, people, seen, ids)),
            ("services", service_rows(authority, self.contacts, people, seen, ids)),
            ("ks2", ks2_rows(authority, people, seen, ids)),
            ("supports", support_rows(authority, people, seen, self._suspended(), ids)),
        ):
            self.folder.append(TABLES[name], rows)
        self.folder.append(IDENTITY, identity_rows(authority, people, ids), IDENTITIES)

    def _suspended(self) -> tuple[Ints, Dates]:
        """The pupil and the first day of each suspension."""
        given = [(one.pupil, past.year.days[one.start]) for past in self.past for one in past.suspensions]
        pupil = np.array([who for who, _ in given], dtype=np.int64)
        return pupil, np.array([day for _, day in given], dtype="datetime64[D]")

    def _truth(self) -> None:
        authority, people, ids = self.authority, self.roll.people, self.ids
        every_issue = issues(authority)
        for past in self.past:
            self.folder.append(NEED, need_rows(authority, past, ids), TRUTH)
            for issue in every_issue:
                if issue.period == past.year.label:
                    self.folder.append(OUTLOOK, outlook_rows(authority, past, issue, ids), TRUTH)
        self.folder.append(PUPIL_TRUTH, pupil_truth_rows(people, ids), TRUTH)
        self.folder.append(SCHOOL_TRUTH, school_truth_rows(authority), TRUTH)
