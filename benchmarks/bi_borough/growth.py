"""Time and memory of the generator at the published size and at ten times it, each in its own process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from earlywarning.synthetic.schools import PUPILS

TIMES = (1, 3, 10)
YEARS = 3
GENERATE = """
import resource, sys
from pathlib import Path
from earlywarning.synthetic import generate
made = generate(Path(sys.argv[1]), pupils=int(sys.argv[2]), years=int(sys.argv[3]))
print(made.rows["attendance"], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def growth() -> list[dict[str, Any]]:
    """Pupils, sessions, seconds and the largest memory in gigabytes, with ratios to the smallest."""
    told: list[dict[str, Any]] = []
    for times in TIMES:
        with tempfile.TemporaryDirectory(prefix="earlywarning-") as scratch:
            begun = time.perf_counter()
            command = [sys.executable, "-c", GENERATE, str(Path(scratch) / "data")]
            ran = subprocess.run(
                [*command, str(times * PUPILS), str(YEARS)], capture_output=True, text=True, check=True
            )
            seconds = time.perf_counter() - begun
        sessions, kilobytes = (int(word) for word in ran.stdout.split())
        one = {"pupils": times * PUPILS, "years": YEARS, "sessions": sessions}
        told.append(one | {"seconds": round(seconds, 1), "gigabytes": round(kilobytes / 1e6, 2)})
    for one in told:
        one["times_the_time"] = round(one["seconds"] / told[0]["seconds"], 2)
        one["times_the_memory"] = round(one["gigabytes"] / told[0]["gigabytes"], 2)
    return told
