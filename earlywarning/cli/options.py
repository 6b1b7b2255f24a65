"""Options that several commands share, and the progress they show."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from earlywarning.cli.outcome import EXIT_CODES, Result
from earlywarning.cli.places import INPUT_FOLDER, OWN_FOLDER, SETTINGS, place


def settings_of(arguments: argparse.Namespace) -> Any:
    """The settings that ``--config`` names, or the shipped ones."""
    from earlywarning import config

    return config.load(arguments.config)


@contextlib.contextmanager
def steps() -> Iterator[Callable[[str], None]]:
    """A progress bar on standard error while a terminal is attached; silence otherwise."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(bar_format="{desc:<46}{elapsed}", leave=False, file=sys.stderr) as bar:

        def step(what: str) -> None:
            bar.set_description_str(what)
            bar.update()

        yield step


def date(text: str) -> dt.date:
    """A day written as 2025-12-31; anything else is wrong usage."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date; write it as 2025-12-31") from None


def command_of(
    commands: Any, name: str, run: Callable[[argparse.Namespace], Result], about: str, more: str = ""
) -> Any:
    """A new command with ``--json`` and the exit codes under its help; ``run`` is what it does."""
    command = commands.add_parser(
        name,
        help=about,
        description=f"{about} {more}".strip(),
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--json", action="store_true", help="print one JSON object to standard output")
    command.set_defaults(run=run)
    return command


def reads(command: Any, *, models: bool = True) -> None:
    """Add DATA, ``--config`` and, unless told otherwise, ``--models``."""
    place(command, "data", INPUT_FOLDER, metavar="DATA", help="folder with one Parquet or CSV file a table")
    config_option(command)
    if models:
        models_option(command)


def config_option(command: Any) -> None:
    """Add ``--config``."""
    place(
        command, "--config", SETTINGS, metavar="FILE", help="settings (default: the secondary.toml shipped)"
    )


def models_option(command: Any) -> None:
    """Add ``--models``."""
    place(
        command,
        "--models",
        OWN_FOLDER,
        default=Path("models"),
        metavar="DIR",
        help="where models are kept (default: models)",
    )


def engine_options(command: Any) -> None:
    """Add ``--known-by``, ``--engine`` and ``--keep``: how features are built."""
    command.add_argument(
        "--known-by",
        type=date,
        metavar="DATE",
        help="as if the extract had been taken on that day (for a list: --as-of or later)",
    )
    command.add_argument(
        "--engine", default="duckdb", help="where frames live: duckdb (default), polars, pandas or spark"
    )
    place(
        command,
        "--keep",
        OWN_FOLDER,
        metavar="DIR",
        help="keep finished features here and use them again: the next run reads new rows only. Holds "
        "pupils' data, for you alone; delete it whenever you like",
    )


def size_options(command: Any, pupils: int, years: int) -> None:
    """Add the size and the seed of an invented authority."""
    command.add_argument(
        "--pupils", type=int, default=pupils, help="pupils on roll at a time (default: %(default)s)"
    )
    command.add_argument("--years", type=int, default=years, help="academic years (default: %(default)s)")
    command.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default: 1)")
