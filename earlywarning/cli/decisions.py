"""The command decisions: what the panel filled in, read back and audited: docs/meeting.md."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from earlywarning.cli.options import command_of
from earlywarning.cli.outcome import Result


def _import(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    return pipeline.import_decisions(
        arguments.workbook,
        issue=arguments.issue,
        replace=arguments.replace,
        password_file=arguments.password_file,
    )


def decisions_commands(commands: Any) -> None:
    """Add them to the parser."""
    about = "What the panel decided, read back from its workbook."
    group = commands.add_parser("decisions", help=about, description=about)
    actions = group.add_subparsers(dest="action", metavar="ACTION", required=True)
    command = command_of(
        actions,
        "import",
        _import,
        "Keep what the panel filled in.",
        "Rows that are understood are kept; every other row is named with its column and rule, and the exit "
        "code is 3. Nothing that was kept before is overwritten; the same workbook again changes nothing.",
    )
    command.add_argument("workbook", type=Path, metavar="WORKBOOK", help="the panel.xlsx that was filled in")
    issue_option(command)
    command.add_argument(
        "--replace",
        action="store_true",
        help="where a row says something else than what was kept, it stands from now on; what was kept "
        "before stays in the record",
    )
    password_option(command, "opens the workbook, if it has one")


def issue_option(command: Any) -> None:
    """Add ``--issue``."""
    command.add_argument(
        "--issue", type=Path, required=True, metavar="DIR", help="the folder of the issue it belongs to"
    )


def password_option(command: Any, what: str) -> None:
    """Add ``--password-file``."""
    command.add_argument(
        "--password-file", type=Path, metavar="FILE", help=f"file whose first line is the password: {what}"
    )
