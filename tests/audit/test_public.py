"""What leaves the team: no small count, and no rate that gives one away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.audit.public import COLUMNS, PARTS, public_audit
from earlywarning.disclosure import TOTAL


def made() -> pd.DataFrame:
    chance = np.random.default_rng(3)
    listed, event = chance.random(900) < 0.1, chance.random(900) < 0.08
    known = chance.random(900) < 0.95
    group = np.where(chance.random(900) < 0.03, "rare", np.where(chance.random(900) < 0.4, "A", "B"))
    attributes = pd.DataFrame({"group": group, "sex": np.where(chance.random(900) < 0.5, "F", None)})
    told = public_audit(event, known, listed, attributes, fewest=5, rounded_to=5)
    told.attrs["known"] = int(known.sum())
    return told


def test_no_small_count_is_told_and_everybody_is_a_row() -> None:
    told = made()
    assert told.columns.tolist() == list(COLUMNS)
    counts = told[[*PARTS, TOTAL]]
    assert counts.isna().to_numpy().any()
    assert ((counts.fillna(0) == 0) | (counts.fillna(0) >= 5)).all(axis=None)
    assert (counts.fillna(0) % 5 == 0).all(axis=None)
    everybody = told[told["group"] == TOTAL]
    assert (everybody[TOTAL] - told.attrs["known"]).abs().max() <= 2
    assert "not recorded" in set(told.loc[told["attribute"] == "sex", "group"])


def test_of_nested_attributes_only_the_coarser_is_told() -> None:
    # 3 of the finer group had the event: hidden there, and 12 - 9 if both tables were shown.
    finer = ["AIND"] * 40 + ["APKN"] * 40 + ["WBRI"] * 60
    event = np.zeros(140, dtype=bool)
    event[:3] = event[40:49] = event[80:100] = True
    both = pd.DataFrame({"ethnicity": finer, "ethnicity_major": ["Asian"] * 80 + ["White"] * 60})
    known, listed = np.ones(140, dtype=bool), np.zeros(140, dtype=bool)
    told = public_audit(event, known, listed, both, fewest=5, rounded_to=1)
    assert set(told["attribute"]) == {"ethnicity_major"}
    alone = public_audit(event, known, listed, both[["ethnicity"]], fewest=5, rounded_to=1)
    assert set(alone["attribute"]) == {"ethnicity"}


def test_a_rate_is_of_what_is_shown_and_missing_where_a_count_is_hidden() -> None:
    told = made()
    found, wrongly = told[PARTS[0]], told[PARTS[1]]
    hidden = found.isna() | wrongly.isna()
    assert told.loc[hidden, "precision"].isna().all()
    sure = told[~hidden & (found + wrongly > 0)]
    assert (sure["precision"] - sure[PARTS[0]] / (sure[PARTS[0]] + sure[PARTS[1]])).abs().max() < 0.006
