"""The commands proxies and mitigate: studies beside the model, docs/policy.md."""

from __future__ import annotations

import argparse
from typing import Any

from earlywarning.cli.options import command_of, reads, settings_of, steps
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import NEW_FILE, place


def _proxies(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.proxies(
            arguments.data, settings=settings_of(arguments), out=arguments.out, csv=arguments.csv, step=step
        )


def _mitigate(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.mitigate(
            arguments.data,
            settings=settings_of(arguments),
            added=arguments.added,
            labels=arguments.label,
            attributes=arguments.attribute,
            out=arguments.out,
            csv=arguments.csv,
            step=step,
        )


def proxies_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "proxies",
        _proxies,
        "How well the inputs tell ethnicity and SEN, which no model is given.",
        "Nothing that is learnt here is kept.",
    )
    reads(command, models=False)
    _reports(command)


def mitigate_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "mitigate",
        _mitigate,
        "What each group would gain or lose if the list were made in other ways: a study, not a switch.",
        "The model is trained again without each family in use, and as the options say. Nothing is saved.",
    )
    reads(command, models=False)
    for name, what, metavar in (
        ("--with", "also with this feature, which is off (may be repeated)", "FEATURE"),
        ("--label", "also trained for this label (may be repeated)", "LABEL"),
        ("--attribute", "also with Fairlearn's reductions between its groups (may be repeated)", "ATTRIBUTE"),
    ):
        dest = {"--with": "added"}.get(name, name.removeprefix("--"))
        command.add_argument(name, dest=dest, action="append", default=[], metavar=metavar, help=what)
    _reports(command)


def _reports(command: Any) -> None:
    place(command, "--out", NEW_FILE, metavar="FILE", help="also write the report as an HTML page")
    place(command, "--csv", NEW_FILE, metavar="FILE", help="also write every row as a table")
