"""The commands name and offers: what leaves an issue for one person or one school: docs/meeting.md."""

from __future__ import annotations

import argparse
from typing import Any

from earlywarning.cli.decisions import password_option
from earlywarning.cli.options import command_of, config_option, settings_of, steps
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import INPUT_FILE, INPUT_FOLDER, OWN_FOLDER, place


def _name(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.name(
            arguments.issue,
            by=arguments.by,
            recipient=arguments.recipient,
            reason=arguments.reason,
            names=arguments.names,
            out=arguments.out,
            password_file=arguments.password_file,
            step=step,
        )


def _offers(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline
    from earlywarning.policy import policy_of

    allowed = policy_of(settings_of(arguments)).sharing.per_school_files
    return pipeline.offers(arguments.issue, out=arguments.out, allowed=allowed)


def name_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "name",
        _name,
        "Write a marked copy of the panel's workbook and page with names, for one person.",
        "It is on record who made it, when, for whom and why, before the copy is made. No name is kept in "
        "the issue or in the record.",
    )
    place(command, "issue", INPUT_FOLDER, metavar="ISSUE", help="the folder of the issue")
    command.add_argument("--by", required=True, metavar="NAME", help="who makes the copy")
    command.add_argument("--recipient", required=True, metavar="NAME", help="for whom; on every page")
    command.add_argument("--reason", required=True, metavar="TEXT", help="why; no pupil is named")
    place(
        command,
        "--names",
        INPUT_FILE,
        required=True,
        metavar="FILE",
        help="CSV or Parquet with the columns pupil_id and name, kept away from the extracts",
    )
    place(
        command,
        "--out",
        OWN_FOLDER,
        required=True,
        metavar="DIR",
        help="where the copy goes, outside every issue",
    )
    password_option(command, "the workbook then asks for it, and no page is written")


def offers_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "offers",
        _offers,
        "Write what the panel agreed to offer, a file for each school.",
        "Off unless the policy file says [sharing] per_school_files = true. No band or reason is in them.",
    )
    place(command, "issue", INPUT_FOLDER, metavar="ISSUE", help="the folder of the issue")
    place(command, "--out", OWN_FOLDER, required=True, metavar="DIR", help="where the files go")
    config_option(command)
