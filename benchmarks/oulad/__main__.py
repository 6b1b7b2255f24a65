"""``python -m benchmarks.oulad --data DIR --json [--out DIR]``: arguments in, figures out."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.oulad.convert import convert
from benchmarks.oulad.evaluate import listed, tested
from benchmarks.oulad.study_days import DAYS
from earlywarning.errors import EarlyWarningError
from earlywarning.pipeline import Step


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark and return its exit code."""
    given = _parser().parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="earlywarning-") as scratch:
            days = run(given.data, given.days, Path(scratch), given.out)
    except EarlyWarningError as error:
        sys.stderr.write(f"benchmarks.oulad: {error}\n")
        return error.exit_code
    sys.stdout.write((json.dumps({"days": days}, indent=2) if given.json else _table(days)) + "\n")
    return 0


def run(source: Path, days: list[int], scratch: Path, out: Path | None) -> dict[str, Any]:
    """The figures of each day; models, reports and lists are kept under ``out`` where it is given."""
    folder = scratch / "tables"
    folder.mkdir()
    convert(source, folder)
    models = (out or scratch) / "models"
    told = {}
    for day in days:
        figures = tested(folder, day, models, _say(f"day {day}"))
        if out is not None:
            figures["issue"] = listed(source, day, models, out / "lists", _say(f"day {day}, list"))
        told[str(day)] = figures
    return told


def _say(what: str) -> Step:
    def step(doing: str) -> None:
        sys.stderr.write(f"{what}: {doing}\n")

    return step


def _table(days: dict[str, Any]) -> str:
    lines = [f"{'day':>4} {'n':>6} {'AUROC':>20} {'average precision':>20} {'Brier':>20}"]
    for day, told in days.items():
        cells = [
            f"{told[name]:.3f} ({told['intervals'][name][0]:.3f} to {told['intervals'][name][1]:.3f})"
            for name in ("auroc", "average_precision", "brier")
        ]
        lines.append(f"{day:>4} {told['n_test']:>6} " + " ".join(f"{cell:>20}" for cell in cells))
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.oulad",
        description="The whole path on real learners; benchmarks/oulad/README.md says what and how.",
    )
    add = parser.add_argument
    add("--data", type=Path, required=True, metavar="DIR", help="folder with the files of the dataset")
    add("--json", action="store_true", help="print one JSON object to standard output")
    add("--out", type=Path, metavar="DIR", help="keep models and reports here, and write the lists")
    add("--days", type=int, nargs="+", default=list(DAYS), choices=DAYS, help="days to run (default: all)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
