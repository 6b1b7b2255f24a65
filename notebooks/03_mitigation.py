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
# # What would another list gain or lose, and for whom?
#
# The audit shows a gap between groups. Before anyone says "then change the model", this shows what each
# change would bring and cost: fewer inputs, one more, another label, or a learner that evens groups out. It
# is a study and no switch: nothing here is saved, and nothing that learns from groups can make a list.
#
# **Everything here is invented.** No figure on this page is evidence about real pupils. To use your own
# extracts, point `DATA` at the folder and leave out the cell that invents one.

# %%
import tempfile
from pathlib import Path

import pandas as pd
from IPython.display import SVG

from earlywarning import generate, pipeline, policy
from earlywarning.config import FeatureSettings, ModelSettings, Settings
from earlywarning.pages.studies import trade_off_picture

WORK = Path(tempfile.mkdtemp(prefix="earlywarning-"))
DATA = WORK / "data"
# One booster and few inputs, so that this page is made in a minute: leave them out for your own.
QUICK = Settings(
    model=ModelSettings(seeds=1),
    features=FeatureSettings(("attendance", "behaviour", "suspensions")),
)

# %%
made = generate(DATA, pupils=3000, years=4, seed=1)
pd.Series(dict(made.rows), name="rows")

# %% [markdown]
# ## Who answers for the inputs?
#
# The policy file has an owner, a purpose, a source and a basis for each input; training refuses without.
# What ships is a template for the council to sign.

# %%
pd.DataFrame({name: vars(entry) for name, entry in policy.load().inputs.items()}).T[["owner", "purpose"]]

# %% [markdown]
# ## What do the inputs give away?
#
# No model is given ethnicity or SEN. Could one guess them? Always for pupils it has not seen, beside the
# most that guessing reaches where groups were dealt out again.

# %%
guessed = pipeline.proxies(DATA, settings=QUICK)
pd.DataFrame(
    [
        {
            "group": f"{each['attribute']} {each['group']}",
            "pupils": each["members"],
            "AUROC": (each["auroc"] or {}).get("value"),
            "from": (each["auroc"] or {}).get("lower"),
            "to": (each["auroc"] or {}).get("upper"),
            "by chance up to": each["permuted"],
            "verdict": each["verdict"],
            "carried by": ", ".join(carrier["feature"] for carrier in each["carriers"][:2]),
        }
        for each in guessed["groups"]
    ]
).round(3)

# %% [markdown]
# A concern here is no finding of unfairness. It says that leaving ethnicity out does not make a
# model blind to it.
#
# ## What would each option bring?
#
# Without each family; with SEN, which is off; trained for longer suspensions; and with Fairlearn's
# reductions between boys and girls, beside the plain logistic regression that they are made of.

# %%
studied = pipeline.mitigate(
    DATA,
    settings=QUICK,
    added=["sen_provision_level_open"],
    labels=["over_5_days"],
    attributes=["sex"],
)
table = pd.DataFrame(studied["rows"])
everyone = table[table["group"].eq("everyone") & table["metric"].eq("recall")]
everyone[
    ["option", "positives", "value", "lower", "upper", "change", "change_lower", "change_upper", "verdict"]
].round(3)

# %% [markdown]
# Recall of everyone across; up, how much more often boys than all others are found when they are suspended
# later. The filled point is the list as used.

# %%
SVG(trade_off_picture(table, "sex", "M"))

# %% [markdown]
# Intervals say how little of this is certain in one year of a small authority:

# %%
gaps = table[table["metric"].eq("recall_gap") & table["attribute"].eq("sex") & table["group"].eq("M")]
gaps[
    ["option", "positives", "value", "lower", "upper", "change", "change_lower", "change_upper", "verdict"]
].round(3)

# %% [markdown]
# ## Who would gain or lose?
#
# Every change beyond chance, one at a time. Of 100 that are none, five look like one; *cannot tell* is no
# pass.

# %%
groups = table[table["attribute"].ne("everyone") & table["metric"].ne("recall_gap")]
print(groups["verdict"].value_counts().to_string())
groups[groups["verdict"].isin(["higher", "lower"])][
    ["option", "attribute", "group", "metric", "value", "change"]
].round(3)

# %% [markdown]
# ## And then?
#
# Whoever prefers another option changes `[features]` or the label in the settings, or records a reason in
# the policy file, trains again and audits again. The reductions stay here: what evens groups out by looking
# at them in training is a question for the council's lawyers before it is one for a data scientist, and a
# bundle refuses it.
