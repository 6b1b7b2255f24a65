"""The front of an issue: how good the list was, what made it, whom to ask, how long to keep it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from earlywarning.audit.intervals import jeffreys
from earlywarning.model.bundle import Bundle
from earlywarning.studies.declare import Study
from earlywarning.watchlist.evidence import Evidence, Measure, Provenance, Trial


@dataclass(frozen=True)
class Front:
    """How good the list was, what made it, whom to ask and how long to keep it."""

    evidence: Evidence
    provenance: Provenance
    contact: str
    keep_days: int


def front_of(
    study: Study,
    bundle: Bundle,
    contact: str,
    keep_days: int,
    *,
    model_hash: str,
    model_won: bool,
    standing: str,
) -> Front:
    """What the bundle's own test says of the list it makes; the other contender stands beside the winner.

    ``model_hash`` is that of the bundle as it was registered, ``standing`` whether a model was promoted.
    """
    other = bundle.best_rule.name if bundle.rule is None else "model"
    made = bundle.metrics["measures"][bundle.winner]
    return Front(
        evidence=Evidence(
            tested_on=bundle.metrics["tested_on"],
            outcome=study.label.outcome,
            by=study.label.by,
            pupils=int(made["n"]),
            events=int(made["events"]),
            winner=_trial(bundle, bundle.winner),
            beside=_trial(bundle, other),
            model_won=model_won,
            standing=standing,
        ),
        provenance=Provenance(
            model_name=study.name,
            model_version=model_hash[:12],
            model_hash=model_hash,
            data_hash=bundle.data_hash,
            software=f"earlywarning {bundle.versions['earlywarning']}",
        ),
        contact=contact,
        keep_days=keep_days,
    )


def _trial(bundle: Bundle, name: str) -> Trial:
    at = bundle.metrics["measures"][name]
    known = at["listed"] - at["listed_unknown"]
    return Trial(
        name=name,
        sentence=bundle.metrics["sentences"][name],
        precision=_measured(at, "precision", at["listed_events"], known),
        recall=_measured(at, "recall", at["listed_events"], at["events"]),
    )


def _measured(at: Mapping[str, Any], name: str, part: float, whole: float) -> Measure:
    value = at[f"{name}_at_capacity"]
    if value is None:
        return Measure(None)
    lower, upper = jeffreys(part, whole)
    bounds = (at[f"{name}_at_capacity_none"], at[f"{name}_at_capacity_all"])
    return Measure(value, (float(lower), float(upper)), bounds)
