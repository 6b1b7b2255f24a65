"""Put an issue on disk whole or not at all."""

from __future__ import annotations

import filecmp
import os
import shutil
import sys
from pathlib import Path

from earlywarning.errors import MachineRefused, WrongUsage
from earlywarning.files import only_run
from earlywarning.watchlist.issue import Issue
from earlywarning.watchlist.outputs import OUTPUTS

LOCK = ".earlywarning.lock"


def publish(issue: Issue, out_dir: Path) -> Path:
    """The folder ``out_dir/<issue name>`` (absolute), complete, readable by its owner only.

    The files are written beside it under a hidden name, brought to disk and renamed in one step, so that a
    crash at any moment leaves earlier issues as they were and no half of this one. Publishing the same
    issue again is accepted and changes nothing.

    Raises :class:`WrongUsage` when another issue of that name is there (an issue is never overwritten), and
    :class:`MachineRefused` when the disk, a permission or another run under way is in the way.
    """
    try:
        return _publish(issue, Path(out_dir).absolute())
    except OSError as error:
        raise MachineRefused(
            f"The issue could not be written to {out_dir}: {error.strerror or type(error).__name__}. "
            "Earlier issues are as they were. Free the disk or the permission, then run again."
        ) from error


def _publish(issue: Issue, out_dir: Path) -> Path:
    out_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder, half = out_dir / issue.name, out_dir / f".{issue.name}.unfinished"
    busy = f"Another run is publishing to {out_dir}. Nothing was written. Run again when it has ended."
    with only_run(out_dir / LOCK, busy):
        _remove(half)  # whatever a crash left: nobody else can be writing it while the lock is held
        try:
            _write(issue, half)
            if folder.exists():
                _refuse_another(half, folder)
            else:
                half.rename(folder)
                _flush(out_dir)
        finally:
            _remove(half)
    return folder


def _write(issue: Issue, half: Path) -> None:
    half.mkdir(mode=0o700)
    for name, write in OUTPUTS.items():
        write(issue, half / name)  # each is on the disk, for its owner only, when this returns
    _flush(half)


def _refuse_another(half: Path, folder: Path) -> None:
    """Nothing; raises :class:`WrongUsage` unless what is published already is this very issue."""
    _, differ, absent = filecmp.cmpfiles(half, folder, list(OUTPUTS), shallow=False)
    if differ or absent:
        raise WrongUsage(
            f"{folder} is already there and {', '.join(sorted(differ + absent))} would not be the same. "
            "An issue is never overwritten (decisions may be in it): nothing was written. "
            "Give another --out, or move the old folder away first."
        )


def _flush(folder: Path) -> None:
    """Nothing; returns when the folder's entries are on the disk. Windows has no such call for folders."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
