"""The command line: arguments in, exit code out, no logic of its own. One file for each group of commands."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from earlywarning.cli import decisions, invent, issue, naming, phrasebook, promote, study, train, tune
from earlywarning.cli.outcome import (
    BUG,
    DEBUG,
    EXIT_CODES,
    INTERRUPTED,
    as_object,
    bug,
    interrupted,
    refused,
    tell,
)
from earlywarning.cli.places import look_at_places, option_of
from earlywarning.errors import EarlyWarningError, MachineRefused, WrongUsage

__all__ = ["BUG", "DEBUG", "EXIT_CODES", "INTERRUPTED", "main"]

COMMANDS = (
    invent.demo_command,
    invent.synth_command,
    train.check_command,
    train.train_command,
    train.audit_command,
    train.ablate_command,
    tune.tune_command,
    study.proxies_command,
    study.mitigate_command,
    issue.score_command,
    issue.explain_command,
    phrasebook.phrasebook_command,
    naming.name_command,
    decisions.decisions_commands,
    naming.offers_command,
    promote.promotion_commands,
)
"""What adds each command to the parser, in the order in which --help lists them."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        arguments = _parser().parse_args(given)
    except SystemExit as ended:
        if ended.code and "--json" in given:
            as_object("WrongUsage", "the command or an option is off; see --help", WrongUsage.exit_code)
        raise
    try:
        look_at_places(arguments)
        return tell(arguments.run(arguments), arguments.json)
    except EarlyWarningError as error:
        return refused(error, arguments.json)
    except KeyboardInterrupt:
        return interrupted(arguments.json)
    except OSError as error:
        why = f"{option_of(error, arguments)}the machine refused: {error.strerror or type(error).__name__}"
        return refused(MachineRefused(why), arguments.json)
    except Exception as error:  # noqa: BLE001 - anything else is a bug, and its message may hold data
        if str(error) == "Query interrupted":  # what DuckDB makes of a KeyboardInterrupt
            return interrupted(arguments.json)
        if arguments.json:
            as_object("Bug", f"a bug ({type(error).__name__}); see standard error", BUG)
        return bug(error)


def _parser() -> argparse.ArgumentParser:
    from earlywarning import __version__

    parser = argparse.ArgumentParser(
        prog="earlywarning",
        description=(
            "From a council's extracts to a termly list of pupils to talk about, with reasons a professional "
            "can check. It supports professionals and never decides."
        ),
        epilog="first steps:\n  earlywarning demo\n  earlywarning check DATA\n  earlywarning train DATA\n"
        "  earlywarning score DATA --as-of 2025-12-31 --out issues\n\n" + EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"earlywarning {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    return parser
