"""The ledger: which model was promoted, refused, withdrawn or rolled back, by whom, when and why.

One line of JSON an entry in ``ledger.jsonl``. Each entry holds the hash of the one before and its own, so
that a line changed, taken out or moved shows at the next reading. A last line taken out shows by the marks:
what the record of models (:func:`earlywarning.tracking.ledger_marks`) says was the last entry of each study.
No pupil is in it, and a name only where somebody gave theirs.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from earlywarning import chain
from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.explain.phrases import say

FILE = "ledger.jsonl"
LOCK = ".ledger.lock"
DONE = {
    "promotion": "promoted",
    "refusal": "refused promotion, asked for",
    "withdrawal": "withdrawn",
    "rollback": "made champion again",
}
"""Every action, and how it is said."""
LONGEST = 2000


@dataclass(frozen=True)
class Model:
    """Which model an entry is about: its version and run, and the hashes of what it is and was made from.

    ``bundle_hash`` is of everything in its folder, ``model_hash`` of what decides a list.
    """

    version: int
    run_id: str
    model_hash: str
    bundle_hash: str
    data_hash: str
    synthetic: bool


@dataclass(frozen=True)
class Entry:
    """One entry. ``evidence`` are plain JSON values; ``missing`` is what was not met, in sentences.

    Something missing is why a refusal refused, and what an ``exception`` excuses until ``expires``.
    """

    number: int
    at: str
    study: str
    action: str
    by: str
    reason: str
    model: Model
    evidence: Mapping[str, Any]
    missing: tuple[str, ...]
    exception: str | None
    expires: str | None
    before: str
    hash: str = ""

    def line(self) -> bytes:
        """The entry as it stands in the file."""
        return chain.line(asdict(self))

    def sealed(self) -> Entry:
        """The entry with its hash: SHA-256 of all the rest of it."""
        return _entry(chain.sealed(asdict(self)))

    @property
    def mark(self) -> str:
        """What is remembered elsewhere of the last entry, so that it cannot go unseen."""
        return f"{self.number} {self.hash}"


@dataclass(frozen=True)
class Succession:
    """The promotions of one study that neither a withdrawal nor a rollback undid, in order of time.

    The last is the champion while ``standing``; after a withdrawal there is none.
    """

    promoted: tuple[Entry, ...] = ()
    standing: bool = False

    @property
    def champion(self) -> Entry | None:
        """The promotion that stands."""
        return self.promoted[-1] if self.standing else None

    @property
    def before(self) -> Succession:
        """What a rollback leaves: the champion before stands."""
        left = self.promoted[:-1] if self.standing else self.promoted
        return Succession(left, standing=bool(left))


def read(models: Path, marks: Mapping[str, str]) -> tuple[Entry, ...]:
    """Every entry, in order, found as it was written; none where nothing was ever promoted.

    ``marks`` are the last entries remembered elsewhere, by study.

    Raises:
        GateRefused: a line was changed, taken out, put in or moved; the message has the entry's number.
    """
    path = models / FILE

    def broken(number: int) -> GateRefused:
        return _broken(path, number, "is not what was written there")

    entries = []
    for number, body in enumerate(chain.read(path, f"the ledger {path}", broken), start=1):
        try:
            entries.append(_entry(body))
        except (ValueError, TypeError, KeyError):
            raise broken(number) from None
    _refuse_shortened(path, entries, marks)
    return tuple(entries)


def succession(entries: Iterable[Entry], study: str) -> Succession:
    """What the ledger says stands for ``study``. A model promoted again counts once, as promoted last."""
    now = Succession()
    for entry in entries:
        if entry.study != study:
            continue
        if entry.action == "promotion":
            others = (each for each in now.promoted if each.model.run_id != entry.model.run_id)
            now = Succession((*others, entry), standing=True)
        elif entry.action == "withdrawal":
            now = Succession(now.promoted[:-1])
        elif entry.action == "rollback":
            now = now.before
    return now


def told(entry: Entry) -> list[str]:
    """The entry as people read it."""
    model, when = entry.model, dt.datetime.fromisoformat(entry.at)
    what = f"{entry.study} version {model.version}"
    lines = [
        f"{entry.number}. {say(when.date())}, {when:%H:%M} UTC: {what} {DONE[entry.action]} by {entry.by}.",
        f"Reason: {entry.reason}",
        *(["INVENTED DATA: nothing here is evidence about real pupils."] if model.synthetic else []),
        *entry.evidence.get("told", ()),
        *([f"Missing: {'; '.join(entry.missing)}."] if entry.missing else []),
        *([f"Exception asked for, until {entry.expires}: {entry.exception}"] if entry.exception else []),
        f"Model {model.model_hash[:12]}, data {model.data_hash[:12]}, entry {entry.hash[:12]}.",
    ]
    return [lines[0], *(f"   {line}" for line in lines[1:])]


def as_read(entries: Sequence[Entry]) -> list[str]:
    """The whole ledger as people read it: every entry, who is champion, and the hash to keep elsewhere."""
    if not entries:
        return ["The ledger is empty: no model has been promoted."]
    lines = [line for entry in entries for line in told(entry)]
    for study in sorted({entry.study for entry in entries}):
        champion = succession(entries, study).champion
        lines.append(
            f"No champion of {study}: its lists are the best rule's."
            if champion is None
            else f"Champion of {study}: version {champion.model.version}, by entry {champion.number}."
        )
    return [*lines, f"To keep in the minutes: entry {entries[-1].number} has the hash {entries[-1].hash}."]


@contextmanager
def held(models: Path) -> Iterator[None]:
    """Nobody else writes in the ledger during the block, on Windows too; a process that ends lets go.

    Raises:
        MachineRefused: somebody else is writing, or the folder cannot be written.
    """
    with chain.held(models / LOCK, f"the ledger of {models}"):
        yield


def append(models: Path, entries: Sequence[Entry], entry: Entry) -> Entry:
    """``entry`` with its number and hashes, on the disk after ``entries``; a crash leaves those alone there.

    To be called while the ledger is :func:`held`, with what :func:`read` gave meanwhile.
    """
    return _entry(chain.append(models / FILE, [asdict(each) for each in entries], asdict(entry)))


def said(what: str, text: str) -> str:
    """``text`` as somebody gave it for the option ``what``, without spaces around it.

    Raises:
        WrongUsage: it is empty or too long, holds what no page can show, or a pupil's number.
    """
    clean = text.strip()
    if not clean or len(clean) > LONGEST or not clean.isprintable():
        raise WrongUsage(
            f"--{what}: words on one line are needed, at most {LONGEST:,} characters. They are kept for good."
        )
    if looks_like_a_pupil(clean):
        raise WrongUsage(f"--{what} holds what looks like a pupil's number. No pupil belongs in the ledger.")
    return clean


def looks_like_a_pupil(text: str) -> bool:
    """Whether a pseudonym or a unique pupil number is in ``text``.

    >>> looks_like_a_pupil("about A999000024001"), looks_like_a_pupil("Alder 3")
    (True, False)
    """
    return _PUPIL.search(text) is not None


# A pseudonym or a unique pupil number.
_PUPIL = re.compile(r"\bp[0-9a-f]{16}\b|\b[A-Za-z]\d{11}[0-9A-Za-z]\b")


def _entry(body: Mapping[str, Any]) -> Entry:
    """The entry that ``body`` is; raises ``ValueError``, ``TypeError`` or ``KeyError`` where it is none."""
    if body["action"] not in DONE:
        raise ValueError("an action that the ledger does not know")
    return Entry(**{**body, "model": Model(**body["model"]), "missing": tuple(body["missing"])})


def _refuse_shortened(path: Path, entries: Sequence[Entry], marks: Mapping[str, str]) -> None:
    written = {entry.mark for entry in entries}
    lost = [int(mark.split()[0]) for mark in marks.values() if mark not in written]
    if lost:
        raise _broken(path, min(lost), "is not there, or is another than the one that was recorded")


def _broken(path: Path, number: int, what: str) -> GateRefused:
    return GateRefused(
        f"The ledger {path} was changed: entry {number} {what}. Nothing is promoted and no list is made from "
        "it. Restore the file from a backup, and find out who changed it."
    )
