"""What speaks for a model when it is to be promoted: its test against the best rule, and its audit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from earlywarning.audit.checks import refuse_failed
from earlywarning.config import Settings
from earlywarning.dataset.assemble import Dataset
from earlywarning.dataset.splits import Fold, temporal_folds
from earlywarning.errors import WrongUsage
from earlywarning.explain.phrases import say
from earlywarning.model.bundle import Bundle
from earlywarning.model.classifier import RiskClassifier
from earlywarning.model.ladder import ladder
from earlywarning.model.sealed import json_bytes, sha256
from earlywarning.policy import policy_of
from earlywarning.studies import Study
from earlywarning.trial.capacity import capacity_of
from earlywarning.trial.gates import run_gates
from earlywarning.trial.run import Step, run_trial
from earlywarning.trial.tested import MODEL
from earlywarning.watchlist.rank import Limit

TEST_YEARS = 2


@dataclass(frozen=True)
class Case:
    """What speaks for a model, as plain values.

    ``gain`` is the paired difference in average precision over the best rule, pooled over ``test_years``,
    with its 95% interval, from resampling ``gain_by`` (the wider); ``matured_years`` are those it could have
    been tested on. ``audited_on`` is the day on which the lists of the model itself were audited (None: they
    were not), ``same_data`` whether that was on the extracts it was trained on; ``concerns`` are the declared
    comparisons of which it says so.
    """

    tested_on: str
    test_years: int
    matured_years: int
    events: int
    best_rule: str
    gain: float | None
    gain_lower: float | None
    gain_upper: float | None
    precision: float | None
    rule_precision: float | None
    slope: float
    audited_on: str | None
    audit_hash: str
    same_data: bool = True
    gain_by: str = "pupils"
    concerns: tuple[str, ...] = ()

    def told(self) -> tuple[str, ...]:
        """The case in sentences for the ledger; a share not known is said to be undefined."""
        share = tuple(
            "undefined" if x is None else say(x, "%") for x in (self.precision, self.rule_precision)
        )
        only = (
            " (the only year: no other had matured, or the study names it)" if self.matured_years == 1 else ""
        )
        audit = (
            f"Audited on {say(dt.date.fromisoformat(self.audited_on))}."
            if self.audited_on
            else "Not audited."
        )
        return (
            f"Tested on {self.tested_on}{only}: {self.events} events.",
            f"Average precision over the best rule, {self.best_rule}: {self.gained}.",
            f"Precision at capacity {share[0]}, the rule's {share[1]}. {audit}",
        )

    @property
    def gained(self) -> str:
        """The gain with its interval, in words."""
        if self.gain is None or self.gain_lower is None or self.gain_upper is None:
            return "too few events for an interval"
        limits = f"{self.gain_lower:+.3f} to {self.gain_upper:+.3f}"
        return f"{self.gain:+.3f}; 95% interval {limits}, {self.gain_by} resampled"


def concerns_of(audit: Mapping[str, Any]) -> tuple[str, ...]:
    """The declared comparisons of an audit (its ``to_dict()``) whose verdict is "concern", in a few words."""
    declared = audit.get("declared", {}).get("comparisons", ())
    return tuple(
        f"{row['attribute']} {row['group']}: {row['metric'].replace('_', ' ')}"
        for row in declared
        if row["verdict"] == "concern"
    )


Retest: TypeAlias = Callable[[Bundle], tuple[Case, bytes | None]]


def as_trained(bundle: Bundle, recorded_on: dt.date) -> Case:
    """What the training of ``bundle``, recorded on that day, said for its model.

    Training audits the lists of whatever won: where a rule did, the model's were not audited.
    """
    metrics = bundle.metrics
    winner, measures = metrics["winner"], metrics["measures"]
    audited = bundle.audit is not None and bundle.rule is None
    tested = len(metrics["tested_hashes"])
    return Case(
        tested_on=metrics["tested_on"],
        test_years=tested,
        # The first mature period can only be trained on.
        matured_years=max(tested, len(bundle.trained["periods"]) - 1),
        events=measures[MODEL]["events"],
        best_rule=winner["best_rule"],
        gain=winner["difference"]["value"],
        gain_lower=winner["difference"]["lower"],
        gain_upper=winner["difference"]["upper"],
        gain_by=winner["difference"]["by"],
        precision=measures[MODEL]["precision_at_capacity"],
        rule_precision=measures[winner["best_rule"]]["precision_at_capacity"],
        slope=bundle.classifier.calibrator_.slope,
        audited_on=recorded_on.isoformat() if audited else None,
        audit_hash=sha256(json_bytes(bundle.audit)) if audited else "",
        concerns=concerns_of(bundle.audit or {}) if audited else (),
    )


def tested_again(
    study: Study,
    settings: Settings,
    bundle: Bundle,
    data: Dataset,
    limits: Sequence[Limit],
    extracted_on: dt.date,
    today: dt.date,
    step: Step,
) -> tuple[Case, bytes]:
    """The recipe of ``bundle`` tested on the last two years that have matured, and the audit of its lists.

    The lists are held to the ``limits``.

    Raises:
        GateRefused: a leak check failed.
        WrongUsage: the last of those years is not the one it was tested on.
    """
    folds = latest_years(study, data, settings)
    last = str(bundle.metrics["tested_on"]).split(", ")[-1]
    if folds[-1].test_period != last:
        raise WrongUsage(
            f"--data: the last year that has matured is {folds[-1].test_period}, and the model was tested on "
            f"{last}. Give the same --known-by as for training."
        )
    refuse_failed(run_gates(data, folds, [], settings.gates, extracted_on))
    recipe = RiskClassifier(**bundle.classifier.get_params())
    rungs = ladder(data.X.columns, rules=study.rules, peers=(), classifier=recipe)
    trial = run_trial(data, folds, rungs, step, limits)
    capacity, slope = capacity_of(study, settings, data.rows), bundle.classifier.calibrator_.slope
    winner, measures = trial.winner(slope, settings.model.random_state), trial.measures(capacity)
    rules, fewest = policy_of(settings).audit, settings.audit.fewest_positives
    found = trial.audit(MODEL, capacity, fewest, rules).to_dict()
    audit = json_bytes(found)
    events, precision = measures[MODEL]["events"], measures[MODEL]["precision_at_capacity"]
    case = Case(
        tested_on=", ".join(fold.test_period for fold in folds),
        test_years=len(folds),
        matured_years=len(folds),
        events=int(events or 0),
        best_rule=winner.best_rule,
        gain=winner.difference.value,
        gain_lower=winner.difference.lower,
        gain_upper=winner.difference.upper,
        gain_by=winner.difference.by,
        precision=precision,
        rule_precision=measures[winner.best_rule]["precision_at_capacity"],
        slope=min(slope, trial.slope),
        audited_on=today.isoformat(),
        audit_hash=sha256(audit),
        concerns=concerns_of(found),
    )
    return case, audit


def latest_years(study: Study, data: Dataset, settings: Settings) -> list[Fold]:
    """The study's own named test periods, or the last two with enough events to train and to test on."""
    if isinstance(study.test_periods, tuple):
        return temporal_folds(study, data)
    folds = temporal_folds(replace(study, test_periods=max(TEST_YEARS, study.test_periods)), data)
    floors = settings.gates

    def enough(fold: Fold) -> bool:
        train, test = (int(data.y[part & data.known].sum()) for part in (fold.train, fold.test))
        return train >= floors.fewest_train_events and test >= floors.fewest_test_events

    return [fold for fold in folds[:-1] if enough(fold)] + folds[-1:]
