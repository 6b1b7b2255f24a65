"""The story of the synthetic authority, told in order and written as a data folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np

from earlywarning.errors import WrongUsage
from earlywarning.synthetic.arrays import Floats, Strings
from earlywarning.synthetic.attainment import ks2_rows
from earlywarning.synthetic.authority import Authority, found
from earlywarning.synthetic.books import Book
from earlywarning.synthetic.calendar import EXTRACTED_ON, SchoolYear, school_years
from earlywarning.synthetic.feeds import coverage_rows, shared_coverage_rows
from earlywarning.synthetic.history import earlier_years
from earlywarning.synthetic.homes import draw_homes, residence_rows
from earlywarning.synthetic.identifiers import pseudonyms, upns
from earlywarning.synthetic.identities import identity_rows, pupil_rows
from earlywarning.synthetic.lines import Lines
from earlywarning.synthetic.need import HALF_TERMS, Drift, Moving, shock
from earlywarning.synthetic.outlook import YearTruth, issues, outlook_rows
from earlywarning.synthetic.reference import schools_rows, terms_rows
from earlywarning.synthetic.registers import MARKED, attendance_rows, counted, marked_rows, on_roll, sums
from earlywarning.synthetic.restrictions import restriction_rows
from earlywarning.synthetic.roll import Roll, at_end
from earlywarning.synthetic.rows import behaviour_rows, enrolment_rows, placement_rows, suspension_rows
from earlywarning.synthetic.schools import PUPILS
from earlywarning.synthetic.sen import sen_rows
from earlywarning.synthetic.services import Contacts, contacts_of_year, service_rows
from earlywarning.synthetic.spells import seen_in
from earlywarning.synthetic.supports import (
    EFFECT,
    HELP_FROM,
    TERMS_LISTED,
    Helped,
    Suspended,
    listed_and_helped,
    support_rows,
)
from earlywarning.synthetic.switches import Switches
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
from earlywarning.synthetic.writing import FORMATS, Values, data_folder, free_place
from earlywarning.synthetic.year import Course
from earlywarning.tables import IDENTITY, TABLES

FEWEST, MOST = 500, 1_000_000
BLOCK = 40_000
"""Pupils in one authority at most; a larger folder holds several, one after the other, in flat memory."""
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
    pupils: int = PUPILS,
    years: int = 6,
    seed: int = 1,
    format: str = "parquet",
    switches: Switches | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Write an invented authority to the folder ``out`` and return what it holds.

    ``pupils`` are on roll at any one time, nursery to Year 13; ``years`` academic years end with 2025/26.
    More than 40,000 pupils are several authorities in one folder, with schools of their own. The same
    arguments write the same bytes. Nothing in it is evidence about real pupils.

    Raises:
        WrongUsage: a size, the format, a switch or the folder cannot be used; nothing is written.
        MachineRefused: the disk refuses; nothing is left behind.
    """
    switches = switches or Switches()
    _check_usage(pupils, years, seed, format, switches)
    sizes = _blocks(pupils)
    authorities = [found(seed, size, years, switches, block) for block, size in enumerate(sizes)]
    return tell(Path(out), format, authorities, progress)


def tell(
    out: Path, format: str, authorities: Sequence[Authority], progress: Progress | None = None
) -> Summary:
    """Write authorities of the same seed and years, side by side, to the new folder ``out``."""
    seed, years = authorities[0].seed, authorities[0].years
    told = Told(progress, HALF_TERMS * len(years) * len(authorities)) if progress else Told.to_nobody()
    place = free_place(out)
    with data_folder(place, format) as folder:
        for authority in authorities:
            Story(authority, folder, told).tell()
        folder.append(TABLES["terms"], terms_rows(authority))
        folder.append(TABLES["coverage"], shared_coverage_rows(authority))
        folder.text("extract.toml", f"extracted_on = {EXTRACTED_ON}\nsynthetic = true\n")
    pupils = sum(authority.size for authority in authorities)
    rows = MappingProxyType(dict(sorted(folder.rows.items())))
    return Summary(place, pupils, tuple(year.label for year in years), seed, EXTRACTED_ON, rows)


