"""How often the audit of a panel's decisions raises an alarm: an even panel, and one that is not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from tqdm import tqdm

from earlywarning.audit import Comparison
from earlywarning.audit.decisions import decisions_audit

LISTED, ON_ROLL = (60, 120, 240), 4_000
SHARES, SUPPORTED, HALF = (0.25, 0.75), 0.6, 0.5
MOST_CONCERNS = 18 / 200
ASKED = tuple(Comparison("group", group, metric) for group in "AB" for metric in ("supported", "added"))


def decided(runs: int, seed: int = 2) -> dict[str, Any]:
    """Verdicts on group A (a quarter), by how many are listed, supported as often, or half as often.

    The limit is that of the list's audit: a concern in 18 of 200 even panels at most.
    """
    random = np.random.default_rng(seed)
    found = {}
    for listed in LISTED:
        for name, times in (("even", 1.0), ("half as often", HALF)):
            concerns, said = 0, Counter[Any]()
            for _ in tqdm(range(runs), desc=f"{listed} listed, {name}"):
                audit = decisions_audit(*_panel(random, listed, times), declared=ASKED)
                concerns += audit.verdicts["concern"]
                said[audit.declared.loc[0, "verdict"]] += 1
            found[f"{listed} listed, {name}"] = {
                "runs": runs,
                "with_a_concern": concerns,
                "group A, supported": dict(said),
                "met": name != "even" or concerns <= MOST_CONCERNS * runs,
            }
    return found


def _panel(random: np.random.Generator, listed: int, times: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    group: npt.NDArray[Any] = random.choice(["A", "B"], ON_ROLL, p=SHARES)
    on = np.arange(ON_ROLL) < listed
    supported = on & (random.random(ON_ROLL) < SUPPORTED * np.where(group == "A", times, 1.0))
    added = ~on & (random.random(ON_ROLL) < 0.01)
    nobody = np.zeros(ON_ROLL, dtype=bool)
    marks = {"listed": on, "supported": supported, "declined": nobody, "nominated": added}
    return pd.DataFrame(marks), pd.DataFrame({"group": group})
