"""The files around the package keep their promises."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = re.findall(
    r"^([A-Za-z0-9_.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
)


def named(requirement: str) -> str:
    """The normalised name of a requirement such as ``mlflow>=3.13``."""
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9_.-]+", requirement).group()).lower()  # type: ignore[union-attr]


PINNED = {named(name) for name, _ in PINS}


def test_every_line_of_the_constraints_is_a_plain_pin() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line and not line.startswith("#")]
    assert kept
    assert len(kept) == len(PINS) == len(PINNED)


def test_every_dependency_is_pinned() -> None:
    extras = PROJECT["optional-dependencies"].values()
    asked = {
        named(each) for each in [*PROJECT["dependencies"], *(each for extra in extras for each in extra)]
    }
    assert asked - {"earlywarning"} <= PINNED


def test_what_the_pinned_packages_need_is_pinned_too() -> None:
    here = {named(str(found.name)): found.requires or [] for found in distributions()}
    for name in PINNED & set(here):
        always = {named(requirement) for requirement in here[name] if ";" not in requirement}
        assert always <= PINNED, name


def test_the_test_extra_includes_the_others() -> None:
    extras = PROJECT["optional-dependencies"]
    assert f"earlywarning[{','.join(name for name in extras if name != 'test')}]" in extras["test"]


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="needs a git checkout"
)
@pytest.mark.parametrize(
    "path",
    [
        "models/mlflow.db",
        "models/artifacts/a",
        "data/pupils.csv",
        "out/panel.html",
        "DATA/x",
        "a/pupils.parquet",
        "k.key",
    ],
)
def test_pupils_data_cannot_be_committed_by_accident(path: str) -> None:
    asked = subprocess.run(["git", "check-ignore", "-q", "--no-index", path], cwd=ROOT, check=False)
    assert asked.returncode == 0


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="needs a git checkout"
)
@pytest.mark.parametrize(
    "path", ["models/README.md", "earlywarning/codes/data/sex.csv", "earlywarning/py.typed"]
)
def test_what_belongs_in_the_repository_is_not_ignored(path: str) -> None:
    asked = subprocess.run(["git", "check-ignore", "-q", "--no-index", path], cwd=ROOT, check=False)
    assert asked.returncode == 1
