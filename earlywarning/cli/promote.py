"""The commands promote, withdraw, rollback and ledger: docs/promotion.md."""

from __future__ import annotations

import argparse
from typing import Any

from earlywarning.cli.options import command_of, config_option, date, models_option, settings_of, steps
from earlywarning.cli.outcome import Result
from earlywarning.cli.places import INPUT_FOLDER, place


def _promote(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with steps() as step:
        return pipeline.promote(
            by=arguments.by,
            reason=arguments.reason,
            data=arguments.data,
            exception=arguments.exception,
            expires=arguments.expires,
            settings=settings_of(arguments),
            models=arguments.models,
            known_by=arguments.known_by,
            step=step,
        )


def _withdraw(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    return pipeline.withdraw(**_signed(arguments))


def _rollback(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    return pipeline.rollback(**_signed(arguments))


def _signed(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "by": arguments.by,
        "reason": arguments.reason,
        "settings": settings_of(arguments),
        "models": arguments.models,
    }


def _ledger(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    return pipeline.ledger_entries(arguments.models)


def promotion_commands(commands: Any) -> None:
    """Promote, withdraw, roll back, and what was done: docs/promotion.md."""
    promote = command_of(
        commands,
        "promote",
        _promote,
        "Make the challenger champion: the model that makes the list.",
        "It needs a fresh audit, a gain over the best rule beyond chance on two matured years where they "
        "exist, and precision at capacity no more than 5 points worse; or an exception that ends. A refusal "
        "is recorded too.",
    )
    place(
        promote,
        "--data",
        INPUT_FOLDER,
        metavar="DATA",
        help="the extracts it was trained on: test and audit it again",
    )
    promote.add_argument(
        "--known-by", type=date, metavar="DATE", help="with --data, where training had it: the same day"
    )
    promote.add_argument(
        "--exception", metavar="TEXT", help="why it may be used although something is missing"
    )
    promote.add_argument(
        "--expires", type=date, metavar="DATE", help="the last day of the exception, within a year"
    )
    withdraw = command_of(
        commands, "withdraw", _withdraw, "Withdraw the champion: the best rule then makes the list."
    )
    rollback = command_of(
        commands, "rollback", _rollback, "Make the champion before this one champion again."
    )
    for command in (promote, withdraw, rollback):
        command.add_argument("--by", required=True, metavar="NAME", help="who decides")
        command.add_argument("--reason", required=True, metavar="TEXT", help="why; no pupil is named")
        config_option(command)
        models_option(command)
    models_option(
        command_of(commands, "ledger", _ledger, "Every promotion, refusal, withdrawal and rollback.")
    )
