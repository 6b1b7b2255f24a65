# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Try a family of features
#
# You have an idea of what might be seen before a suspension. This page writes it down as a family, looks at
# it, and asks whether it ranks pupils better than what is there already, without installing or changing
# anything.
#
# **Everything here is invented.** No figure on this page is evidence about real pupils. To use your own
# tables, leave out the cell that invents some and give `build_features` a folder of extracts, a DuckDB
# connection, or frames by table name.

# %%
import tempfile
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import narwhals as nw
import pandas as pd

from earlywarning import STUDIES, Family, Feature, build_features, config, generate, pipeline
from earlywarning.dataset.assemble import assemble
from earlywarning.dataset.splits import temporal_folds
from earlywarning.features.attendance import ABSENT, POSSIBLE
from earlywarning.features.declare import AT_SCHOOL, SeenThrough, count, rate
from earlywarning.model.comparison import interval, paired_difference
from earlywarning.model.ranking import average_precision

DATA = Path(tempfile.mkdtemp(prefix="earlywarning-")) / "data"
made = generate(DATA, pupils=1500, years=4, seed=1)

# %% [markdown]
# ## The idea, as a family
#
# A pupil who registers in the morning and is gone in the afternoon is in the building and out of the
# lesson. Each attendance mark is a row; `measures` say what is added up, by look-back; `features` say what
# is made of the sums. Nothing here can see past the day: the rows are only those known by then.

# %%
feature = partial(Feature, theme="attendance", direction=+1)
AFTERNOON = nw.col("session") == nw.lit("PM")

AFTERNOONS = Family(
    name="afternoons",
    table="attendance",
    lookbacks=("1t",),
    seen=SeenThrough("attendance", *AT_SCHOOL),
    not_visible="Attendance was not received from the school for this period.",
    measures={
        "pm_absent": count(AFTERNOON & nw.col("code").is_in(sorted(ABSENT))),
        "pm_possible": count(AFTERNOON & nw.col("code").is_in(sorted(POSSIBLE))),
        "am_absent": count(~AFTERNOON & nw.col("code").is_in(sorted(ABSENT))),
        "am_possible": count(~AFTERNOON & nw.col("code").is_in(sorted(POSSIBLE))),
    },
    features=(
        feature(
            "afternoons_absence_rate_1t",
            rate("pm_absent_1t", "pm_possible_1t"),
            "rate",
            "Afternoons absent over afternoons possible, in two half terms.",
            "Absent on {pm_absent_1t:n} of {pm_possible_1t:afternoon} in the last two half terms.",
        ),
        feature(
            "afternoons_against_mornings_1t",
            rate("pm_absent_1t", "pm_possible_1t") - rate("am_absent_1t", "am_possible_1t"),
            "change in rate",
            "Absence rate of the afternoons less that of the mornings, in two half terms.",
        ),
    ),
)

# %% [markdown]
# ## Look at it
#
# Several days in one go, beside a family that ships. What each column means comes with the frame, and stays
# with it in Parquet.

# %%
frame = build_features(DATA, ["2025-12-31", "2026-03-27"], families=["suspensions", AFTERNOONS])
frame.filter(like="afternoons").describe().round(3)

# %%
pd.DataFrame(frame.attrs["features"]).T.query("family == 'afternoons'")[
    ["unit", "lookback", "direction", "description"]
]

# %% [markdown]
# Missing is not 0: who has no value, and on which day? A school that did not send its registers is the
# usual answer.

# %%
frame.filter(like="afternoons").isna().groupby("as_of_date").mean().round(3)

# %% [markdown]
# ## Does it rank pupils better than what is there?
#
# Outcomes of the **earlier years only**. The test year is looked at once, by `train`; whoever tries ideas
# on it until one looks good has no test left. The more ideas are tried here, the luckier the best of them
# is, too.

# %%
study = STUDIES["secondary"]
with pipeline.checked_extracts(study, DATA, config.load()) as checked:
    data = assemble(study, pipeline.build_history(study, checked))
(fold,) = temporal_folds(study, data)
earlier = data.where(fold.train)
print(
    f"{', '.join(sorted(earlier.rows['period'].unique()))}: {earlier.y.sum()} events in {len(earlier.y)} rows"
)
print(f"not looked at: {fold.test_period}")

# %%
days = earlier.X.index.get_level_values("as_of_date").unique()
tried = build_features(DATA, days, families=["attendance", "suspensions", AFTERNOONS]).loc[earlier.X.index]
pupils = earlier.X.index.get_level_values("pupil_id")
shown = {}
for name, told in tried.attrs["features"].items():
    if told["family"] == "afternoons" or name in {
        "attendance_absence_rate_3t",
        "attendance_absence_rate_1ht",
        "suspensions_count_spells_3t",
    }:
        found = interval(average_precision, earlier.y, tried[name], pupils)
        shown[name] = {"average precision": found.value, "lower": found.lower, "upper": found.upper}
alone = pd.DataFrame(shown).T.sort_values("average precision")
alone.round(3)

# %%
figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
new = alone.index.str.startswith("afternoons")
axes.hlines(alone.index, alone["lower"], alone["upper"], color="#b1b4b6", linewidth=3)
axes.scatter(alone["average precision"], alone.index, color=["#1d70b8" if own else "#0b0c0c" for own in new])
axes.axvline(earlier.y.mean(), color="#505a5f", linestyle=":")
axes.set(xlabel="average precision of each feature alone (dotted: by chance)", title="Invented data")
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# Two intervals that overlap say little; the difference on the same pupils says more. Against absence in a
# year of terms:

# %%
for feature_tried in AFTERNOONS.features:
    gain = paired_difference(
        earlier.y, tried[feature_tried.name], tried["attendance_absence_rate_3t"], pupils
    )
    print(f"{feature_tried.name}: {gain.value:+.3f} ({gain.lower:+.3f} to {gain.upper:+.3f})")

# %% [markdown]
# An interval that holds 0 is no gain that can be told from luck. And a feature alone says how it ranks, not
# what it adds to the others: for that, train on earlier years with it and without it.
#
# To keep a family, move the cell into a file: [CONTRIBUTING](../CONTRIBUTING.md) says how, and which laws
# it will meet.
