"""Inventing an authority, and holding it against the published figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from earlywarning.errors import GateRefused
from earlywarning.synthetic import generate
from earlywarning.synthetic.expected import checked_targets, refuse_other_worlds
from earlywarning.synthetic.switches import Switches

FIGURES = ["published", "low", "high", "expected", "this_seed", "sd"]


def synth(
    out: Path,
    *,
    pupils: int,
    years: int,
    seed: int,
    step: Callable[[str], None],
    format: str = "parquet",
    switches: Switches | None = None,
    simulations: int | None = None,
) -> dict[str, Any]:
    """Write an invented authority to ``out``; with ``simulations`` hold it against the published figures.

    A figure that is not met sets ``exit_code``; the folder stays.

    Raises:
        WrongUsage: a size or a switch cannot be used; nothing is written.
    """
    switches = switches or Switches()
    if simulations is not None:
        refuse_other_worlds(pupils, years, switches, simulations)
    made = generate(
        out,
        pupils=pupils,
        years=years,
        seed=seed,
        format=format,
        switches=switches,
        progress=lambda what, done, total: step(f"{what} ({done} of {total})"),
    )
    rows = dict(made.rows)
    told: dict[str, Any] = {
        "folder": str(made.folder.absolute()),
        "pupils": made.pupils,
        "years": list(made.years),
        "seed": made.seed,
        "extracted_on": made.extracted_on.isoformat(),
        "rows": rows,
        "synthetic": True,
        "lines": [f"Invented authority written to {made.folder} ({sum(rows.values()):,} rows)."],
    }
    if simulations is None:
        return told
    found = checked_targets(
        out, switches, simulations, lambda done, many: step(f"authorities in memory ({done} of {many})")
    )
    return told | _held_against(found, simulations, told["lines"])


def _held_against(found: pd.DataFrame, simulations: int, lines: list[str]) -> dict[str, Any]:
    """The published figures beside the invented ones, for machines and for people."""
    missed = found[found["must_hold"] & ~found["ok"]]
    lines = [
        *lines,
        "",
        f"Published figures beside the mean of {simulations} invented authorities and this folder:",
        f"{'':<58}{'published':>10}{'from':>9}{'to':>9}{'expected':>10}{'sd':>8}{'here':>9}",
    ]
    for row in found.to_dict("records"):
        name = " ".join(filter(None, (row["target"], row["area"], row["group"])))
        figures = [_figure(row[name]) for name in ("published", "low", "high", "expected", "sd", "this_seed")]
        mark = "" if row["ok"] else "  NOT MET" if row["must_hold"] else "  (need not hold)"
        lines.append(f"{name:<58.58}" + "".join(f"{one:>9}" for one in figures) + mark)
    lines.append(f"{len(found) - len(missed)} of {len(found)} hold.")
    figures_or_none = {
        name: found[name].astype(object).where(np.isfinite(found[name].astype(float)), None)
        for name in FIGURES
    }
    targets = found.assign(**figures_or_none)
    told: dict[str, Any] = {"targets": targets.to_dict("records"), "lines": lines}
    return told | ({"exit_code": GateRefused.exit_code} if len(missed) else {})


def _figure(value: float) -> str:
    return "" if pd.isna(value) else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
