"""The folders are the data flow: an arrow never points back, and heavy libraries have one home each."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "earlywarning"

LAYERS = (
    {"chain", "clock", "disclosure", "drawing", "errors", "files", "hyperparameters", "protected"},
    {"codes", "identity", "school_calendar"},
    {"engines"},
    {"tables"},
    {"sources"},
    {"synthetic"},
    {"dataset.history", "dataset.coverage", "dataset.lookups", "dataset.kept"},  # the only readers of events
    {"features", "labels"},
    {"model"},
    {"studies"},
    {"dataset"},
    {"audit"},
    {"explain"},
    {"watchlist"},
    {"tracking", "config", "inputs", "policy", "invented", "ledger"},
    {"decisions"},
    {"naming"},
    {"trial"},
    {"tuning", "shipping", "pages"},
    {"promotion"},
    {"pipeline"},
    {"notebook"},
    {"cli"},
)
"""A module that stands elsewhere than its folder is named by itself."""
HOMES = {
    "mlflow": "tracking",
    "fairlearn": "audit",
    "shap": "explain",
    "pyspark": "engines",
    "lightgbm": "model",
    "optuna": "tuning",
}


def place(module: str) -> str:
    """The part of the package a module belongs to: itself where it is named, else its folder."""
    own = module.removeprefix("earlywarning.")
    named = [part for layer in LAYERS for part in layer if f"{own}.".startswith(f"{part}.")]
    return max(named, key=len, default=own.split(".")[0])


def level(module: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if place(module) in layer)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        if name not in ("earlywarning", "earlywarning.__main__"):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


MODULES = dict(modules())


def test_every_module_has_a_place_in_the_flow() -> None:
    places = {name for layer in LAYERS for name in layer}
    assert {place(name) for name in MODULES} == places


@pytest.mark.parametrize("name", MODULES)
def test_no_arrow_points_back(name: str) -> None:
    ours = [target for target in imports(MODULES[name]) if target.startswith("earlywarning.")]
    backwards = [t for t in ours if t.split(".")[1] != "__version__" and level(t) > level(name)]
    assert not backwards


@pytest.mark.parametrize("name", MODULES)
def test_a_heavy_library_has_one_home(name: str) -> None:
    roots = {target.split(".")[0] for target in imports(MODULES[name])}
    astray = [library for library, home in HOMES.items() if library in roots and place(name) != home]
    assert not astray


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = ("pandas", "mlflow", "lightgbm", "shap", "duckdb", "optuna")
    code = f"import sys, earlywarning; print([m for m in {heavy} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_no_pickle_and_no_printing_in_the_package() -> None:
    for name, tree in MODULES.items():
        roots = {target.split(".")[0] for target in imports(tree)}
        assert not roots & {"pickle", "joblib", "cloudpickle", "dill"}, name
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
        assert not [call for call in calls if getattr(call.func, "id", "") in {"print", "eval", "exec"}], name
