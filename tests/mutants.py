"""Mutants: one change to production code for each law, and the test that must catch it.

    python tests/mutants.py             apply each mutant to a copy of the package and run its test
    python tests/mutants.py --only 3    the mutants of one law

A mutant that survives is a law without a test; the command then ends with exit code 1.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Mutant:
    """``before`` stands exactly once in ``file``; with ``after`` in its place ``test`` must fail."""

    law: int
    breaks: str
    file: str
    before: str
    after: str
    test: str


FUTURE = "tests/property/test_future_blind.py"

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        1,
        "cells read rows that were not known on the day",
        "earlywarning/dataset/history.py",
        'nw.col("known_at") <= nw.col("cut")',
        'nw.col("known_at") <= nw.col("cut") + 1000',
        f"{FUTURE}::test_rows_known_between_two_cuts_change_only_the_later_one",
    ),
    Mutant(
        1,
        "spells are read before they were known",
        "earlywarning/dataset/history.py",
        '.filter(nw.col("known_from") <= nw.col("as_of_date"), nw.col("start_date") <= nw.col("as_of_date"))',
        '.filter(nw.col("start_date") <= nw.col("as_of_date"))',
        f"{FUTURE}::test_rows_known_between_two_cuts_change_only_the_later_one",
    ),
    Mutant(
        1,
        "the end of a spell is seen before it was known",
        "earlywarning/dataset/history.py",
        'nw.when(nw.col("end_known_from") <= nw.col("as_of_date")).then(nw.col("end_date"))',
        'nw.col("end_date")',
        f"{FUTURE}::test_the_end_of_a_spell_is_not_seen_before_it_is_known",
    ),
    Mutant(
        1,
        "a retraction counts as one more row",
        "earlywarning/dataset/history.py",
        ".then(nw.lit(-1))",
        ".then(nw.lit(1))",
        f"{FUTURE}::test_a_retraction_takes_a_row_back_from_its_own_date",
    ),
    Mutant(
        2,
        "not visible becomes zero",
        "earlywarning/dataset/assemble.py",
        "nw.when(nw.col(seen_by[name])).then(nw.col(name).fill_null(0)).alias(name)",
        "nw.col(name).fill_null(0).alias(name)",
        f"{FUTURE}::test_a_school_that_did_not_send_makes_missing_values_and_never_zero",
    ),
    Mutant(
        3,
        "code E counts as absence",
        "earlywarning/features/attendance.py",
        'LEFT_OUT = frozenset("ERTS")',
        'LEFT_OUT = frozenset("RTS")',
        "tests/features/test_attendance.py::test_suspended_sessions_are_neither_absent_nor_possible",
    ),
    Mutant(
        4,
        "leaving the roll counts as no event",
        "earlywarning/labels/new_suspension.py",
        'return last.where(last < cohort["closes"])',
        'return last.where(last < cohort["as_of_date"])',
        "tests/labels/test_new_suspension.py::test_a_pupil_who_leaves_is_censored",
    ),
    Mutant(
        4,
        "the label opens before the panel meets",
        "earlywarning/labels/new_suspension.py",
        'pairs["happened"].between(pairs["panel_date"], pairs["closes"])',
        'pairs["happened"].between(pairs["panel_date"] - pd.Timedelta(days=14), pairs["closes"])',
        "tests/labels/test_new_suspension.py::test_what_happens_between_the_cut_and_the_panel_counts_for_nobody",
    ),
    Mutant(
        5,
        "a label trains before it has matured",
        "earlywarning/dataset/splits.py",
        '(rows["matures_on"] < begins)',
        '(rows["panel_date"] < begins + pd.Timedelta(days=3650))',
        "tests/dataset/test_splits.py::test_a_training_label_is_mature_before_the_test_begins",
    ),
)


def caught(mutant: Mutant) -> bool:
    """True when the mutant's test fails on a copy of the package that holds the mutant."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("earlywarning", "tests", "configs", "benchmarks"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        target = copy / mutant.file
        text = target.read_text(encoding="utf-8")
        if text.count(mutant.before) != 1:
            raise SystemExit(
                f"{mutant.file}: the text to change stands {text.count(mutant.before)} times, not once"
            )
        target.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutant.test],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode not in (0, 1):
            raise SystemExit(
                f"law {mutant.law}, '{mutant.breaks}': the test could not run\n{run.stdout[-2000:]}"
            )
        return run.returncode == 1


def main() -> int:
    """Run the mutants and say which were caught."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=int, metavar="LAW", help="the mutants of one law")
    only = parser.parse_args().only
    survived = 0
    for mutant in MUTANTS:
        if only in (None, mutant.law):
            good = caught(mutant)
            survived += not good
            sys.stdout.write(f"{'caught  ' if good else 'SURVIVED'}  law {mutant.law}: {mutant.breaks}\n")
            sys.stdout.flush()
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
