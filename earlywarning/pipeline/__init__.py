"""The stories: train, audit, ablate, score, explain. Straight lines from extracts to what comes out."""

from earlywarning.pipeline.auditing import ablate, audit
from earlywarning.pipeline.checking import check_extracts
from earlywarning.pipeline.deciding import import_decisions
from earlywarning.pipeline.demonstrating import demo
from earlywarning.pipeline.explaining import explain
from earlywarning.pipeline.naming import name
from earlywarning.pipeline.offering import offers
from earlywarning.pipeline.opening import (
    Step,
    build_history,
    checked_extracts,
    named_study,
    quiet,
    refuse_not_available,
)
from earlywarning.pipeline.promoting import ledger_entries, promote, promote_if_won, rollback, withdraw
from earlywarning.pipeline.reviewing import audit_decisions
from earlywarning.pipeline.scoring import refuse_unseen, score
from earlywarning.pipeline.studying import mitigate, proxies
from earlywarning.pipeline.training import Trained, refuse_unrecorded, train
from earlywarning.pipeline.tuning import tune
from earlywarning.pipeline.wording import phrasebook

__all__ = [
    "Step",
    "Trained",
    "ablate",
    "audit",
    "audit_decisions",
    "build_history",
    "check_extracts",
    "checked_extracts",
    "demo",
    "explain",
    "import_decisions",
    "ledger_entries",
    "mitigate",
    "name",
    "named_study",
    "offers",
    "phrasebook",
    "promote",
    "promote_if_won",
    "proxies",
    "quiet",
    "refuse_not_available",
    "refuse_unrecorded",
    "refuse_unseen",
    "rollback",
    "score",
    "train",
    "tune",
    "withdraw",
]
