"""The command line: arguments in, exit code out, no logic of its own."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from earlywarning.errors import EarlyWarningError, MachineRefused, WrongUsage

EXIT_CODES = """\
exit codes:
  0  done
  2  wrong usage: an option or the configuration is off
  3  input refused: the extracts cannot be used as they are
  4  a gate or a model's contract refused
  5  the machine refused: disk, permission or lock
  130  interrupted
  anything else is a bug
"""
INTERRUPTED = 130
BUG = 1
DEBUG = "EARLYWARNING_DEBUG"

Result = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if argv is None else list(argv)
    try:
        arguments = _parser().parse_args(given)
    except SystemExit as ended:
        if ended.code and "--json" in given:
            _object("WrongUsage", "the command or an option is off; see --help", WrongUsage.exit_code)
        raise
    try:
        return _tell(arguments.run(arguments), arguments.json)
    except EarlyWarningError as error:
        return _refused(error, arguments.json)
    except KeyboardInterrupt:
        if arguments.json:
            _object("Interrupted", "interrupted; nothing was published", INTERRUPTED)
        sys.stderr.write("earlywarning: interrupted; nothing was published\n")
        return INTERRUPTED
    except OSError as error:
        return _refused(
            MachineRefused(f"the machine refused: {error.strerror or type(error).__name__}"), arguments.json
        )
    except Exception as error:  # noqa: BLE001 - anything else is a bug, and its message may hold data
        if arguments.json:
            _object("Bug", f"a bug ({type(error).__name__}); see standard error", BUG)
        return _bug(error)


def _tell(result: Result, as_json: bool) -> int:
    """Print what came out and return the exit code; a letter the terminal lacks is written as its number."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if as_json:
        sys.stdout.write(json.dumps(result, sort_keys=True, default=str, allow_nan=False) + "\n")
    else:
        sys.stdout.write("\n".join(result.get("lines", [])) + "\n")
    sys.stdout.flush()
    return int(result.get("exit_code", 0))


def _object(kind: str, message: str, code: int) -> None:
    told = {"error": kind, "message": message, "exit_code": code}
    sys.stdout.write(json.dumps(told, sort_keys=True) + "\n")


def _refused(error: EarlyWarningError, as_json: bool) -> int:
    if as_json:
        _object(type(error).__name__, str(error), error.exit_code)
    sys.stderr.write(f"earlywarning: {error}\n")
    return error.exit_code