def _blocks(pupils: int) -> list[int]:
    """Sizes of the authorities that make up ``pupils``.

    >>> _blocks(33_774), _blocks(100_000)
    ([33774], [33334, 33333, 33333])
    """
    many = -(-pupils // BLOCK)
    return [pupils // many + (block < pupils % many) for block in range(many)]


def _check_usage(pupils: int, years: int, seed: int, kind: str, switches: Switches) -> None:
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
    first = school_years(years)[0].half_terms[1].start
    last = school_years(years)[-1].half_terms[-1].start
    if switches.policy_change and not first <= switches.policy_change <= last:
        raise WrongUsage(
            f"policy-change is {switches.policy_change}; allowed are dates from {first} to {last}, so that "
            "half terms lie before and after it. Choose one of them, or more years."
        )


@dataclass
class Told:
    """Progress over all blocks."""

    progress: Progress
    total: int
    done: int = 0

    @classmethod
    def to_nobody(cls) -> Told:
        """Progress that nobody hears of."""
        return cls(lambda _what, _done, _total: None, 0)

    def step(self) -> None:
        """Another half term is done."""
        self.done += 1
        self.progress("half terms", self.done, self.total)


@dataclass
class Story:
    """The authority while it is being told; every method writes what it makes.

    Without ``named`` pupils are numbered, not given pseudonyms: for authorities that are only measured.
    """

    authority: Authority
    book: Book
    told: Told
    named: bool = True
    roll: Roll = field(init=False)
    ids: Strings = field(init=False)
    rolls: list[tuple[SchoolYear, Lines]] = field(init=False, default_factory=list)
    past: list[YearTruth] = field(init=False, default_factory=list)
    contacts: list[Contacts] = field(init=False, default_factory=list)
    helped: list[Helped] = field(init=False, default_factory=list)
    noticed: int = field(init=False, default=0)

    def tell(self) -> None:
        """Write every table, the truth and the identities."""
        self.roll, drift = Roll(self.authority), Drift(self.authority)
        self.ids = np.empty(0, dtype=np.str_)
        end = np.empty(0, dtype=np.int64)
        for year in self.authority.years:
            lines = self.roll.first_year(year) if not self.past else self.roll.next_year(year, end)
            course = self._live(year, lines, drift)
            end = at_end(course.roll, len(course.people), year)
        self._pupil_tables()
        self._append("schools", lambda: schools_rows(self.authority))
        self._append("coverage", lambda: coverage_rows(self.authority))
        self._truth()

    def _append(self, name: str, rows: Callable[[], dict[str, Values]]) -> None:
        """Write rows of a declared table, if the book keeps it."""
        if self.book.keeps(name):
            self.book.append(TABLES[name], rows())

    def _live(self, year: SchoolYear, lines: Lines, drift: Drift) -> Course:
        """Live through one academic year and write what it leaves behind."""
        people, authority = self.roll.people, self.authority
        self.ids = np.concatenate([self.ids, self._new_ids()])
        moved = drift.year(year, len(people))
        shaken = shock(people, year.first - people.reception, self.roll.alone, authority.planted)
        shaken += authority.planted.drift_a_year * len(self.past)
        course = Course(authority, year, people, Moving(moved, shaken, np.zeros_like(moved)), lines)
        absence = self._half_terms(course)
        if not self.past:
            for earlier, roll in earlier_years(authority, course.roll):
                self._enrol(earlier, roll)
        self._enrol(year, course.roll)
        numbered = 1 + sum(len(past.suspensions) for past in self.past)
        self._append("transition", lambda: transition_rows(course, absence, self.ids))
        self._append("suspensions", lambda: suspension_rows(course, self.ids, numbered))
        self._append("placements", lambda: placement_rows(course, self.ids))
        self.past.append(YearTruth(year, people, course.roll, course.moving, tuple(course.suspensions)))
        self.contacts.append(contacts_of_year(authority, year, people, people.need + moved.mean(axis=1)))
        return course

    def _new_ids(self) -> Strings:
        """Pseudonyms, or plain numbers, of the pupils who are new."""
        known, people = len(self.ids), self.roll.people
        if self.named:
            return pseudonyms(upns(people.reception, self.authority.block)[known:], self.authority.seed)
        return np.array([f"{number:08d}" for number in range(known, len(people))], dtype=np.str_)

    def _half_terms(self, course: Course) -> Floats:
        """Absence rates before the last half term; attendance and behaviour are written on the way."""
        authority, count = self.authority, len(course.people)
        missed, possible = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        for half in range(HALF_TERMS):
            if authority.switches.supported and half in HELP_FROM:
                self._help(course, half)
            passed = course.live_through(half)
            numbered, self.noticed = 1 + self.noticed, self.noticed + len(passed.incidents.line)
            self._append("behaviour", partial(behaviour_rows, course, passed, self.ids, numbered))
            which = on_roll(passed, self.ids)
            if not self.book.keeps("attendance"):
                which = which[counted(authority, course.year, half, passed.roll.take(which))]
            register = course.register(half, which)
            self._append("attendance", partial(attendance_rows, authority, register, self.ids))
            if self.book.keeps(MARKED.name):
                self.book.append(MARKED, marked_rows(authority, course.year, register, self.ids))
            if half + 1 < HALF_TERMS:
                could, absent, _ = sums(register)
                missed += np.bincount(register.roll.pupil, absent, count).astype(np.int64)
                possible += np.bincount(register.roll.pupil, could, count).astype(np.int64)
            self.told.step()
        return np.asarray(np.where(possible > 0, missed / np.maximum(possible, 1), np.nan))

    def _help(self, course: Course, half: int) -> None:
        """Help half of a list for the rest of the term, from the half term that follows its date."""
        year = course.year
        before = [(past.year, past.suspensions) for past in self.past[-1:]] + [(year, course.suspensions)]
        now = 3 * year.first + half // 2
        recent = np.array(
            [
                one.pupil
                for passed, given in before
                for one in given
                if 0 < now - 3 * passed.first - passed.half_of_day[one.start] // 2 <= TERMS_LISTED
            ],
            dtype=np.int64,
        )
        counts = np.bincount(recent, minlength=len(course.people))
        low, end = year.span(half)[0], year.span(HELP_FROM[half] - 1)[1] - 1
        rng = self.authority.stream("helped", year.first, half)
        who = listed_and_helped(rng, self.authority, course.roll, low, counts)
        course.moving.help[who, half : HELP_FROM[half]] = EFFECT
        self.helped.append(Helped(who, year.days[low], year.days[end]))

    def _enrol(self, year: SchoolYear, roll: Lines) -> None:
        self.rolls.append((year, roll))
        self._append("enrolments", lambda: enrolment_rows(self.authority, year, roll, self.ids))

    def _pupil_tables(self) -> None:
        """Write what is about pupils and not about one year."""
        authority, people, ids = self.authority, self.roll.people, self.ids
        seen = seen_in(self.rolls, len(people))
        homes = draw_homes(authority, people, seen)
        suspended = self._suspended()
        self._append("pupils", lambda: pupil_rows(people, ids))
        self._append("residence", lambda: residence_rows(authority, homes, seen, ids))
        self._append("sen", lambda: sen_rows(authority, people, seen, ids))
        self._append("services", lambda: service_rows(authority, self.contacts, homes, seen, ids))
        self._append("ks2", lambda: ks2_rows(authority, people, seen, ids))
        self._append("supports", lambda: support_rows(authority, people, seen, suspended, self.helped, ids))
        self._append("restrictions", lambda: restriction_rows(authority, seen, ids))
        if self.book.keeps(IDENTITY.name):
            self.book.append(IDENTITY, identity_rows(authority, people, ids), IDENTITIES)

    def _suspended(self) -> Suspended:
        """The pupil, the first day and the school's borough of each suspension."""
        given = [(one, past.year.days[one.start]) for past in self.past for one in past.suspensions]
        return Suspended(
            np.array([one.pupil for one, _ in given], dtype=np.int64),
            np.array([day for _, day in given], dtype="datetime64[D]"),
            self.authority.schools.borough[[one.school for one, _ in given]],
        )

    def _truth(self) -> None:
        authority, people, ids = self.authority, self.roll.people, self.ids
        if not self.book.keeps(OUTLOOK.name):
            return
        every_issue = issues(authority)
        for past in self.past:
            self.book.append(NEED, need_rows(authority, past, ids), TRUTH)
            for issue in every_issue:
                if issue.period == past.year.label:
                    self.book.append(OUTLOOK, outlook_rows(authority, past, issue, ids), TRUTH)
        self.book.append(PUPIL_TRUTH, pupil_truth_rows(people, ids), TRUTH)
        self.book.append(SCHOOL_TRUTH, school_truth_rows(authority), TRUTH)
