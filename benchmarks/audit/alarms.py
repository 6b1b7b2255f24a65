"""How often the audit raises an alarm: where there is nothing to find, and where a gap was planted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.audit.cohort import ATTRIBUTES, Cohort
from earlywarning.audit import Comparison, fairness_audit
from earlywarning.audit.comparisons import DECLARED

MOST_CONCERNS = 18 / 200
PLANTED, POSITIVES, FEWEST_FOUND = 1.5, 100, 0.9


def null(pupils: Cohort, runs: int, seed: int = 0) -> dict[str, Any]:
    """Attributes permuted between all pupils, each with all of its dates: no group differs in truth.

    Groups of which nothing was declared are put together, which leaves the others of each group as they are.
    """
    random, seen, cases = np.random.default_rng(seed), 0, Counter[str]()
    one_each = pupils.rows.drop_duplicates("pupil_id").set_index("pupil_id")[ATTRIBUTES]
    for name in ATTRIBUTES:
        asked = {each.group for each in DECLARED if each.attribute == name}
        one_each[name] = one_each[name].where(one_each[name].isin(asked), "others")
    for _ in tqdm(range(runs), desc="data sets without a gap"):
        permuted = one_each.take(random.permutation(len(one_each))).set_axis(one_each.index)
        attributes = permuted.loc[pupils.rows["pupil_id"]].reset_index(drop=True)
        found = fairness_audit(**pupils.given(attributes, pupils.outcome(random))).verdicts
        seen += found["concern"]
        cases.update(found["counts"])
    return {
        "data_sets": runs,
        "with_a_concern": seen,
        "met": seen <= MOST_CONCERNS * runs,
        "verdicts": dict(cases),
    }


def planted(pupils: Cohort, runs: int, seed: int = 1) -> dict[str, Any]:
    """Groups in which 1.5 events come for each one expected: Black Caribbean, and pupils drawn at random.

    The random group is drawn anew in each data set, of a size that expects 100 positives.
    """
    random = np.random.default_rng(seed)
    given = pupils.rows["ethnicity"].eq("BCRB").to_numpy()
    ids, code = np.unique(pupils.rows["pupil_id"], return_inverse=True)
    share = POSITIVES / PLANTED / float(pupils.rows["score"].sum())
    return {
        "Black Caribbean": _planted(pupils, lambda: given, runs, random),
        "pupils at random": _planted(pupils, lambda: (random.random(len(ids)) < share)[code], runs, random),
    }


def _planted(pupils: Cohort, group: Any, runs: int, random: np.random.Generator) -> dict[str, Any]:
    """The verdicts on a group in which the outcome is more frequent than its score says."""
    asked = Comparison("planted", "yes", "observed_over_expected")
    cases: Counter[Any] = Counter()
    positives = []
    for _ in tqdm(range(runs), desc="data sets with a planted gap"):
        inside = group()
        attributes = pd.DataFrame({"planted": np.where(inside, "yes", "no")})
        y = pupils.outcome(random, np.where(inside, PLANTED, 1.0))
        audit = fairness_audit(**pupils.given(attributes, y), declared=(asked, *DECLARED[1:]))
        cases[audit.declared.loc[0, "verdict"]] += 1
        positives.append(int(y[inside].sum()))
    found = (cases["watch"] + cases["concern"]) / runs
    return {
        "data_sets": runs,
        "mean_positives": float(np.mean(positives)),
        "found": found,
        "met": found >= FEWEST_FOUND,
        "verdicts": dict(cases),
    }
