"""Where runs and models are remembered: MLflow on a SQLite file, and the folders of models beside it.

The only folder that imports mlflow, and only inside functions, because importing it takes seconds.
"""

from earlywarning.tracking.models import (
    Registered,
    bundle_folder,
    ledger_marks,
    mark_ledger,
    registered,
    resolve,
)
from earlywarning.tracking.runs import (
    REPORTS,
    TESTED_ON,
    Looks,
    Nested,
    TrackedRun,
    list_runs,
    log_run,
    log_tuning,
    looks,
)

__all__ = [
    "REPORTS",
    "TESTED_ON",
    "Looks",
    "Nested",
    "Registered",
    "TrackedRun",
    "bundle_folder",
    "ledger_marks",
    "list_runs",
    "log_run",
    "log_tuning",
    "looks",
    "mark_ledger",
    "registered",
    "resolve",
]
