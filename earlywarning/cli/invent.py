"""The commands demo and synth: invented authorities."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from earlywarning.cli.options import command_of, date, size_options, steps
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import OWN_FOLDER, place
from earlywarning.errors import WrongUsage


def _demo(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.demo(
            arguments.out, pupils=arguments.pupils, years=arguments.years, seed=arguments.seed, step=step
        )


def _synth(arguments: argparse.Namespace) -> Result:
    from earlywarning.invented import synth
    from earlywarning.synthetic.switches import Switches

    if arguments.simulations is not None and not arguments.check_targets:
        raise WrongUsage("--simulations goes with --check-targets. Add that, or leave it out.")
    simulations = 20 if arguments.simulations is None else arguments.simulations
    switches = Switches(
        no_signal=arguments.no_signal,
        bias=arguments.bias,
        bias_size=arguments.bias_size,
        silent_school=arguments.silent_school,
        policy_change=arguments.policy_change,
        drift=arguments.drift,
        supported=arguments.supported,
    )
    with steps() as step:
        return synth(
            arguments.out,
            pupils=arguments.pupils,
            years=arguments.years,
            seed=arguments.seed,
            format=arguments.format,
            switches=switches,
            simulations=simulations if arguments.check_targets else None,
            step=step,
        )


def demo_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "demo",
        _demo,
        "Everything on an invented authority: extracts, model, audit, list.",
        "Writes data, models and an issue under one folder. Nothing in it is evidence about real pupils.",
    )
    place(
        command,
        "--out",
        OWN_FOLDER,
        default=Path("earlywarning-demo"),
        metavar="DIR",
        help="folder to write",
    )
    size_options(command, 6000, 5)


def synth_command(commands: Any) -> None:
    """Add it to the parser."""
    command = command_of(
        commands,
        "synth",
        _synth,
        "Write the extracts of an invented bi-borough, the truth kept apart.",
        "As many pupils and schools as the two boroughs have, and the published rates. The switches make "
        "worlds that differ in one known way; docs/synthetic.md says what a good tool should then say.",
    )
    place(command, "out", OWN_FOLDER, metavar="OUT", help="folder to write; it must not exist or be empty")
    size_options(command, 33_774, 6)
    command.add_argument(
        "--format", choices=("parquet", "csv"), default="parquet", help="file format (default: parquet)"
    )
    _switches(command.add_argument_group("worlds that differ in one known way"))
    targets = command.add_argument_group("the published figures")
    targets.add_argument(
        "--check-targets",
        action="store_true",
        help="print every published figure beside what the generator makes on average and in this folder; "
        "exit code 4 if one is not met (takes some minutes more)",
    )
    targets.add_argument(
        "--simulations", type=int, metavar="N", help="authorities in the average (default: 20)"
    )


def _switches(group: Any) -> None:
    group.add_argument("--no-signal", action="store_true", help="outcomes hang on nothing at all")
    group.add_argument(
        "--bias",
        default="label",
        metavar="KIND",
        help="label: the same incident is answered differently by group (default); measurement: more of the "
        "same behaviour is written down; none",
    )
    group.add_argument(
        "--bias-size", type=float, default=1.0, metavar="X", help="multiplies the bias (default: 1)"
    )
    group.add_argument(
        "--silent-school", action="store_true", help="a secondary school sends nothing in the last year"
    )
    group.add_argument(
        "--policy-change",
        type=date,
        metavar="DATE",
        help="from the half term that begins on DATE or later secondary schools suspend more readily",
    )
    group.add_argument("--drift", action="store_true", help="need rises from year to year")
    group.add_argument(
        "--supported", action="store_true", help="half of the listed pupils are helped, and their risk falls"
    )
