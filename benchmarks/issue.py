"""What a finished issue costs beside its features.

    python -m benchmarks.issue DATA --models DIR --as-of DATE

Both sides in one run, taking turns, each from the extracts: ``build_features`` checks them and makes the
features of everyone on roll; ``score`` does the same, ranks, gives reasons, draws the pages and the workbook,
and publishes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from earlywarning import build_features, config, pipeline

ALLOWED = 3.0


def cost(data: Path, models: Path, as_of: dt.date, repeats: int) -> dict[str, Any]:
    """Median seconds of both sides, and their ratio."""
    families = config.load().features.families
    built, scored = [], []
    with tempfile.TemporaryDirectory(prefix="earlywarning-issue-") as scratch:
        out = (Path(scratch) / str(turn) for turn in range(repeats))
        for _ in range(repeats):
            built.append(_seconds(lambda: build_features(data, as_of, families=families)))
            scored.append(_seconds(lambda: pipeline.score(data, as_of=as_of, out=next(out), models=models)))
    features, issue = statistics.median(built), statistics.median(scored)
    return {
        "repeats": repeats,
        "features_seconds": round(features, 1),
        "issue_seconds": round(issue, 1),
        "ratio": round(issue / features, 3),
        "allowed": ALLOWED,
    }


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> int:
    """Print the figures; 1 when the issue costs more than is allowed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.issue", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of extracts")
    parser.add_argument("--models", type=Path, required=True, help="the models folder, with a champion")
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True, help="the day of the list")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    told = cost(given.data, given.models, given.as_of, given.repeats)
    sys.stdout.write(json.dumps(told) + "\n")
    return int(told["ratio"] > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
