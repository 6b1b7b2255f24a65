"""An authority and its spine, made in a process of its own: python -m benchmarks.features.invented."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.features.sides import write_spine
from earlywarning.synthetic import generate

if __name__ == "__main__":
    data, scratch, pupils, years = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    generate(data, pupils=pupils, years=years, seed=1)
    print(json.dumps({"dates": write_spine(data, scratch)}))
