"""What tests of every folder share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

REQUIRED = "EARLYWARNING_REQUIRE_PROGRAMS"


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
