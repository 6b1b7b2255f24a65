"""The command phrasebook: what is said, for professionals to review."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from earlywarning.cli.options import command_of
from earlywarning.cli.outcome import Result


def _phrasebook(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    return pipeline.phrasebook(out=arguments.out, check=arguments.check)


def phrasebook_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "phrasebook",
        _phrasebook,
        "Every sentence the panel may read, to review and change.",
        "Prints it, or writes it with --out. Name an edited copy in the settings; docs/reasons.md says how.",
    )
    either = command.add_mutually_exclusive_group()
    either.add_argument("--out", type=Path, metavar="FILE", help="new file to write")
    either.add_argument("--check", type=Path, metavar="FILE", help="check an edited copy and write nothing")
