"""The search: seeded, taken up where it was broken off, its owner's alone, and not needed by the rest."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from earlywarning import cli
from earlywarning.errors import MachineRefused, WrongUsage
from earlywarning.files import only_run
from earlywarning.hyperparameters import BOUNDS
from earlywarning.tuning.bench import Losses
from earlywarning.tuning.search import LOCK, Tried, name_of, search

MANY = 14
"""More than the ten that Optuna draws before it looks at those before."""


def loss(given: Mapping[str, float]) -> Losses:
    """Lowest where leaves are 5 and the step is 0.03."""
    value = (given["num_leaves"] - 5) ** 2 / 100 + abs(np.log(given["learning_rate"] / 0.03))
    return Losses(float(value), {"2023/24": float(value)}, np.empty(0))


class BrokenOff:
    """Stops for good at the ``last`` trial asked of it."""

    def __init__(self, last: int) -> None:
        self.last, self.asked = last, 0

    def __call__(self, given: Mapping[str, float]) -> Losses:
        self.asked += 1
        if self.asked == self.last:
            raise KeyboardInterrupt
        return loss(given)


def tried(
    store: Path, test: object = loss, trials: int = MANY, seed: int = 1, name: str = "s"
) -> list[Tried]:
    bounds = {name: BOUNDS[name] for name in ("num_leaves", "learning_rate")}
    return search(
        bounds,
        test,
        store=store,
        name=name,
        trials=trials,
        seed=seed,
        told=lambda *_: None,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> list[Tried]:
    return tried(tmp_path_factory.mktemp("straight") / "tuning.db")


def test_a_search_keeps_to_its_bounds_and_gets_somewhere(straight: list[Tried]) -> None:
    assert [one.number for one in straight] == list(range(1, MANY + 1))
    for one in straight:
        assert all(BOUNDS[name].hold(value) for name, value in one.hyperparameters.items())
        assert one.by_fold == {"2023/24": one.log_loss}
    assert len({one.log_loss for one in straight}) == MANY


def test_a_search_broken_off_goes_on_with_the_trials_it_would_have_had(
    straight: list[Tried], tmp_path: Path
) -> None:
    store = tmp_path / "tuning.db"
    for last in (4, 9):  # before and after Optuna looks back
        with pytest.raises(KeyboardInterrupt):
            tried(store, BrokenOff(last))
    again = BrokenOff(MANY)
    assert tried(store, again) == straight
    assert again.asked == MANY - 3 - 8
    assert tried(store, BrokenOff(1)) == straight  # nothing is left to do


def test_another_seed_or_another_name_is_another_search(straight: list[Tried], tmp_path: Path) -> None:
    store = tmp_path / "tuning.db"
    assert tried(store, trials=3) == straight[:3]
    assert tried(store, trials=3, name="other data", seed=2) != straight[:3]
    assert tried(store, BrokenOff(1), trials=3) == straight[:3]


def test_a_name_holds_everything_it_is_about() -> None:
    about = {"data": "d", "code": "c", "label": "l", "seed": 1}
    names = {name_of("secondary", **about)} | {
        name_of("secondary", **(about | {part: "other"})) for part in about
    }
    assert len(names) == 1 + len(about)
    assert all(name.startswith("secondary-") for name in names)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owner-only mode bits")
def test_the_store_is_its_owners_alone(tmp_path: Path) -> None:
    tried(tmp_path / "models" / "tuning.db", trials=1)
    for path in (tmp_path / "models").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_two_runs_do_not_tune_in_one_folder(tmp_path: Path) -> None:
    with only_run(tmp_path / LOCK, "held"), pytest.raises(MachineRefused, match="Another run is tuning"):
        tried(tmp_path / "tuning.db", trials=1)


def test_a_damaged_store_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "tuning.db").write_bytes(b"no database" * 100)
    with pytest.raises(MachineRefused, match="move the file away"):
        tried(tmp_path / "tuning.db", trials=1)


def test_without_optuna_the_command_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert cli.main(["tune", str(tmp_path)]) == WrongUsage.exit_code == 2
    assert "pip install 'earlywarning[tuning]'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_without_optuna_every_module_is_imported_and_the_rest_works() -> None:
    code = """
import importlib, pkgutil, sys
sys.modules["optuna"] = None
import earlywarning
skipped = {"earlywarning.__main__"}
for found in pkgutil.walk_packages(earlywarning.__path__, "earlywarning."):
    if found.name not in skipped:
        importlib.import_module(found.name)
from earlywarning import RiskClassifier
model = RiskClassifier(n_seeds=1).fit([[float(n)] for n in range(200)], [n > 150 for n in range(200)])
sys.stdout.write(str(model.predict([[10.0], [190.0]]).tolist()))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[False, True]"
