"""The batch run on DuckDB and on Spark, side by side.

python -m benchmarks.spark --json

Makes invented extracts of each size (Parquet files of the declared types, one a table), trains one small
model on the first, and draws the list on both engines in one run, checking that it is the same list. A line
through the sizes gives each engine's seconds to begin with and seconds for a million sessions, and the size
at which the two lines meet, if they do.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from earlywarning import pipeline
from earlywarning.config import FeatureSettings, ModelSettings, Settings
from earlywarning.dataset.roll import on_roll
from earlywarning.model.bundle import Bundle
from earlywarning.studies import STUDIES
from earlywarning.synthetic import generate
from earlywarning.trial import capacity_of
from earlywarning.watchlist.drawn import draw_list

ENGINES = ("duckdb", "spark")
STUDY = STUDIES["secondary"]
SETTINGS = Settings(model=ModelSettings(seeds=2, refits=5), features=FeatureSettings(STUDY.family_names))
Times = dict[str, float]


def timed(engine: str, data: Path, bundle: Bundle, as_of: dt.date) -> tuple[Times, pd.DataFrame]:
    """Seconds of each step on ``engine``, from opening it to the list, and the list."""
    clock = [time.perf_counter()]

    def lap() -> float:
        clock.append(time.perf_counter())
        return clock[-1] - clock[-2]

    times: Times = {}
    with pipeline.checked_extracts(STUDY, data, SETTINGS, engine) as checked:
        times["open and check"] = lap()
        roll = on_roll(STUDY, pipeline.build_history(STUDY, checked, [as_of]))
        times["features"] = lap()
        drawn = draw_list(bundle, roll, capacity_of(STUDY, SETTINGS, roll.rows), 0)
        times["score and draw"] = lap()
    times["all"] = sum(times.values())
    return times, drawn.frame


def compared(data: Path, bundle: Bundle, repeats: int) -> dict[str, Any]:
    """Medians of both engines on the extracts in ``data``, in turns, and that the lists are the same."""
    with pipeline.checked_extracts(STUDY, data, SETTINGS) as checked:
        as_of = pipeline.build_history(STUDY, checked).calendar.as_of_dates[-1]
    runs: dict[str, list[Times]] = {engine: [] for engine in ENGINES}
    for _ in range(repeats):
        lists = {}
        for engine in ENGINES:
            times, lists[engine] = timed(engine, data, bundle, as_of)
            runs[engine].append(times)
        pd.testing.assert_frame_equal(lists["spark"], lists["duckdb"], check_exact=True)
    told: dict[str, Any] = {"sessions": pq.read_metadata(data / "attendance.parquet").num_rows}
    for engine in ENGINES:
        told[engine] = {step: round(median(run[step] for run in runs[engine]), 2) for step in runs[engine][0]}
    told["spark_over_duckdb"] = round(told["spark"]["all"] / told["duckdb"]["all"], 1)
    return told


def lines(sizes: list[dict[str, Any]]) -> dict[str, Any]:
    """Each engine's line through the sizes, and the millions of sessions at which they meet (or ``None``)."""
    millions = [size["sessions"] / 1e6 for size in sizes]
    fits = {engine: np.polyfit(millions, [size[engine]["all"] for size in sizes], 1) for engine in ENGINES}
    told: dict[str, Any] = {
        engine: {"seconds_to_begin": round(float(start), 2), "seconds_a_million": round(float(slope), 2)}
        for engine, (slope, start) in fits.items()
    }
    (fast, begins), (slow, late) = fits["duckdb"], fits["spark"]
    told["meet_at_million_sessions"] = (
        round(float((late - begins) / (fast - slow)), 1) if fast > slow else None
    )
    return told


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark", description=__doc__)
    parser.add_argument("--pupils", type=int, nargs="+", default=[1000, 4000], help="sizes, smallest first")
    parser.add_argument("--years", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of words")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="earlywarning-benchmark-") as name:
        folder = Path(name)
        for pupils in asked.pupils:
            generate(folder / str(pupils), pupils=pupils, years=asked.years, seed=1)
        first = folder / str(asked.pupils[0])
        bundle = pipeline.train(first, settings=SETTINGS, models=folder / "models").bundle
        sizes = [{"pupils": p} | compared(folder / str(p), bundle, asked.repeats) for p in asked.pupils]
    told = {"cpus": os.cpu_count(), "years": asked.years, "repeats": asked.repeats, "sizes": sizes}
    told["lines"] = lines(sizes) if len(sizes) > 1 else None
    print(json.dumps(told) if asked.json else json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
