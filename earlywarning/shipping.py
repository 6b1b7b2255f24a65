"""What ships: the tested recipe refitted on every mature year, sealed, and recorded."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from earlywarning import tracking
from earlywarning.audit import FairnessAudit
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import trainable
from earlywarning.features.declare import Feature
from earlywarning.files import write_whole
from earlywarning.hyperparameters import settled
from earlywarning.model import RiskClassifier
from earlywarning.model.bundle import Bundle, contract
from earlywarning.model.stability import refits
from earlywarning.studies import Study
from earlywarning.trial import MODEL


def classifier_of(settings: Settings, features: Iterable[Feature]) -> RiskClassifier:
    """The unfitted classifier that the settings describe: the recipe that is tested and that ships.

    ``features`` are the study's, whose declared directions it holds to where the settings say so.
    """
    told = settings.model
    directions = {each.name: each.direction for each in features}
    classifier = RiskClassifier(
        n_seeds=told.seeds,
        random_state=told.random_state,
        monotonic_cst=directions if told.monotone else None,
    )
    classifier.set_params(**settled(told.hyperparameters))
    return classifier


def refitted_classifier(study: Study, settings: Settings, data: Dataset) -> RiskClassifier:
    """The tested recipe on every mature year."""
    mature = data.where(trainable(study, data))
    classifier = classifier_of(settings, data.features)
    return classifier.fit(mature.X, mature.y, groups=mature.rows["period"].to_numpy())


def ship(
    study: Study,
    settings: Settings,
    data: Dataset,
    classifier: RiskClassifier,
    metrics: Mapping[str, Any],
    audit: FairnessAudit,
    data_hash: str,
    policy: Mapping[str, Any],
) -> Bundle:
    """The bundle: the refitted ``classifier``, its refits for the bands, and the best rule beside it.

    ``policy`` is what the policy file says of the inputs (:func:`earlywarning.inputs.recorded`).
    """
    mature = data.where(trainable(study, data))
    pupils = mature.X.index.get_level_values("pupil_id")
    best_rule = next(rule for rule in study.rules if rule.name == metrics["winner"]["best_rule"])
    again = refits(
        classifier, mature.X, mature.y, pupils, n=settings.model.refits, seed=settings.model.random_state
    )
    return Bundle(
        study=study.name,
        label=study.label.name,
        winner=metrics["winner"]["name"],
        classifier=classifier,
        contract=contract(data.features),
        best_rule=best_rule.fit(mature.X, mature.rows, mature.y),
        metrics=metrics,
        trained={
            "periods": sorted(mature.rows["period"].unique()),
            "rows": len(mature.X),
            "events": int(mature.y.sum()),
            "labels_to": f"{mature.rows['matures_on'].max():%Y-%m-%d}",
            "random_state": settings.model.random_state,
            "families": [family.name for family in study.families],
            "policy": dict(policy),
            "not_available": {source: list(names) for source, names in data.not_available.items()},
        },
        data_hash=data_hash,
        code_hash=code_hash(),
        audit=audit.to_dict(),
        refits=tuple(again),
    )


def code_hash() -> str:
    """SHA-256 of the package's own source, in the order of the file names."""
    root = Path(str(files("earlywarning")))
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _parameters(bundle: Bundle, settings: Settings) -> dict[str, Any]:
    """The classifier's parameters and the settings'; the directions stand by name in the bundle."""
    told = {name: value for name, value in bundle.classifier.get_params().items() if name != "monotonic_cst"}
    return told | {"refits": settings.model.refits, "monotone": settings.model.monotone}


def _switched_on(bundle: Bundle) -> str:
    """The features that are off by law 7 or otherwise and were switched on, with the reasons recorded."""
    reasons = bundle.trained["policy"]["switched_on"]
    return "; ".join(f"{name}: {reason}" for name, reason in reasons.items()) or "nothing"


def record(
    study: Study,
    settings: Settings,
    models: Path,
    bundle: Bundle,
    summary: Mapping[str, Any],
    page: str,
    audit: FairnessAudit,
) -> tracking.TrackedRun:
    """The run in MLflow: parameters, measures, hashes, the bundle, the report and the audit; no pupil."""
    with tempfile.TemporaryDirectory(prefix="earlywarning-") as folder:
        saved = bundle.save(Path(folder) / "bundle")
        report, tidy = Path(folder) / "report.html", Path(folder) / "audit.csv"
        write_whole(report, page.encode())
        write_whole(tidy, audit.by_group.to_csv(index=False).encode())
        numbers = dict(summary["ladder"][MODEL])
        rule = {
            f"best_rule_{name}": summary["best_rule"][name]
            for name in ("average_precision", "recall_at_capacity")
        }
        return tracking.log_run(
            models,
            study.name,
            run_name=f"{study.name} tested on {summary['tested_on']}",
            params=_parameters(bundle, settings),
            metrics=numbers | rule | {"canary_auroc": summary["canary_auroc"]},
            tags={
                "winner": bundle.winner,
                "best_rule": bundle.best_rule.name,
                "model_hash": bundle.model_hash,
                "data_hash": bundle.data_hash,
                "code_hash": bundle.code_hash,
                "synthetic": str(summary["synthetic"]).lower(),
                "switched_on": _switched_on(bundle),
                tracking.TESTED_ON: str(summary["tested_on"]),
            },
            bundle=saved,
            reports=[report, tidy],
        )
