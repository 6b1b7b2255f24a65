"""Looking for better hyperparameters inside the training years; only :mod:`.search` needs Optuna."""

from earlywarning.tuning.bench import Bench, Losses, bench_of
from earlywarning.tuning.found import Found, settings_file
from earlywarning.tuning.search import STORE, Tried, name_of, refuse_without_optuna, search

__all__ = [
    "STORE",
    "Bench",
    "Found",
    "Losses",
    "Tried",
    "bench_of",
    "name_of",
    "refuse_without_optuna",
    "search",
    "settings_file",
]
