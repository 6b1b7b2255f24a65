"""The mutants still fit the code they change; ``python tests/mutants.py`` shows that each is caught."""

from __future__ import annotations

import pytest
from mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"law {mutant.law}: {mutant.breaks}")
def test_a_mutant_changes_one_place_and_names_a_test_that_exists(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.before) == 1
    file, _, name = mutant.test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
