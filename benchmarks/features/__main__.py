"""Features against SQL written by hand, pandas, and one plain reading of attendance.

python -m benchmarks.features --json

Makes an invented authority (33,774 pupils on roll, three years, nine dates; Parquet, one file a table, dates
as date32, codes as string, sorted by date), checks that all sides give the same numbers, runs the sides of
each comparison in turns, each time in a process of its own, and prints the ratio of the medians beside its
limit. Ends with 1 when a limit is not met. --growth adds ten times the pupils (about 390 million sessions, 2
GB of disk, half an hour).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq

from earlywarning.synthetic.schools import PUPILS

YEARS = 3
LARGER = 10
RATIOS = {
    "attendance over sql": ("attendance: earlywarning", "attendance: sql", 1.5),
    "pandas over attendance": ("attendance: pandas", "attendance: earlywarning", 5.0),
    "all over sql": ("all: earlywarning", "all: sql", 1.5),
    "all over reading attendance once": ("all: earlywarning", "attendance: read once", 6.0),
    "new term over from scratch": ("new term: kept", "all: earlywarning", 0.25),
}
AT_LEAST = {"pandas over attendance"}
MEMORY = {"attendance gigabytes": ("attendance: earlywarning", 1.0)}


def run(module: str, *arguments: object) -> dict[str, Any]:
    """What a module of this benchmark prints, in a process of its own."""
    command = [sys.executable, "-m", f"benchmarks.features.{module}", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def measured(sides: list[str], data: Path, scratch: Path, repeats: int) -> dict[str, dict[str, float]]:
    """The medians of each side, the sides in turns."""
    runs: dict[str, list[dict[str, float]]] = {side: [] for side in sides}
    for number in range(1, repeats + 1):
        for side in sides:
            print(f"{number} of {repeats}: {side}", file=sys.stderr, flush=True)
            runs[side].append(run("sides", side, data, scratch))
    return {
        side: {what: round(median(one[what] for one in of_side), 3) for what in of_side[0]}
        for side, of_side in runs.items()
    }


def lines(found: dict[str, dict[str, float]], names: list[str]) -> dict[str, dict[str, Any]]:
    """Each ratio with its limit, and whether it is met."""
    told = {}
    for name in names:
        one, other, limit = RATIOS[name]
        value = found[one]["seconds"] / found[other]["seconds"]
        met = value >= limit if name in AT_LEAST else value <= limit
        told[name] = {"value": round(value, 3), "limit": limit, "met": met}
    for name, (side, limit) in MEMORY.items():
        if side in found:
            value = found[side]["gigabytes"]
            told[name] = {"value": value, "limit": limit, "met": value <= limit}
    return told


def growth(scratch: Path, data: Path, repeats: int) -> dict[str, Any]:
    """All families over ten times the pupils: how many times the time and the memory."""
    larger = scratch / "larger"
    (scratch / "of larger").mkdir()
    run("invented", larger, scratch / "of larger", LARGER * PUPILS, YEARS)
    small = measured(["all: earlywarning"], data, scratch, repeats)["all: earlywarning"]
    large = measured(["all: earlywarning"], larger, scratch / "of larger", repeats)["all: earlywarning"]
    rows = {
        name: pq.read_metadata(at / "attendance.parquet").num_rows
        for name, at in (("1", data), ("10", larger))
    }
    value = (large["seconds"] / small["seconds"]) / (rows["10"] / rows["1"])
    return {
        "sessions": rows,
        "once": small,
        "ten times": large,
        "time for each session": {"value": round(value, 3), "limit": 1.2, "met": value <= 1.2},
    }


def main() -> int:
    """Run the comparisons and print them; 1 when a limit is not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    parser.add_argument("--pupils", type=int, default=PUPILS)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=list(RATIOS), default=list(RATIOS), metavar="RATIO")
    parser.add_argument("--data", type=Path, help="extracts that are there, instead of new ones")
    parser.add_argument("--growth", action="store_true", help="also ten times the pupils")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of words")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="earlywarning-benchmark-") as name:
        scratch = Path(name)
        data = asked.data or scratch / "data"
        if asked.data is None:
            run("invented", data, scratch, asked.pupils, YEARS)
        print("checking that the sides give the same numbers", file=sys.stderr, flush=True)
        same = run("same", data, scratch)
        sides = list(dict.fromkeys(side for ratio in asked.only for side in RATIOS[ratio][:2]))
        found = measured(sides, data, scratch, asked.repeats)
        told = {
            "cpus": os.cpu_count(),
            "versions": {name: version(name) for name in ("duckdb", "narwhals", "pandas", "pyarrow")},
            "sessions": pq.read_metadata(data / "attendance.parquet").num_rows,
            "repeats": asked.repeats,
            **same,
            "medians": found,
            "ratios": lines(found, asked.only),
        }
        if asked.growth:
            told["growth"] = growth(scratch, data, asked.repeats)
            told["ratios"]["growth, time for each session"] = told["growth"]["time for each session"]
    if asked.json:
        print(json.dumps(told))
    else:
        for ratio, one in told["ratios"].items():
            met = "met" if one["met"] else "NOT MET"
            print(f"{ratio:<36}{one['value']:>8}  limit {one['limit']:<6}{met}")
    return 0 if all(one["met"] for one in told["ratios"].values()) else 1


if __name__ == "__main__":
    sys.exit(main())
