"""The command phrasebook: what is said, for professionals to review."""

from __future__ import annotations

import argparse
from typing import Any

from earlywarning.cli.options import command_of
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import NEW_FILE, SETTINGS, place


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
    place(either, "--out", NEW_FILE, metavar="FILE", help="new file to write")
    place(either, "--check", SETTINGS, metavar="FILE", help="check an edited copy and write nothing")
