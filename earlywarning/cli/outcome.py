"""What a run says when it ends: the result, a refusal or a bug, and its exit code."""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from earlywarning.errors import EarlyWarningError

EXIT_CODES = """\
exit codes:
  0  done
  2  wrong usage: an option, the settings or a place to write is off
  3  input refused: what was given to read (DATA, an issue, a workbook, names) is not there, or cannot be
     used as it is
  4  a gate or a model's contract refused
  5  the machine refused: disk, permission or lock
  130  interrupted
  anything else is a bug
"""


INTERRUPTED = 130


BUG = 1


DEBUG = "EARLYWARNING_DEBUG"


Result = dict[str, Any]


def tell(result: Result, as_json: bool) -> int:
    """Print what came out and return the exit code; a letter the terminal lacks is written as its number."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if as_json:
        sys.stdout.write(json.dumps(result, sort_keys=True, default=str, allow_nan=False) + "\n")
    else:
        sys.stdout.write("\n".join(result.get("lines", [])) + "\n")
    sys.stdout.flush()
    return int(result.get("exit_code", 0))


def as_object(kind: str, message: str, code: int) -> None:
    """Print a refusal as one JSON object."""
    told = {"error": kind, "message": message, "exit_code": code}
    sys.stdout.write(json.dumps(told, sort_keys=True) + "\n")


def refused(error: EarlyWarningError, as_json: bool) -> int:
    """Say what was refused, without a traceback, and return its exit code."""
    if as_json:
        as_object(type(error).__name__, str(error), error.exit_code)
    sys.stderr.write(f"earlywarning: {error}\n")
    return error.exit_code


def interrupted(as_json: bool) -> int:
    """The exit code of a run that somebody broke off, which it says."""
    if as_json:
        as_object("Interrupted", "interrupted; nothing was published", INTERRUPTED)
    sys.stderr.write("earlywarning: interrupted; nothing was published\n")
    return INTERRUPTED


def bug(error: Exception) -> int:
    """Say where it went wrong without the message, which may hold a value that belongs to a pupil."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
        return BUG
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  {Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames]
    sys.stderr.write(
        "\n".join(
            [
                f"earlywarning: a bug ({type(error).__name__}). Please report this; no data is in it:",
                *places,
                f"To see the message as well, on your own machine only: set {DEBUG}=1.",
                "",
            ]
        )
    )
    return BUG
