"""A stray quote costs its own row, never the rows after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from earlywarning import pipeline
from earlywarning.synthetic import generate


@pytest.mark.parametrize("row", [1, 60])
def test_an_unclosed_quote_swallows_no_other_row(tmp_path: Path, row: int) -> None:
    data = tmp_path / "data"
    generate(data, pupils=600, years=3, seed=2, format="csv")
    path = data / "suspensions.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[row] = lines[row].replace(",", ',"', 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = pipeline.check_extracts(data)["tables"]["suspensions"]
    assert told["read"] == len(lines) - 1
    assert told["used"] >= len(lines) - 2
