"""The commands check, train, audit and ablate: from extracts to a tested model."""

from __future__ import annotations

import argparse
from typing import Any

from earlywarning.cli.options import command_of, engine_options, reads, settings_of, steps
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import NEW_FILE, place


def _check(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.check_extracts(
            arguments.data, settings=settings_of(arguments), quarantine=arguments.quarantine, step=step
        )


def _train(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.train(
            arguments.data,
            settings=settings_of(arguments),
            models=arguments.models,
            engine=arguments.engine,
            known_by=arguments.known_by,
            keep=arguments.keep,
            step=step,
        ).summary


def _audit(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.audit(
            arguments.data,
            settings=settings_of(arguments),
            models=arguments.models,
            out=arguments.out,
            public=arguments.public,
            step=step,
        )


def _ablate(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.ablate(
            arguments.data,
            settings=settings_of(arguments),
            out=arguments.out,
            features=arguments.features,
            step=step,
        )


def check_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "check",
        _check,
        "Say of every row whether it can be used, and if not, why.",
        "Writes nothing unless --quarantine is given: then the rows set aside, by table, rule and row.",
    )
    reads(command, models=False)
    place(command, "--quarantine", NEW_FILE, metavar="FILE", help="CSV of the rows set aside")


def train_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "train",
        _train,
        "Train on earlier years, test on a later one, audit, register a challenger.",
        "Gates run first: checks for leaks and a canary on permuted labels. The simple rules are on the same "
        "list.",
    )
    reads(command)
    engine_options(command)


def audit_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "audit",
        _audit,
        "How the list falls on groups of pupils, on the year the model was tested on.",
    )
    reads(command)
    place(command, "--out", NEW_FILE, metavar="FILE", help="also write the audit as an HTML page")
    place(
        command,
        "--public",
        NEW_FILE,
        metavar="FILE",
        help="also write a CSV that may leave the team: no small counts",
    )


def ablate_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "ablate",
        _ablate,
        "What each family of features adds on the test year; one that adds nothing can be left out.",
        "The model is trained again without each family the study has, whatever the settings leave out.",
    )
    reads(command, models=False)
    command.add_argument(
        "--features", action="store_true", help="also leave out each single feature (takes much longer)"
    )
    place(command, "--out", NEW_FILE, metavar="FILE", help="also write the report as an HTML page")
