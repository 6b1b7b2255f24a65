"""A record that only grows: a line of JSON an entry, each sealed with the hash of the one before.

A line changed, taken out or moved shows at the next reading. A last line taken out does not: where that
matters, keep the hash of the last entry somewhere else as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from earlywarning.errors import MachineRefused
from earlywarning.files import only_run, write_whole

NOTHING_BEFORE = "0" * 64
Body = dict[str, Any]


def line(body: Mapping[str, Any]) -> bytes:
    r"""An entry as it stands in the file: the same entry, the same bytes.

    >>> line({"number": 1, "by": "Zoë"})
    b'{"by":"Zo\xc3\xab","number":1}\n'
    """
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


def sealed(body: Mapping[str, Any]) -> Body:
    """The entry with its ``hash``: SHA-256 of all the rest of it."""
    blank = {**body, "hash": ""}
    return {**blank, "hash": sha256(line(blank).rstrip(b"\n")).hexdigest()}


def read(path: Path, called: str, broken: Callable[[int], Exception]) -> tuple[Body, ...]:
    """Every entry of the file, in order, found as it was written; none where there is no file.

    ``called`` is how messages say what the file is; ``broken`` makes the error for an entry, by its number.

    Raises:
        Exception: what ``broken`` makes, for the first line that was changed, taken out, put in or moved.
        MachineRefused: the file cannot be read.
    """
    try:
        data = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise MachineRefused(f"{_upper(called)} cannot be read: {error.strerror}.") from error
    entries: list[Body] = []
    for number, written in enumerate(data.splitlines(keepends=True), start=1):
        before = entries[-1]["hash"] if entries else NOTHING_BEFORE
        entry = _entry(written)
        if entry is None or entry.get("number") != number or entry.get("before") != before:
            raise broken(number)
        entries.append(entry)
    return tuple(entries)


def append(path: Path, entries: Sequence[Body], body: Mapping[str, Any]) -> Body:
    """``body`` with its number and hashes, on the disk after ``entries``; a crash leaves those alone there.

    To be called while the file is :func:`held`, with what :func:`read` gave meanwhile.
    """
    before = entries[-1]["hash"] if entries else NOTHING_BEFORE
    added = sealed({**body, "number": len(entries) + 1, "before": before})
    write_whole(path, b"".join(line(each) for each in (*entries, added)))
    return added


@contextmanager
def held(lock: Path, called: str) -> Iterator[None]:
    """Nobody else writes during the block, on Windows too; a process that ends lets go.

    Raises:
        MachineRefused: somebody else is writing, or the folder cannot be written.
    """
    refusal = f"Another run is writing in {called}. Nothing was changed; run again in a moment."
    try:
        with only_run(lock, refusal):
            yield
    except OSError as error:
        raise MachineRefused(
            f"{_upper(called)} cannot be written: {error.strerror or type(error).__name__}. Nothing "
            "was changed. Free the disk or the permission, then run again."
        ) from error


def _entry(written: bytes) -> Body | None:
    """The entry that a line is, to the last byte; None where it is another than was written."""
    try:
        entry = json.loads(written)
        whole = isinstance(entry, dict) and line(entry) == written and sealed(entry) == entry
    except ValueError:
        return None
    return entry if whole else None


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
