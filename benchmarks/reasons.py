"""Would a pupil's reasons be the same from a model grown with other seeds? ``python -m benchmarks.reasons``.

An invented authority of 6,000 pupils: a model learns from the earlier years, the last list of the test year
is drawn, and the themes said to raise each listed pupil's estimate (three at most) are compared with those
that models of the same recipe and other seeds say of the same pupils. No evidence about real pupils.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from earlywarning import config, pipeline
from earlywarning.dataset.assemble import Dataset, assemble
from earlywarning.dataset.splits import temporal_folds
from earlywarning.explain import Known, by_feature, pupil_reasons, usual_values
from earlywarning.explain.facts import said_of
from earlywarning.model import RiskClassifier
from earlywarning.studies import Study
from earlywarning.synthetic import generate
from earlywarning.watchlist.rank import draw, tie_break

PUPILS, YEARS, REFITS = 6_000, 4, 5
SEED = 20260901
Themes = list[tuple[str, ...]]


def themes_of(classifier: RiskClassifier, data: Dataset, everyone: Dataset) -> Themes:
    """The themes said to raise the estimate of each pupil of ``data``, the largest first."""
    groups = everyone.X.groupby(everyone.rows["group"])
    usual = usual_values(groups.median(), groups.count())
    parts = by_feature(classifier, data.X)
    told: Themes = []
    for number, group in enumerate(data.rows["group"]):
        values, facts, shares = (
            {str(name): float(value) for name, value in frame.iloc[number].items()}
            for frame in (data.X, data.facts, parts)
        )
        day = data.X.index.get_level_values("as_of_date")[number].date()
        known = Known(values, said_of(values, facts, day), usual[str(group)])
        sheet = pupil_reasons(shares, known, data.features)
        told.append(tuple(reason.theme for reason in sheet.raises))
    return told


def agreement(one: Themes, others: Sequence[Themes]) -> dict[str, float]:
    """Over pupils and models: shares with the same first theme and the same themes; themes in common.

    ``in_common`` is themes said by both over themes said by either. Who has no theme in both is left out.

    >>> agreement([("a", "b"), ("a",)], [[("b", "a"), ("a",)]])
    {'same_first': 0.5, 'same_themes': 1.0, 'in_common': 1.0}
    """
    pairs = [(ours, theirs) for other in others for ours, theirs in zip(one, other, strict=True)]
    pairs = [(ours, theirs) for ours, theirs in pairs if ours or theirs]
    common = [len(set(a) & set(b)) / len(set(a) | set(b)) for a, b in pairs]
    return {
        "same_first": float(np.mean([a[:1] == b[:1] for a, b in pairs])),
        "same_themes": float(np.mean([set(a) == set(b) for a, b in pairs])),
        "in_common": float(np.mean(common)),
    }


def measured(study: Study, data: Dataset, seeds: int) -> dict[str, object]:
    """How the themes of the pupils on the last tested list agree between models of other seeds."""
    fold = temporal_folds(study, data)[-1]
    train, test = data.where(fold.train & data.known), data.where(fold.test)
    days = test.X.index.get_level_values("as_of_date")
    last = test.where(np.asarray(days == days.max()))
    periods = train.rows["period"].to_numpy()
    models = [
        RiskClassifier(n_seeds=seeds, random_state=SEED + turn).fit(train.X, train.y, groups=periods)
        for turn in range(REFITS + 1)
    ]
    assessed = last.rows["why_not"].eq("").to_numpy() & ~models[0].unscorable(last.X)
    scored = last.where(assessed)
    score = pd.Series(models[0].margin(scored.X), scored.X.index)
    on = draw(score, scored.rows["area"], config.load().list.capacity, tie_break(scored.X.index))
    listed = scored.where(on.to_numpy())
    first, *others = (themes_of(model, listed, last) for model in models)
    return {
        "families": list(study.family_names),
        "boosters_averaged": seeds,
        "pupils_listed": len(listed.X),
        "themes_said": round(float(np.mean([len(themes) for themes in first])), 2),
        "refits": REFITS,
        **{name: round(value, 3) for name, value in agreement(first, others).items()},
    }


def main() -> None:
    """Print the agreement for the families that ship, and for all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="for machines")
    as_json = parser.parse_args().json
    settings = config.load()
    every = pipeline.named_study(settings)
    results = []
    with tempfile.TemporaryDirectory(prefix="earlywarning-") as scratch:
        folder = Path(scratch) / "data"
        generate(folder, pupils=PUPILS, years=YEARS)
        for study in (every.narrowed(settings.features.families), every):
            with pipeline.checked_extracts(study, folder, settings) as checked:
                data = assemble(study, pipeline.build_history(study, checked))
            results += [measured(study, data, seeds) for seeds in (1, settings.model.seeds)]
    told = {"pupils": PUPILS, "years": YEARS, "synthetic": True, "agreement": results}
    if as_json:
        sys.stdout.write(json.dumps(told, indent=2) + "\n")
        return
    for one in results:
        sys.stdout.write(" ".join(f"{name}: {value}" for name, value in one.items()) + "\n")


if __name__ == "__main__":
    main()
