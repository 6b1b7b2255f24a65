"""The search itself: Optuna, seeded, kept on the disk after every trial. The only module that imports it.

Each trial hangs on the seed, its number and the trials before it, and on nothing else: a search that was
broken off goes on with the trials it would have had.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from earlywarning.errors import MachineRefused, WrongUsage
from earlywarning.files import only_run
from earlywarning.hyperparameters import Bounds

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study as Search

    from earlywarning.tuning.bench import Losses

STORE = "tuning.db"
LOCK = ".tuning.lock"
FOLDS = "by_fold"


@dataclass(frozen=True)
class Tried:
    """One trial: the ``hyperparameters``, their log loss, and that of each inner fold."""

    number: int
    hyperparameters: Mapping[str, float]
    log_loss: float
    by_fold: Mapping[str, float]


def refuse_without_optuna() -> None:
    """Nothing, when Optuna is there.

    Raises:
        WrongUsage: it is not, with the command that installs it.
    """
    if importlib.util.find_spec("optuna") is None:
        raise WrongUsage(
            "tuning needs Optuna, which is not installed: pip install 'earlywarning[tuning]', or in a "
            "checkout pip install -c constraints.txt '.[tuning]'. Everything "
            "else works without it, and so do the default settings."
        )


def name_of(study: str, **about: Any) -> str:
    """The name under which a search is kept: another as soon as anything it is ``about`` is another.

    >>> name_of("secondary", data="a") == name_of("secondary", data="b")
    False
    """
    text = json.dumps(about, sort_keys=True, default=str)
    return f"{study}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def search(
    bounds: Mapping[str, Bounds],
    test: Callable[[Mapping[str, float]], Losses],
    *,
    store: Path,
    name: str,
    trials: int,
    seed: int,
    told: Callable[[int, float | None], None],
) -> list[Tried]:
    """The first ``trials`` trials of the search called ``name``: those kept in ``store``, and the rest made.

    ``test`` gives what hyperparameters do; ``told`` hears the number of a trial about to be made and the
    lowest log loss so far.

    Raises:
        WrongUsage: Optuna is not installed.
        MachineRefused: another run is tuning in this folder, or the file cannot be used.
    """
    refuse_without_optuna()
    with _opened(store, name) as kept:
        while len(done := _complete(kept)) < trials:
            told(len(done) + 1, min((one.log_loss for one in done), default=None))
            _one_more(kept, bounds, test, seed + len(done))
        return done[:trials]


def _one_more(
    kept: Search,
    bounds: Mapping[str, Bounds],
    test: Callable[[Mapping[str, float]], Losses],
    seed: int,
) -> None:
    from optuna.samplers import TPESampler

    # A fresh sampler for each: one that went on drawing would start again where a search is taken up. Trials
    # that never ended are no part of it, or a search broken off would go on in another way.
    kept.sampler = TPESampler(seed=seed, constant_liar=False)
    trial = kept.ask({name: _distribution(each) for name, each in bounds.items()})
    found = test(trial.params)
    trial.set_user_attr(FOLDS, dict(found.by_fold))
    kept.tell(trial, found.log_loss)


def _complete(kept: Search) -> list[Tried]:
    """Trials that ended, in order, numbered from 1."""
    from optuna.trial import TrialState

    ended = kept.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    values = [(one, one.value) for one in ended if one.value is not None]
    return [
        Tried(number, dict(one.params), value, dict(one.user_attrs[FOLDS]))
        for number, (one, value) in enumerate(values, start=1)
    ]


def _distribution(bounds: Bounds) -> BaseDistribution:
    from optuna.distributions import FloatDistribution, IntDistribution

    if bounds.whole:
        return IntDistribution(int(bounds.low), int(bounds.high), log=bounds.by_factor)
    return FloatDistribution(bounds.low, bounds.high, log=bounds.by_factor)


@contextmanager
def _opened(store: Path, name: str) -> Iterator[Search]:
    """The search called ``name``, from a file for its owner only, by one run at a time."""
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    refusal = f"Another run is tuning in {store.parent}. Nothing was changed; wait for it, then run again."
    optuna.logging.set_verbosity(optuna.logging.ERROR)  # what goes wrong is told by the error itself
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        with only_run(store.parent / LOCK, refusal):
            os.close(os.open(store, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite would let everyone read it
            storage = optuna.storages.RDBStorage(f"sqlite:///{store.resolve().as_posix()}")
            try:
                yield optuna.create_study(
                    storage=storage, study_name=name, direction="minimize", load_if_exists=True
                )
            finally:
                storage.remove_session()
                storage.engine.dispose()
    except (OSError, SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        why = str(error).strip().splitlines()[0]
        raise MachineRefused(
            f"The search could not be kept in {store}: {why} Free some disk, or move the file away: the "
            "search then begins anew."
        ) from error
