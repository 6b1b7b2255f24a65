"""``python -m benchmarks.audit STUDY [DATA]``: arguments in, JSON out; exit code 1: a limit is not met."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any


def main(arguments: list[str] | None = None) -> int:
    """Run one of the studies and return its exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks.audit", description=__doc__)
    studies = parser.add_subparsers(dest="study", required=True)
    studies.add_parser("coverage", help="how often the intervals hold the truth")
    decisions = studies.add_parser("decisions", help="the same of a panel's decisions, half as often or even")
    decisions.add_argument("--runs", type=int, default=100)
    for name, runs, about in (
        ("null", 200, "how often a concern is raised where attributes were permuted between pupils"),
        ("planted", 200, "how often a calibration ratio of 1.5 in a group with 100 positives is found"),
        ("speed", 0, "2,000 resamples beside those of Fairlearn"),
    ):
        study = studies.add_parser(name, help=about)
        study.add_argument("data", type=Path, help="folder written by earlywarning synth")
        if runs:
            study.add_argument("--runs", type=int, default=runs)
            study.add_argument("--seed", type=int, default=int(name == "planted"))
    for study in studies.choices.values():
        study.add_argument("--json", action="store_true", help="as it always is: JSON")
    found = _found(parser.parse_args(arguments))
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    parts = [found] if "met" in found else list(found.values())
    return 0 if all(part["met"] for part in parts) else 1


def _found(given: argparse.Namespace) -> dict[str, Any]:
    if given.study == "coverage":
        from benchmarks.audit.coverage import coverage

        return coverage()
    if given.study == "decisions":
        from benchmarks.audit.decided import decided

        return decided(given.runs)
    from benchmarks.audit.cohort import cohort

    pupils = cohort(given.data)
    if given.study == "speed":
        from benchmarks.audit.speed import speed

        return speed(pupils)
    from benchmarks.audit.alarms import null, planted

    return (null if given.study == "null" else planted)(pupils, given.runs, given.seed)


if __name__ == "__main__":
    sys.exit(main())
