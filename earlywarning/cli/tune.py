"""The command tune: other hyperparameters, compared with the defaults inside the training years."""

from __future__ import annotations

import argparse
from typing import Any

from earlywarning.cli.options import command_of, reads, settings_of, steps
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import NEW_FILE, place


def _tune(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.tune(
            arguments.data,
            settings=settings_of(arguments),
            models=arguments.models,
            out=arguments.out,
            trials=arguments.trials,
            step=step,
        )


def tune_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "tune",
        _tune,
        "Look for better settings of the model, inside the training years; the defaults are good without.",
        "Each trial is trained on earlier training years and tested on later ones; the test year is never "
        "touched. The best is then shown beside the defaults: use it where the gain is beyond chance, keep "
        "the defaults where it is not. Broken off, the same command goes on where it ended; with more "
        "--trials it goes further. Then: earlywarning train DATA --config FILE. Needs Optuna: "
        "pip install 'earlywarning[tuning]'. docs/tuning.md says more.",
    )
    reads(command)
    command.add_argument(
        "--trials",
        type=int,
        default=30,
        metavar="N",
        help="settings to try, those of a search broken off included (default: 30; more finds mostly luck)",
    )
    place(
        command,
        "--out",
        NEW_FILE,
        metavar="FILE",
        help="where to write the settings (default: tuned-STUDY.toml beside the models)",
    )
