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
from earlywarning.pipeline.training import Trained, refuse_unrecorded, train

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
    "name",
    "named_study",
    "offers",
    "promote",
    "promote_if_won",
    "quiet",
    "refuse_not_available",
    "refuse_unrecorded",
    "refuse_unseen",
    "rollback",
    "score",
    "train",
    "withdraw",
]
