"""The bundle: everything a list is made from, as LightGBM text and JSON.

``booster_*.txt`` are the averaged boosters, ``refit_*.txt`` those the bands come from, ``bundle.json`` the
rest with every hash. No file can run code when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import sklearn

import earlywarning
from earlywarning.errors import GateRefused, WrongUsage
from earlywarning.features.declare import Feature
from earlywarning.model import boosting
from earlywarning.model.arrays import FloatArray
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.ladder import Fitted
from earlywarning.model.learners import FittedLearner
from earlywarning.model.rules import RULES, FittedRule, Rule
from earlywarning.model.sealed import hashes, json_bytes, read_sealed, sha256, write_sealed

FORMAT = 2

SCORES_WITH: Mapping[str, frozenset[str]] = {
    "": frozenset(
        (
            "format",
            "study",
            "label",
            "winner",
            "files",
            "classifier",
            "contract",
            "best_rule",
            "model_hash",
            "metrics",
            "audit",
            "trained",
            "data_hash",
            "code_hash",
            "versions",
        )
    ),
    "classifier": frozenset(
        (
            "parameters",
            "feature_names",
            "classes",
            "had_missing",
            "n_events",
            "rounds",
            "min_leaf_rows",
            "calibrator",
            "calibrated_on",
        )
    ),
    "best_rule": frozenset({"name", "state"}),
}
"""All that a bundle may hold, and so all that can score: nothing for thresholds of groups or for chance."""


@dataclass(frozen=True)
class Contracted:
    """What a feature was when the model was trained: the same name with another meaning is another."""

    name: str
    unit: str
    lookback: str
    description: str


def contract(features: Iterable[Feature]) -> tuple[Contracted, ...]:
    """The contract of ``features``: their names, units, look-backs and descriptions."""
    return tuple(Contracted(f.name, f.unit, f.lookback, f.description) for f in features)


def _versions() -> dict[str, str]:
    return {
        "earlywarning": earlywarning.__version__,
        "lightgbm": lightgbm.__version__,
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
    }


@dataclass(frozen=True, eq=False)
class Bundle:
    """What ships: the classifier, the best rule, which of them won, and what is known about them.

    ``winner`` is ``"model"`` or the best rule's name; ``metrics``, ``audit`` and ``trained`` (periods, rows,
    events) are plain JSON values. ``audit`` is ``None`` until the model has been audited: such a bundle can
    be saved and audited, but :func:`load` refuses it for scoring.

    Raises:
        WrongUsage: the winner is neither.
        GateRefused: it holds anything else than a classifier and a rule of this library, the model won though
            its calibration slope is not positive, or the contract and the classifier name other columns.
    """

    study: str
    label: str
    winner: str
    classifier: RiskClassifier
    contract: tuple[Contracted, ...]
    best_rule: FittedRule
    metrics: Mapping[str, Any]
    trained: Mapping[str, Any]
    data_hash: str
    code_hash: str
    audit: Mapping[str, Any] | None = None
    refits: tuple[lightgbm.Booster, ...] = ()
    versions: Mapping[str, str] = field(default_factory=_versions)

    def __post_init__(self) -> None:
        """Refuse a bundle that must not ship."""
        if type(self.classifier) is not RiskClassifier or type(self.best_rule) is not FittedRule:
            raise GateRefused(
                "A bundle holds this library's classifier and one simple rule: no mixture of models, no"
                " threshold of a group's own and no flag drawn by chance can make a list. Compare them with"
                " earlywarning mitigate."
            )
        slope = self.classifier.calibrator_.slope
        if self.winner not in {"model", self.best_rule.name}:
            raise WrongUsage(f"The winner is 'model' or '{self.best_rule.name}', not {self.winner!r}.")
        if self.winner == "model" and slope <= 0:
            raise GateRefused(
                f"The calibration slope is {slope:.3f}: a higher rank would mean no higher probability."
                " Ship the best rule's list."
            )
        if self.classifier.names != [feature.name for feature in self.contract]:
            raise GateRefused(
                "The classifier was fitted on other columns than the contract names: train again."
            )

    @property
    def rule(self) -> FittedRule | None:
        """The rule the list is made from, or ``None`` when the model won."""
        return None if self.winner == "model" else self.best_rule

    @property
    def ranker(self) -> Fitted:
        """What scores everyone on roll: the winner."""
        return self.rule or FittedLearner(self.classifier)

    @property
    def model_hash(self) -> str:
        """SHA-256 of all that decides a list: boosters, calibrator, columns, rule and winner."""
        return sha256(json_bytes(self._deciding()))

    @property
    def bundle_hash(self) -> str:
        """SHA-256 of all that is saved: what decides a list, its test, its audit and where it came from."""
        return sha256(json_bytes(self._body()))

    def refit_margins(self, X: pd.DataFrame) -> FloatArray:
        """The margin of each row under each refit, shape (n, n_refits)."""
        if X.empty:
            return np.empty((0, len(self.refits)))
        matrix, threads = self.classifier.matrix(X), self.classifier.threads(len(X))
        margins = [boosting.mean_margin([refit], matrix, threads) for refit in self.refits]
        return np.column_stack(margins) if margins else np.empty((len(matrix), 0))

    def save(self, folder: Path) -> Path:
        """``folder``, written whole or not at all, for its owner only; the same bundle is the same bytes.

        Raises:
            WrongUsage: the folder exists and holds something else: a model is never overwritten.
            MachineRefused: the disk refused.
        """
        write_sealed(folder, self._body(), self._texts())
        return folder

    def portable(self) -> Callable[[], Bundle]:
        """What makes this bundle again in another process: JSON values, LightGBM text and its rule."""
        return partial(rebuilt, self._body(), self._texts(), {self.best_rule.name: self.best_rule.rule})

    def _body(self) -> dict[str, Any]:
        return self._deciding() | {
            "model_hash": self.model_hash,
            "metrics": self.metrics,
            "audit": self.audit,
            "trained": self.trained,
            "data_hash": self.data_hash,
            "code_hash": self.code_hash,
            "versions": self.versions,
        }

    def _texts(self) -> dict[str, str]:
        kinds = {"booster": self.classifier.boosters_, "refit": self.refits}
        return {
            f"{kind}_{number:03d}.txt": boosting.booster_text(booster)
            for kind, boosters in kinds.items()
            for number, booster in enumerate(boosters)
        }

    def _deciding(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "study": self.study,
            "label": self.label,
            "winner": self.winner,
            "files": hashes(self._texts()),
            "classifier": self.classifier.to_json(),
            "contract": [asdict(feature) for feature in self.contract],
            "best_rule": {"name": self.best_rule.name, "state": self.best_rule.state},
        }


def load(
    folder: Path,
    *,
    rules: Mapping[str, Rule] = RULES,
    model_hash: str | None = None,
    audited: bool = True,
) -> Bundle:
    """The bundle in ``folder``, after every hash was found right and before any booster is built.

    ``rules`` are those its best rule may be; ``model_hash``, where a registry has one, must be the
    bundle's. ``audited=False`` also loads a bundle whose audit is still to be made.

    Raises:
        GateRefused: a file is missing or was changed, the model is another than expected, its rule is not
            known here, or it has no audit.
    """
    body, texts = read_sealed(folder)
    _refuse_unfit(folder, body, rules, model_hash, audited=audited)
    return rebuilt(body, texts, rules)


def rebuilt(body: Mapping[str, Any], texts: Mapping[str, str], rules: Mapping[str, Rule]) -> Bundle:
    """The bundle of which ``body`` and ``texts`` are what is saved; ``rules`` hold its best rule."""
    boosters = {name: boosting.from_text(text) for name, text in sorted(texts.items())}
    averaged = [booster for name, booster in boosters.items() if name.startswith("booster_")]
    return Bundle(
        study=body["study"],
        label=body["label"],
        winner=body["winner"],
        classifier=RiskClassifier.from_json(body["classifier"], averaged),
        contract=tuple(Contracted(**feature) for feature in body["contract"]),
        best_rule=FittedRule(rules[body["best_rule"]["name"]], body["best_rule"]["state"]),
        metrics=body["metrics"],
        trained=body["trained"],
        data_hash=body["data_hash"],
        code_hash=body["code_hash"],
        audit=body["audit"],
        refits=tuple(booster for name, booster in boosters.items() if name.startswith("refit_")),
        versions=body["versions"],
    )


def _refuse_unfit(
    folder: Path, body: Mapping[str, Any], rules: Mapping[str, Rule], model_hash: str | None, *, audited: bool
) -> None:
    if body["format"] != FORMAT:
        raise GateRefused(
            f"The bundle in {folder} is of format {body['format']}; this version reads {FORMAT}. Train again."
        )
    for part, known in SCORES_WITH.items():
        if strange := sorted(set(body[part] if part else body) - known):
            raise GateRefused(
                f"The bundle in {folder} holds {', '.join(strange)}, which nothing here scores with."
                " Train again."
            )
    if model_hash is not None and body["model_hash"] != model_hash:
        raise GateRefused(
            f"The bundle in {folder} has the model hash {body['model_hash']}, expected is {model_hash}: it is"
            " another model. Restore the one that was registered, or train again."
        )
    if audited and not body["audit"]:
        raise GateRefused(
            f"The model in {folder} has no audit, and none is used without. Train again: training audits."
        )
    if body["best_rule"]["name"] not in rules:
        raise GateRefused(
            f"The bundle in {folder} falls back on the rule '{body['best_rule']['name']}'; known here are"
            f" {', '.join(sorted(rules))}. Use the study it was trained with, or train again."
        )


def check_families(bundle: Bundle, families: Iterable[str]) -> None:
    """Nothing, when the model was trained with ``families``: known before any extract is read.

    Raises:
        GateRefused: naming the families that only the model has, and those that only the study has.
    """
    now = set(families)
    trained = set(bundle.trained.get("families", now))
    differences = {"the model has, and this run lacks,": trained - now, "only this run has": now - trained}
    told = [f"{what} {', '.join(sorted(names))}" for what, names in differences.items() if names]
    if told:
        raise GateRefused(
            f"The model of the study '{bundle.study}' was trained on other features ({'; '.join(told)})."
            " Set features.families as it was for training, or train again."
        )


def check_asked(bundle: Bundle, study: str, label: str) -> None:
    """Nothing, when the model was trained for this ``study`` and ``label``.

    Raises:
        GateRefused: it was trained for another question.
    """
    if (bundle.study, bundle.label) != (study, label):
        raise GateRefused(
            f"The model was trained for the study '{bundle.study}' and the label '{bundle.label}'; asked for"
            f" are '{study}' and '{label}'. Set 'label' in the configuration, or train again."
        )


def check_contract(bundle: Bundle, features: Iterable[Feature]) -> None:
    """Nothing, when ``features`` are what the model was trained on; their order does not matter.

    Raises:
        GateRefused: naming the columns that are missing, new, or defined in another way.
    """
    trained = {feature.name: feature for feature in bundle.contract}
    now = {feature.name: feature for feature in contract(features)}
    differences = {
        "missing": sorted(trained.keys() - now.keys()),
        "new": sorted(now.keys() - trained.keys()),
        "defined in another way": sorted(n for n in trained.keys() & now.keys() if trained[n] != now[n]),
    }
    told = [f"{what}: {', '.join(names)}" for what, names in differences.items() if names]
    if told:
        raise GateRefused(
            f"The model of the study '{bundle.study}' was trained on other features ({'; '.join(told)})."
            " Score with the version it was trained with, or train again."
        )
