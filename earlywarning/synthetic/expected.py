"""What the generator makes on average: many authorities in memory, each measured like a data folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from earlywarning.errors import WrongUsage
from earlywarning.synthetic.authority import found
from earlywarning.synthetic.books import Memory
from earlywarning.synthetic.generate import Story, Told
from earlywarning.synthetic.reference import terms_rows
from earlywarning.synthetic.registers import MARKED
from earlywarning.synthetic.schools import PUPILS
from earlywarning.synthetic.switches import LABEL, Switches
from earlywarning.synthetic.targets import KEY, measured, measured_in, published
from earlywarning.tables import TABLES

NEEDED = frozenset(
    {"schools", "terms", "pupils", "enrolments", "residence", "sen", "services", "suspensions", "ks2"}
    | {"supports", MARKED.name}
)
FIRST_SEED = 1_000_000
"""Seeds of the simulated authorities begin here, far from those of data folders."""
YEARS = 6
FEWEST, CHANCE = 5, 2.6
"""Authorities to simulate at least, and standard deviations that a single seed may lie outside the range."""
BY_BIAS = ("suspensions_", "suspended_in_term_", "code_e_", "black_caribbean_", "under_represented_")
"""Targets on ethnicity and SEN: they need not hold where the planted bias is not the ordinary one."""
ALWAYS = ("suspensions_all", "suspensions_secondary", "suspensions_nc_year_profile")


def refuse_other_worlds(pupils: int, years: int, switches: Switches, many: int) -> None:
    """Nothing; targets are about the published size and the ordinary world, whatever its bias.

    Raises:
        WrongUsage: another size, other years, a switch that changes levels, or too few simulations.
    """
    ordinary = Switches(bias=switches.bias, bias_size=switches.bias_size)
    if (pupils, years) != (PUPILS, YEARS):
        raise WrongUsage(
            f"--check-targets is about {PUPILS} pupils and {YEARS} years, not {pupils} and {years}. "
            "Leave --pupils and --years out."
        )
    if switches != ordinary:
        raise WrongUsage(
            "--check-targets is about the ordinary world; of the switches only --bias and --bias-size go "
            "with it. Leave the others out."
        )
    if many < FEWEST:
        raise WrongUsage(f"simulations is {many}; allowed are {FEWEST} or more. Choose a larger number.")


def checked_targets(
    folder: Path, switches: Switches, many: int, done: Callable[[int, int], None]
) -> pd.DataFrame:
    """Every published figure beside what the generator makes on average and what the data folder holds.

    Columns target, area, group, published, low, high, unit, expected (mean over ``many`` authorities made in
    memory), this_seed, sd (between authorities), must_hold and ok: the mean lies in the range from ``low``
    to ``high``, and the folder within 2.6 standard deviations of it.
    """
    workers = min(2, os.cpu_count() or 1)
    each = simulated(many, YEARS, switches, workers, done)
    table = published().set_index(KEY)
    table["expected"], table["sd"] = each.mean(axis=1), each.std(axis=1)
    table["this_seed"] = measured_in(folder)
    low, high = table["low"].fillna(-np.inf), table["high"].fillna(np.inf)
    spare = CHANCE * table["sd"]
    table["ok"] = table["expected"].between(low, high) & table["this_seed"].between(low - spare, high + spare)
    target = table.index.get_level_values("target")
    ordinary = switches.bias == LABEL and switches.bias_size == 1.0
    hangs_on_bias = target.str.startswith(BY_BIAS) & ~target.isin(ALWAYS)
    table["must_hold"] = ordinary | ~hangs_on_bias
    return table.reset_index()


def of_seed(seed: int, years: int, switches: Switches) -> pd.Series:
    """The measures of one authority of the published size, made in memory."""
    book = Memory(NEEDED)
    authority = found(seed, PUPILS, years, switches)
    Story(authority, book, Told.to_nobody(), named=False).tell()
    book.append(TABLES["terms"], terms_rows(authority))
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false; SET threads = 1")
        for name in book.parts:
            connection.register(name, book.table(name))
        return measured(connection)


def simulated(
    many: int, years: int, switches: Switches, workers: int, done: Callable[[int, int], None]
) -> pd.DataFrame:
    """One row a figure, one column a seed, of ``many`` authorities; ``done`` is told how many there are."""
    columns = {}
    for number, values in enumerate(_each(many, years, switches, workers), start=1):
        columns[FIRST_SEED + number] = values
        done(number, many)
    return pd.DataFrame(columns)


def _each(many: int, years: int, switches: Switches, workers: int) -> Iterator[pd.Series]:
    """The measures of each authority, in the order of their seeds."""
    seeds = range(FIRST_SEED + 1, FIRST_SEED + many + 1)
    if workers == 1:
        yield from (of_seed(seed, years, switches) for seed in seeds)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(of_seed, seeds, [years] * many, [switches] * many)
