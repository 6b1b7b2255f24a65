"""Files and folders that a command is given: looked at before anything is done, each by its option's name.

Input that is not there or is no such thing is refused as input (3), settings and what is written as wrong
usage (2), and what may not be opened as the machine's (5).
"""

from __future__ import annotations

import argparse
import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earlywarning.errors import EarlyWarningError, InputRefused, MachineRefused, WrongUsage


@dataclass(frozen=True)
class Kind:
    """What is wanted at a path: a ``folder`` or a file, ``made`` by the command or there before it."""

    folder: bool
    made: bool = False
    refusal: type[EarlyWarningError] = WrongUsage


SETTINGS = Kind(folder=False)
INPUT_FILE = Kind(folder=False, refusal=InputRefused)
INPUT_FOLDER = Kind(folder=True, refusal=InputRefused)
NEW_FILE = Kind(folder=False, made=True)
OWN_FOLDER = Kind(folder=True, made=True)


def place(command: Any, name: str, kind: Kind, **given: Any) -> None:
    """Add an option or argument whose value is a path of a kind; ``given`` is what argparse takes."""
    action = command.add_argument(name, type=Path, **given)
    command.set_defaults(places=(*(command.get_default("places") or ()), (action, kind)))


def look_at_places(arguments: argparse.Namespace) -> None:
    """Nothing, when every path given is what its option asks for.

    Raises:
        InputRefused: input is not there, or is a file for a folder or a folder for a file.
        WrongUsage: the same of settings, or nothing can be written there.
        MachineRefused: a permission stands in the way.
    """
    for called, path, kind, required in _given(arguments):
        try:
            fault = _to_make(path, kind) if kind.made else _to_read(path, kind)
        except OSError as error:
            raise MachineRefused(
                f"{called}: the machine refused '{path}' ({error.strerror}). Free the permission, or give "
                "another."
            ) from None
        if fault:
            leave_out = "" if required else f", or leave out {called}"
            raise kind.refusal(f"{called}: {fault}{leave_out}.")


def option_of(error: OSError, arguments: argparse.Namespace) -> str:
    """The option under whose path the machine refused, with a colon; empty where that is not known."""
    if not isinstance(error.filename, str):
        return ""
    met = Path(error.filename).absolute()
    above = (met, *met.parents)  # the nearest first
    at = {path.absolute(): called for called, path, _, _ in _given(arguments)}
    return next((f"{at[path]}: " for path in above if path in at), "")


def _given(arguments: argparse.Namespace) -> Iterable[tuple[str, Path, Kind, bool]]:
    for action, kind in getattr(arguments, "places", ()):
        given = getattr(arguments, action.dest)
        called = action.option_strings[0] if action.option_strings else str(action.metavar)
        for path in given if isinstance(given, list) else [given]:
            if path is not None:
                yield called, path, kind, action.required


def _to_read(path: Path, kind: Kind) -> str:
    """What is wrong with something to read, and what to give; empty when nothing is."""
    wanted = "folder" if kind.folder else "file"
    if not path.exists():
        return f"there is no {wanted} '{path}'. Give one that is there"
    if path.is_dir() != kind.folder:
        return f"'{path}' is a {'file' if kind.folder else 'folder'}. Give a {wanted}"
    _refuse_forbidden(path, os.R_OK | (os.X_OK if kind.folder else 0))
    return ""


def _to_make(path: Path, kind: Kind) -> str:
    """What stands in the way of writing there, and what to give; empty when nothing does."""
    if path.exists() and path.is_dir() != kind.folder:
        return f"'{path}' is a {'file. Give a folder' if kind.folder else 'folder. Give a file'} to write"
    above = path.absolute().parent
    while kind.folder and not above.exists():
        above = above.parent
    if not above.exists():
        return f"there is no folder '{path.parent}' to write in. Make it first or give another"
    if not above.is_dir():
        return f"'{above.name}' on the way to '{path}' is a file. Give another"
    if not (kind.folder and path.exists()):  # one that is there may be only read: a ledger, another's models
        _refuse_forbidden(above, os.W_OK)
    return ""


def _refuse_forbidden(path: Path, how: int) -> None:
    if not os.access(path, how):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
