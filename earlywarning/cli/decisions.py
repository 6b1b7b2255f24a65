"""The command decisions: what the panel filled in, read back and audited: docs/meeting.md."""

from __future__ import annotations

import argparse
from typing import Any

from earlywarning.cli.options import command_of, reads, settings_of, steps
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import INPUT_FILE, INPUT_FOLDER, NEW_FILE, SETTINGS, place


def _import(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    return pipeline.import_decisions(
        arguments.workbook,
        issue=arguments.issue,
        replace=arguments.replace,
        password_file=arguments.password_file,
    )


def _audit(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.audit_decisions(
            arguments.data,
            issues=arguments.issue,
            settings=settings_of(arguments),
            out=arguments.out,
            public=arguments.public,
            step=step,
        )


def decisions_commands(commands: Any) -> None:
    """Add them to the parser."""
    about = "What the panel decided, read back from its workbook."
    group = commands.add_parser("decisions", help=about, description=about)
    actions = group.add_subparsers(dest="action", metavar="import|audit", required=True)
    command = command_of(
        actions,
        "import",
        _import,
        "Keep what the panel filled in.",
        "Rows that are understood are kept; every other row is named with its column and rule, and the exit "
        "code is 3. Nothing that was kept before is overwritten; the same workbook again changes nothing.",
    )
    place(command, "workbook", INPUT_FILE, metavar="WORKBOOK", help="the panel.xlsx that was filled in")
    issue_option(command)
    command.add_argument(
        "--replace",
        action="store_true",
        help="where a row says something else than what was kept, it stands from now on; what was kept "
        "before stays in the record",
    )
    password_option(command, "opens the workbook, if it has one")
    audit = command_of(
        actions,
        "audit",
        _audit,
        "How the panel's decisions fall on groups of pupils, and how good the list was.",
        "Who was listed and supported, declined or not decided about, and who was added though not listed. "
        "Pupils who were supported are counted apart from how good the list was.",
    )
    reads(audit, models=False)
    place(
        audit,
        "--issue",
        INPUT_FOLDER,
        required=True,
        action="append",
        metavar="DIR",
        help="the folder of an issue; give it again for each meeting, and decisions are pooled",
    )
    place(audit, "--out", NEW_FILE, metavar="FILE", help="also write every comparison as CSV")
    place(
        audit,
        "--public",
        NEW_FILE,
        metavar="FILE",
        help="also write a CSV that may leave the team: small counts are hidden as the policy says",
    )


def issue_option(command: Any) -> None:
    """Add ``--issue``."""
    place(
        command,
        "--issue",
        INPUT_FOLDER,
        required=True,
        metavar="DIR",
        help="the folder of the issue it belongs to",
    )


def password_option(command: Any, what: str) -> None:
    """Add ``--password-file``."""
    place(
        command,
        "--password-file",
        SETTINGS,
        metavar="FILE",
        help=f"file whose first line is the password: {what}",
    )
