"""The audit of the outcome itself: what is in it, and what its page says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from earlywarning.audit.bias import EVENT, LISTED, label_bias
from earlywarning.audit.bias_fragment import bias_fragment


def test_gaps_practice_and_other_labels_are_told_and_rare_outcomes_only_named() -> None:
    chance = np.random.default_rng(0)
    n = 3000
    school = pd.Series(chance.integers(0, 6, n)).map("School {}".format)
    sen = np.where(chance.random(n) < 0.2, "K", "N")
    event = chance.random(n) < np.where(sen == "K", 0.2, 0.08)
    states = pd.DataFrame({"own": np.where(event, "event", "no_event")})
    states.loc[chance.random(n) < 0.05, "own"] = "censored"
    states["rare"] = np.where(np.arange(n) < 3, "event", "no_event")
    states["late"] = "immature"
    attributes = pd.DataFrame({"sen_provision": sen, "sex": np.where(chance.random(n) < 0.5, "F", "M")})
    found = label_bias(states, event & (chance.random(n) < 0.5), attributes, school, np.arange(n))
    gap = found.gaps[(found.gaps["what"] == EVENT) & (found.gaps["group"] == "K")].iloc[0]
    assert gap["within_lower"] > 0.05 and set(found.gaps["what"]) == {EVENT, LISTED}
    assert found.practice["observed"].sum() == int((states["own"] == "event").sum())
    assert set(found.labels["label"]) == {"own", "rare"}  # nothing is known of the one that is not mature
    page = bias_fragment(found, {"own": "a suspension <b>", "rare": "a permanent exclusion"})
    assert "a suspension &lt;b&gt;" in page
    assert (
        "Fewer than 10 had: a permanent exclusion." in page and "Outcome: a permanent exclusion" not in page
    )
    assert found.to_dict()["gaps"][0]["attribute"] == "sen_provision"
