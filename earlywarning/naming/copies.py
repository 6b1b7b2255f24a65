"""The record of copies with names: who made which for whom, when and why. No pupil is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from earlywarning import chain, clock, ledger
from earlywarning.decisions import Published
from earlywarning.errors import GateRefused

FILE = "copies.jsonl"
LOCK = ".copies.lock"


@dataclass(frozen=True)
class Copies:
    """The copy that was just recorded: its number among the copies of its issue, and what marks it."""

    number: int
    recipient: str
    hash: str

    @property
    def mark(self) -> str:
        """What stands on every page."""
        return f"Copy {self.number}, for {self.recipient} only"


@contextmanager
def next_copy(issue: Published, *, by: str, recipient: str, reason: str, names: int) -> Iterator[Copies]:
    """The next copy of ``issue``, on record before the block makes it; ``names`` counts the pupils named.

    A copy that fails afterwards leaves its number used: there is never a copy that is not on record.

    Raises:
        WrongUsage: a word is missing, or holds what looks like a pupil's number.
        GateRefused: the record was changed by hand; no copy is made.
        MachineRefused: the record cannot be written; no copy is made.
    """
    said = {
        "by": ledger.said("by", by),
        "recipient": ledger.said("recipient", recipient),
        "reason": ledger.said("reason", reason),
    }
    folder = issue.folder.parent
    with chain.held(folder / LOCK, f"the record of copies in {folder}"):
        entries = copies_of(folder)
        number = 1 + sum(entry["issue"] == issue.name for entry in entries)
        body = {"at": clock.now().isoformat(), "issue": issue.name, "issue_hash": issue.hash, **said}
        added = chain.append(folder / FILE, entries, {**body, "copy": number, "named": names})
    yield Copies(number, said["recipient"], added["hash"])


def copies_of(issues: Path) -> tuple[chain.Body, ...]:
    """Every copy with names that was made of the issues in a folder.

    Raises:
        GateRefused: the record was changed by hand.
    """
    path = issues / FILE

    def broken(number: int) -> GateRefused:
        return GateRefused(
            f"The record of copies {path} was changed: entry {number} is not what was written there. No copy "
            "was made. Restore the file from a backup, and find out who changed it."
        )

    return chain.read(path, f"the record of copies {path}", broken)
