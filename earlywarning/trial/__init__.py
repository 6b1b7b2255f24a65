"""Is it worth using here: model and rules tried on a year they have not seen, and what that rests on."""

from earlywarning.trial.capacity import capacity_of, places_of
from earlywarning.trial.gates import run_canaries, run_gates
from earlywarning.trial.run import Step, fitted_on, run_trial
from earlywarning.trial.tested import MODEL, PAIRS, Trial

__all__ = [
    "MODEL",
    "PAIRS",
    "Step",
    "Trial",
    "capacity_of",
    "fitted_on",
    "places_of",
    "run_canaries",
    "run_gates",
    "run_trial",
]
