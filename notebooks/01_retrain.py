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
# # Retrain, compare, audit, explain
#
# What a data scientist does each September: extracts in, a challenger out, and the questions an
# information-governance board will ask answered on the way.
#
# **Everything here is invented.** No figure on this page is evidence about real pupils. To use your own
# extracts, point `DATA` at the folder and leave out the cell that invents one.

# %%
import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

warnings.filterwarnings("ignore", message="IProgress not found")  # a plain progress bar will do
import shap

from earlywarning import config, fairness_audit, generate, pipeline, shap_explanation, tracking
from earlywarning.features import FAMILIES

WORK = Path(tempfile.mkdtemp(prefix="earlywarning-"))
DATA, MODELS = WORK / "data", WORK / "models"

# %%
made = generate(DATA, pupils=1500, years=5, seed=1)
pd.Series(dict(made.rows), name="rows")

# %% [markdown]
# ## Can it read my extracts?
#
# Every row is used, or set aside with the rule it broke.

# %%
account = pipeline.check_extracts(DATA)
pd.DataFrame(account["tables"]).T[["read", "used", "quarantined"]]

# %% [markdown]
# ## What exactly is in each feature?

# %%
pd.DataFrame(
    [
        {
            "feature": f.name,
            "unit": f.unit,
            "look-back": f.lookback,
            "theme": f.theme,
            "what it is": f.description,
        }
        for family in FAMILIES.values()
        for f in family.features
    ]
).set_index("feature").style.set_properties(**{"text-align": "left"})

# %% [markdown]
# ## Train
#
# Trained on earlier years, tested on the latest mature one. The canary (labels permuted between pupils) and
# the leak checks run first; a failure stops here.

# %%
trained = pipeline.train(DATA, models=MODELS)
print("\n".join(trained.summary["lines"][:-1]))

# %% [markdown]
# ## How good is it, against what?
#
# The simple rules, the peers and the model on the same list, drawn from everyone on roll.

# %%
ladder = pd.DataFrame(trained.summary["ladder"]).T.astype(float)
ladder[["average_precision", "auroc", "precision_at_capacity", "recall_at_capacity", "brier"]].round(3)

# %%
shown = ladder["average_precision"].sort_values()
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
axes.barh(shown.index, shown, color=["#1d70b8" if name == "model" else "#b1b4b6" for name in shown.index])
axes.set(xlabel="average precision on the test year", title="Invented data")
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# The model makes the list only where its gain over the best rule has an interval above zero. With as few
# events as in this small authority it often has not; then the list is the rule's, and says so.

# %%
{key: trained.summary[key] for key in ("winner", "why", "difference")}

# %% [markdown]
# ## Compared in MLflow
#
# A second recipe, to see two runs side by side. Open the same record in a browser with
# `mlflow ui --backend-store-uri sqlite:///models/mlflow.db`.

# %%
one_seed = config.Settings(model=config.ModelSettings(seeds=1, refits=5))
pipeline.train(DATA, settings=one_seed, models=MODELS)
runs = tracking.list_runs(MODELS, "secondary")
runs[
    [
        "version",
        "aliases",
        "params.n_seeds",
        "metrics.auroc",
        "metrics.average_precision",
        "metrics.canary_auroc",
    ]
]

# %% [markdown]
# ## Is it equitable?
#
# The audit of the list that would have been issued. "Cannot tell" is never a pass.

# %%
audit = trained.audit.by_group
audit[(audit["attribute"] == "sen_provision") & audit["metric"].isin(["selection_rate", "recall"])][
    ["group", "metric", "n", "positives", "value", "lower", "upper", "verdict"]
].round(2)

# %%
shown = audit[(audit["attribute"] == "ethnicity_major") & (audit["metric"] == "recall")]
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
for place, row in enumerate(shown.itertuples()):
    told = row.verdict != "cannot tell"
    axes.plot([row.lower, row.upper], [place, place], color="#0b0c0c" if told else "#b1b4b6", linewidth=2)
    axes.plot(row.value, place, "o", color="#0b0c0c" if told else "#b1b4b6")
axes.axvline(trained.audit.overall.set_index("metric").loc["recall", "value"], color="#505a5f", linestyle=":")
axes.set(
    yticks=range(len(shown)),
    yticklabels=[f"{r.group} ({r.positives} events)" for r in shown.itertuples()],
    xlabel="listed, of those who later had the event (grey: cannot tell; dotted: everyone)",
    title="Invented data",
)
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# The same audit on anything of your own: who was listed, what happened, and any column of groups.

# %%
tested = trained.trial.data
fairness_audit(
    pd.Series(tested.y, tested.X.index),
    trained.trial.listed("model", 60),
    tested.attributes[["nc_year"]],
    known=pd.Series(tested.known, tested.X.index),
).by_group.query("metric == 'recall'")[
    ["group", "n", "positives", "value", "lower", "upper", "verdict"]
].round(2)

# %% [markdown]
# ## One pupil explained
#
# What the model looks at, whoever makes the list. Contributions come from the boosters themselves, on the
# scale of the calibrated log-odds, and add up.

# %%
classifier = trained.bundle.classifier
some = tested.X[~classifier.unscorable(tested.X)].iloc[:300]
explanation = shap_explanation(classifier, some)
shap.plots.beeswarm(explanation, max_display=10, show=False)
plt.title("Invented data")
plt.tight_layout()
plt.show()

# %%
highest = int(classifier.decision_function(some).argmax())
shap.plots.waterfall(explanation[highest], max_display=8, show=False)
plt.title("Invented data: one invented pupil")
plt.tight_layout()
plt.show()

# %% [markdown]
# The same pupil as the panel would read it: facts in sentences, no score.

# %%
pupil, as_of = some.index[highest]
told = pipeline.explain(DATA, as_of=as_of.date(), pupil=pupil, models=MODELS)
print("\n".join(told["lines"]))
