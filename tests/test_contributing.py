"""CONTRIBUTING keeps its promise: a family is added by copying one short file."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from building import history_of

from earlywarning import FAMILIES, STUDIES, Family, build_features, generate
from earlywarning.dataset.assemble import assemble
from earlywarning.engines import open_engine

ROOT = Path(__file__).resolve().parent.parent
TOLD = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
LONGEST = 40
TO_COPY = re.search(r"Copy `(earlywarning/features/(\w+)\.py)`", TOLD)
RENAMED = re.search(r"`sed '(.+?)' \S+ > \S+`", TOLD)


def copied(tmp_path: Path) -> Family:
    """The family in a copy of the file, renamed as CONTRIBUTING says."""
    assert TO_COPY and RENAMED
    text = (ROOT / TO_COPY[1]).read_text(encoding="utf-8")
    for old, new in re.findall(r"s/(\w+)/(\w+)/g", RENAMED[1]):
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "copied.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("copied", path)
    assert spec and spec.loader
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (family,) = [value for value in vars(module).values() if isinstance(value, Family)]
    return family


def test_the_file_to_copy_is_short() -> None:
    assert TO_COPY
    assert TO_COPY[2] in FAMILIES
    assert len((ROOT / TO_COPY[1]).read_text(encoding="utf-8").splitlines()) <= LONGEST
    assert f"{LONGEST} lines" in TOLD


def test_a_copy_under_a_new_name_works_in_a_study_and_in_a_notebook(tmp_path: Path) -> None:
    assert TO_COPY
    family = copied(tmp_path)
    first = FAMILIES[TO_COPY[2]]
    assert not {f.name for f in family.features} & {f.name for f in first.features}
    generate(tmp_path / "data", pupils=500, years=3, seed=1)
    study = replace(STUDIES["secondary"], families=(*FAMILIES.values(), family))
    frame = build_features(tmp_path / "data", "2025-12-31", study=study)
    for new, old in zip(family.inputs, first.inputs, strict=True):
        assert frame[new.name].notna().any()
        assert frame[new.name].equals(frame[old.name].rename(new.name))
        assert frame.attrs["features"][new.name]["family"] == family.name


@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_a_copy_is_the_same_on_another_engine(engine: str, tmp_path: Path) -> None:
    family = copied(tmp_path)
    tables = {"pupils": "pupil_id\na", "enrolments": "pupil_id | school_id | nc_year | start_date\n"
              "a | s1 | 9 | 2024-09-02"}  # fmt: skip
    study = replace(STUDIES["secondary"], families=(family,), essential=())
    with open_engine(engine) as opened:
        X = assemble(study, history_of(opened, tables, ["2024-12-31"]), labelled=False).X
    assert X.notna().all(axis=None)
