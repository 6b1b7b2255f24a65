"""Pictures of the published figures beside the invented ones, from what ``synth --check-targets`` prints."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, GREY = "#1d70b8", "#505a5f"
"""Blue and dark grey of the GOV.UK palette: told apart in print and by shape as well."""
AREAS = ("Kensington and Chelsea", "Westminster")
SEN = {
    "suspended_in_term_no_sen": "no SEN",
    "suspended_in_term_sen_support": "SEN support",
    "suspended_in_term_ehc_plan": "EHC plan",
}
GROUPS = ("white", "mixed", "asian", "black", "other")


def draw(targets: pd.DataFrame, out: Path) -> list[Path]:
    """One SVG for each picture, the same bytes for the same figures."""
    mpl.rcParams.update({"svg.hashsalt": "earlywarning", "font.size": 9, "axes.spines.top": False})
    mpl.rcParams.update({"axes.spines.right": False, "svg.fonttype": "none"})
    out.mkdir(parents=True, exist_ok=True)
    return [picture(targets, out) for picture in (by_year, by_ward, by_ethnicity, by_sen)]


def by_year(targets: pd.DataFrame, out: Path) -> Path:
    """Suspensions by NC year over Year 10's."""
    rows = targets[targets["target"] == "suspensions_nc_year_profile"]
    rows = rows.assign(name="Year " + rows["group"])
    figure, axes = plt.subplots(figsize=(6.5, 2.6), layout="constrained")
    _beside(axes, rows, "rate over Year 10's")
    return _save(figure, out / "rates-by-year.svg", "Suspensions by National Curriculum year")


def by_ward(targets: pd.DataFrame, out: Path) -> Path:
    """The four wards with most suspensions of residents in each borough."""
    return _by_area(
        targets[targets["target"] == "four_ward_share"].assign(name=lambda rows: rows["group"]),
        out / "rates-by-ward.svg",
        "% of residents' suspensions",
        "Share of residents' suspensions by ward",
    )


def by_ethnicity(targets: pd.DataFrame, out: Path) -> Path:
    """Suspensions per 100 pupils by major group."""
    names = {f"suspensions_{group}": group.capitalize() for group in GROUPS}
    rows = targets[targets["target"].isin(names)]
    return _by_area(
        rows.assign(name=rows["target"].map(names)),
        out / "rates-by-ethnicity.svg",
        "suspensions per 100 pupils",
        "Suspensions per 100 pupils a year by ethnic group",
    )


def by_sen(targets: pd.DataFrame, out: Path) -> Path:
    """Secondary pupils suspended in a term by SEN provision."""
    rows = targets[targets["target"].isin(SEN)]
    return _by_area(
        rows.assign(name=rows["target"].map(SEN)),
        out / "rates-by-sen.svg",
        "% suspended in a term",
        "Secondary pupils suspended in a term by SEN provision",
    )


def _by_area(rows: pd.DataFrame, path: Path, axis: str, title: str) -> Path:
    figure, both = plt.subplots(1, 2, figsize=(8.5, 2.8), layout="constrained", sharex=True)
    for axes, area in zip(both, AREAS, strict=True):
        _beside(axes, rows[rows["area"] == area], axis)
        axes.set_title(area, fontsize=9)
    return _save(figure, path, title)


def _beside(axes: Axes, rows: pd.DataFrame, axis: str) -> None:
    """Published as a bar with its range, invented as a dot with two standard deviations between seeds."""
    place = range(len(rows))[::-1]
    axes.barh(place, rows["high"] - rows["low"], left=rows["low"], height=0.5, color="#d5d8da")
    axes.plot(rows["published"], place, "|", color=GREY, markersize=14, markeredgewidth=2)
    axes.errorbar(
        rows["expected"], place, xerr=2 * rows["sd"], fmt="o", color=BLUE, markersize=5, capsize=2, lw=1
    )
    axes.set_yticks(list(place), rows["name"])
    axes.set_xlabel(axis)
    axes.set_xlim(left=0)


def _save(figure: Figure, path: Path, title: str) -> Path:
    figure.suptitle(
        f"{title}\npublished (grey, with its range) and invented (blue, two standard deviations)", fontsize=9
    )
    figure.savefig(path, metadata={"Date": None, "Title": title})
    plt.close(figure)
    return path
