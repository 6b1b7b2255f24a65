"""The notebooks run from top to bottom, and what is kept is what they say."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
SOURCES = sorted(NOTEBOOKS.glob("*.py"))
PICTURES = {"01_retrain": 4, "02_try_a_family": 1, "03_mitigation": 1}
"""At least so many pictures in each."""
KINDS = {"image/png", "image/svg+xml"}
SMALLER = {
    "01_retrain": {
        "pupils=1500, years=5": "pupils=1500, years=4",
        "train(DATA, models=MODELS)": "train(DATA, settings=config.Settings("
        "model=config.ModelSettings(seeds=2, refits=2)), models=MODELS)",
    },
    "02_try_a_family": {"pupils=1500, years=4": "pupils=1000, years=4"},
    "03_mitigation": {
        "pupils=3000, years=4": "pupils=1600, years=4",
        "ModelSettings(seeds=1)": "ModelSettings(seeds=1, refits=2)",
    },
}
"""What is made smaller to see that every cell runs: the kept notebook is the one that was run whole."""


def cells(notebook: nbformat.NotebookNode) -> list[tuple[str, str]]:
    return [(cell.cell_type, cell.source) for cell in notebook.cells]


def smaller(source: Path) -> nbformat.NotebookNode:
    """The notebook with fewer invented pupils and boosters; each place to change stands there once."""
    text = source.read_text(encoding="utf-8")
    for whole, part in SMALLER[source.stem].items():
        assert text.count(whole) == 1, whole
        text = text.replace(whole, part)
    return jupytext.reads(text, fmt="py:percent")


def test_there_are_notebooks() -> None:
    assert [path.stem for path in SOURCES] == list(PICTURES)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_runs(source: Path, tmp_path: Path) -> None:
    notebook = smaller(source)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if KINDS & set(output.get("data", {}))
    ]
    assert len(pictures) >= PICTURES[source.stem]


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_kept_notebook_is_the_source_executed_with_its_pictures(source: Path) -> None:
    kept = nbformat.read(source.with_suffix(".ipynb"), as_version=4)
    assert cells(kept) == cells(jupytext.read(source))
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    pictures = sum(bool(KINDS & set(o.get("data", {}))) for cell in code for o in cell.outputs)
    assert pictures >= PICTURES[source.stem]
    assert "/home/" not in nbformat.writes(kept)
    assert "Traceback" not in nbformat.writes(kept)
