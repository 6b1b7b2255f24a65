"""The commands score and explain: a list, and one pupil."""

from __future__ import annotations

import argparse
from typing import Any

from earlywarning.cli.options import command_of, date, engine_options, reads, settings_of, steps
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import OWN_FOLDER, place


def _score(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.score(
            arguments.data,
            as_of=arguments.as_of,
            out=arguments.out,
            settings=settings_of(arguments),
            models=arguments.models,
            engine=arguments.engine,
            known_by=arguments.known_by,
            keep=arguments.keep,
            step=step,
        )


def _explain(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.explain(
            arguments.data,
            as_of=arguments.as_of,
            pupil=arguments.pupil,
            settings=settings_of(arguments),
            models=arguments.models,
            step=step,
        )


def score_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "score",
        _score,
        "Publish one issue of the list, whole or not at all.",
        "The folder holds panel.html and panel.xlsx for the panel, briefing.html without pupils, "
        "scores.parquet for the data scientist, listing.parquet, against which decisions are read back, and "
        "manifest.json.",
    )
    reads(command)
    command.add_argument(
        "--as-of", type=date, required=True, metavar="DATE", help="the day on which the data are cut"
    )
    place(command, "--out", OWN_FOLDER, required=True, metavar="DIR", help="folder that holds the issues")
    engine_options(command)


def explain_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "explain",
        _explain,
        "What is held about one pupil; what raises and lowers the estimate.",
        "For a subject access request, or to prepare a conversation. Prints to the screen; writes nothing.",
    )
    reads(command)
    command.add_argument(
        "--as-of", type=date, required=True, metavar="DATE", help="the day on which the data are cut"
    )
    command.add_argument("--pupil", required=True, metavar="PUPIL_ID", help="the pseudonym in the extracts")
