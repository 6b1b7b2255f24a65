"""What tests of every folder share: an invented authority, one training run, and the programs needed."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings
from xdist.scheduler import LoadScopeScheduling

from earlywarning import clock
from earlywarning.config import FeatureSettings, ModelSettings, Settings
from earlywarning.engines import Engine, open_engine
from earlywarning.features import FAMILIES
from earlywarning.tracking import store

if TYPE_CHECKING:
    from earlywarning import pipeline

BEGAN = clock.now()
pytest.MonkeyPatch().setattr(clock, "now", lambda: BEGAN)  # stands still: a run may go on past midnight
REQUIRED = "EARLYWARNING_REQUIRE_PROGRAMS"
settings.register_profile("find-only", phases=[Phase.explicit, Phase.generate])  # a mutant need not be shrunk
FAST = Settings(model=ModelSettings(seeds=2, refits=5), features=FeatureSettings(tuple(FAMILIES)))
ROOT = Path(__file__).resolve().parent.parent
SHARED = {
    "spark": re.compile(r"\bspark: Engine\b|getfixturevalue\(.spark.\)"),
    "world": re.compile(r"^from conftest import .*\bWorld\b", re.MULTILINE),
}
"""What is dear to make, and what a file says that needs it."""


@cache
def scope(file: str) -> str:
    """What goes to one worker together: a file; or all the files that need the same dear thing."""
    path = ROOT / file
    said = path.read_text(encoding="utf-8") if path.is_relative_to(ROOT / "tests") and path.is_file() else ""
    return next((name for name, needed in SHARED.items() if needed.search(said)), file)


class Shared(LoadScopeScheduling):
    """A scope at a time, so that each worker makes what its tests share once and Spark is started once."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid.split("::", 1)[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Shared | None:
    """The scheduler, unless another was asked for on the command line."""
    return Shared(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_configure() -> None:
    """Workers have a core each: none starts threads for all of them, or burns its core while they wait."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest scopes first: one that is begun last leaves the other cores idle."""
    items.sort(key=lambda item: scope(item.nodeid.split("::", 1)[0]) not in SHARED)


@dataclass(frozen=True)
class World:
    """Invented extracts, the models trained on them and what the training said.

    In ``models`` the model is champion (by exception, which is quick); in the copy ``unpromoted`` it is not.
    """

    data: Path
    models: Path
    trained: pipeline.Trained
    unpromoted: Path


def promote_by_exception(models: Path, settings: Settings) -> None:
    """Make the challenger in ``models`` champion, which without a second test year is quick."""
    from earlywarning import pipeline

    pipeline.promote(
        by="the tests",
        reason="the data are invented",
        exception="a test needs no second year",
        expires=clock.now().date() + dt.timedelta(days=30),
        settings=settings,
        models=models,
    )


@pytest.fixture(scope="session", autouse=True)
def key_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A key of the tests' own: the user's is never touched."""
    patch = pytest.MonkeyPatch()
    patch.setenv("EARLYWARNING_KEY_FILE", str(tmp_path_factory.mktemp("key") / "test.key"))


@pytest.fixture(scope="session", autouse=True)
def migrated(tmp_path_factory: pytest.TempPathFactory) -> None:
    """MLflow makes its tables anew in each folder of models, which takes a second: here once a worker."""
    make, tables = store._make_owner_only, list[bytes]()

    def made(root: Path, database: Path) -> None:
        make(root, database)
        if not tables:
            tables.append(b"")  # the first is made by MLflow itself
            first = tmp_path_factory.mktemp("tracking")
            with store.opened(first):
                tables[0] = (first / "mlflow.db").read_bytes()
        if database.stat().st_size == 0:
            database.write_bytes(tables[0])

    pytest.MonkeyPatch().setattr(store, "_make_owner_only", made)


@pytest.fixture(scope="session")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extracts of 1,600 invented pupils over four years."""
    from earlywarning.synthetic import generate

    folder = tmp_path_factory.mktemp("extracts") / "data"
    generate(folder, pupils=1600, years=4, seed=3)
    return folder


@pytest.fixture(scope="session")
def world(extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A model trained on the extracts with few boosters, so that tests are quick."""
    from earlywarning import pipeline

    folder = tmp_path_factory.mktemp("world")
    models = folder / "models"
    trained = pipeline.train(extracts, settings=FAST, models=models)
    unpromoted = Path(shutil.copytree(models, folder / "unpromoted"))
    promote_by_exception(models, FAST)
    return World(extracts, models, trained, unpromoted)


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """Gives the path of the first of some programs that is installed.

    Where none is, the test is skipped, or fails when ``EARLYWARNING_REQUIRE_PROGRAMS`` is set, as it is in
    ``.ci/run``: a check that nobody ran is not a check.
    """

    def find(*names: str) -> str:
        for name in names:
            if path := shutil.which(name):
                return path
        if os.environ.get(REQUIRED):
            pytest.fail(f"{' or '.join(names)} is not installed, and {REQUIRED} is set")
        pytest.skip(f"{' or '.join(names)} is not installed")

    return find


@pytest.fixture(scope="session")
def spark(program: Callable[..., str]) -> Iterator[Engine]:
    """A local Spark that is started once: every engine opened meanwhile is a session of it."""
    program("java")
    with pytest.MonkeyPatch.context() as patch:
        # Java compiles less for so short a life: half the processor time.
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        engine = open_engine("spark")
    with engine:
        yield engine