def _bug(error: Exception) -> int:
    """Say where it went wrong without the message, which may hold a value that belongs to a pupil."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
        return BUG
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  {Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames]
    sys.stderr.write(
        "\n".join(
            [
                f"earlywarning: a bug ({type(error).__name__}). Please report this; no data is in it:",
                *places,
                f"To see the message as well, on your own machine only: set {DEBUG}=1.",
                "",
            ]
        )
    )
    return BUG


def _demo(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with _steps() as step:
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
    with _steps() as step:
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


def _check(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with _steps() as step:
        return pipeline.check_extracts(
            arguments.data, settings=_settings(arguments), quarantine=arguments.quarantine, step=step
        )


def _train(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with _steps() as step:
        return pipeline.train(
            arguments.data,
            settings=_settings(arguments),
            models=arguments.models,
            engine=arguments.engine,
            known_by=arguments.known_by,
            keep=arguments.keep,
            step=step,
        ).summary


def _audit(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with _steps() as step:
        return pipeline.audit(
            arguments.data,
            settings=_settings(arguments),
            models=arguments.models,
            out=arguments.out,
            step=step,
        )


def _score(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with _steps() as step:
        return pipeline.score(
            arguments.data,
            as_of=arguments.as_of,
            out=arguments.out,
            settings=_settings(arguments),
            models=arguments.models,
            engine=arguments.engine,
            known_by=arguments.known_by,
            keep=arguments.keep,
            step=step,
        )


def _ablate(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with _steps() as step:
        return pipeline.ablate(
            arguments.data,
            settings=_settings(arguments),
            out=arguments.out,
            features=arguments.features,
            step=step,
        )


def _explain(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with _steps() as step:
        return pipeline.explain(
            arguments.data,
            as_of=arguments.as_of,
            pupil=arguments.pupil,
            settings=_settings(arguments),
            models=arguments.models,
            step=step,
        )


def _promote(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    with _steps() as step:
        return pipeline.promote(
            by=arguments.by,
            reason=arguments.reason,
            data=arguments.data,
            exception=arguments.exception,
            expires=arguments.expires,
            settings=_settings(arguments),
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
        "settings": _settings(arguments),
        "models": arguments.models,
    }


def _ledger(arguments: argparse.Namespace) -> Result:
    from earlywarning import pipeline

    return pipeline.ledger_entries(arguments.models)


def _settings(arguments: argparse.Namespace) -> Any:
    from earlywarning import config

    return config.load(arguments.config)


@contextlib.contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
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


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a date; write it as 2025-12-31") from None


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
    _demo_command(commands)
    _synth_command(commands)
    _check_command(commands)
    _train_command(commands)
    _audit_command(commands)
    _ablate_command(commands)
    _score_command(commands)
    _explain_command(commands)
    _promotion_commands(commands)
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], Result], about: str, more: str = ""
) -> Any:
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


def _reads(command: Any, *, models: bool = True) -> None:
    command.add_argument(
        "data", metavar="DATA", type=Path, help="folder with one Parquet or CSV file a table"
    )
    _config(command)
    if models:
        _models(command)


def _config(command: Any) -> None:
    command.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: the secondary.toml shipped)"
    )


def _models(command: Any) -> None:
    command.add_argument(
        "--models",
        type=Path,
        default=Path("models"),
        metavar="DIR",
        help="where models are kept (default: models)",
    )


def _engine(command: Any) -> None:
    command.add_argument(
        "--known-by", type=_date, metavar="DATE", help="as if the extract had been taken on that day"
    )
    command.add_argument(
        "--engine", default="duckdb", help="where frames live: duckdb (default), polars, pandas or spark"
    )
    command.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="keep finished features here and use them again: the next run reads new rows only. Holds "
        "pupils' data, for you alone; delete it whenever you like",
    )


def _size(command: Any, pupils: int, years: int) -> None:
    command.add_argument(
        "--pupils", type=int, default=pupils, help="pupils on roll at a time (default: %(default)s)"
    )
    command.add_argument("--years", type=int, default=years, help="academic years (default: %(default)s)")
    command.add_argument("--seed", type=int, default=1, help="same seed, same bytes (default: 1)")


def _demo_command(commands: Any) -> None:
    command = _command(
        commands,
        "demo",
        _demo,
        "Everything on an invented authority: extracts, model, audit, list.",
        "Writes data, models and an issue under one folder. Nothing in it is evidence about real pupils.",
    )
    command.add_argument(
        "--out", type=Path, default=Path("earlywarning-demo"), metavar="DIR", help="folder to write"
    )
    _size(command, 6000, 5)


def _synth_command(commands: Any) -> None:
    command = _command(
        commands,
        "synth",
        _synth,
        "Write the extracts of an invented bi-borough, the truth kept apart.",
        "As many pupils and schools as the two boroughs have, and the published rates. The switches make "
        "worlds that differ in one known way; docs/synthetic.md says what a good tool should then say.",
    )
    command.add_argument(
        "out", metavar="OUT", type=Path, help="folder to write; it must not exist or be empty"
    )
    _size(command, 33_774, 6)
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
        type=_date,
        metavar="DATE",
        help="from the half term that begins on DATE or later secondary schools suspend more readily",
    )
    group.add_argument("--drift", action="store_true", help="need rises from year to year")
    group.add_argument(
        "--supported", action="store_true", help="half of the listed pupils are helped, and their risk falls"
    )


def _check_command(commands: Any) -> None:
    command = _command(
        commands,
        "check",
        _check,
        "Say of every row whether it can be used, and if not, why.",
        "Writes nothing unless --quarantine is given: then the rows set aside, by table, rule and row.",
    )
    _reads(command, models=False)
    command.add_argument("--quarantine", type=Path, metavar="FILE", help="CSV of the rows set aside")


def _train_command(commands: Any) -> None:
    command = _command(
        commands,
        "train",
        _train,
        "Train on earlier years, test on a later one, audit, register a challenger.",
        "Gates run first: checks for leaks and a canary on permuted labels. The simple rules are on the same "
        "list.",
    )
    _reads(command)
    _engine(command)


def _audit_command(commands: Any) -> None:
    command = _command(
        commands,
        "audit",
        _audit,
        "How the list falls on groups of pupils, on the year the model was tested on.",
    )
    _reads(command)
    command.add_argument("--out", type=Path, metavar="FILE", help="also write the audit as an HTML page")


def _ablate_command(commands: Any) -> None:
    command = _command(
        commands,
        "ablate",
        _ablate,
        "What each family of features adds on the test year; one that adds nothing can be left out.",
        "The model is trained again without each family the study has, whatever the settings leave out.",
    )
    _reads(command, models=False)
    command.add_argument(
        "--features", action="store_true", help="also leave out each single feature (takes much longer)"
    )
    command.add_argument("--out", type=Path, metavar="FILE", help="also write the report as an HTML page")


def _score_command(commands: Any) -> None:
    command = _command(
        commands,
        "score",
        _score,
        "Publish one issue of the list, whole or not at all.",
        "The folder holds panel.html and panel.xlsx for the panel, scores.parquet for the data scientist and "
        "manifest.json.",
    )
    _reads(command)
    command.add_argument(
        "--as-of", type=_date, required=True, metavar="DATE", help="the day on which the data are cut"
    )
    command.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder that holds the issues"
    )
    _engine(command)


def _explain_command(commands: Any) -> None:
    command = _command(
        commands,
        "explain",
        _explain,
        "What is held about one pupil; what raises and lowers the estimate.",
        "For a subject access request, or to prepare a conversation. Prints to the screen; writes nothing.",
    )
    _reads(command)
    command.add_argument(
        "--as-of", type=_date, required=True, metavar="DATE", help="the day on which the data are cut"
    )
    command.add_argument("--pupil", required=True, metavar="PUPIL_ID", help="the pseudonym in the extracts")


def _promotion_commands(commands: Any) -> None:
    """Promote, withdraw, roll back, and what was done: docs/promotion.md."""
    promote = _command(
        commands,
        "promote",
        _promote,
        "Make the challenger champion: the model that makes the list.",
        "It needs a fresh audit, a gain over the best rule beyond chance on two matured years where they "
        "exist, and precision at capacity no more than 5 points worse; or an exception that ends. A refusal "
        "is recorded too.",
    )
    promote.add_argument(
        "--data", type=Path, metavar="DATA", help="the extracts it was trained on: test and audit it again"
    )
    promote.add_argument(
        "--known-by", type=_date, metavar="DATE", help="with --data, where training had it: the same day"
    )
    promote.add_argument(
        "--exception", metavar="TEXT", help="why it may be used although something is missing"
    )
    promote.add_argument(
        "--expires", type=_date, metavar="DATE", help="the last day of the exception, within a year"
    )
    withdraw = _command(
        commands, "withdraw", _withdraw, "Withdraw the champion: the best rule then makes the list."
    )
    rollback = _command(commands, "rollback", _rollback, "Make the champion before this one champion again.")
    for command in (promote, withdraw, rollback):
        command.add_argument("--by", required=True, metavar="NAME", help="who decides")
        command.add_argument("--reason", required=True, metavar="TEXT", help="why; no pupil is named")
        _config(command)
        _models(command)
    _models(_command(commands, "ledger", _ledger, "Every promotion, refusal, withdrawal and rollback."))


if __name__ == "__main__":
    sys.exit(main())
