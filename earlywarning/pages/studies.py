"""The studies beside the model, told: a few lines for a screen, and a page with a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from earlywarning.audit.paired import EVERYONE
from earlywarning.audit.proxies import ProxyScan
from earlywarning.audit.verdict import SEEN
from earlywarning.audit.words import group_words, named
from earlywarning.drawing import Axis, Dot, dots, points, steps
from earlywarning.pages.report import rendered
from earlywarning.studies import Study
from earlywarning.trial.mitigation import AS_USED, Mitigation

INVENTED = "INVENTED DATA: nothing here is evidence about real pupils."
NAMED = 3
"""Changes that the first line names."""
Comparisons = Sequence[tuple[str, str, str]]


def proxy_answer(found: ProxyScan) -> str:
    """The first line: which groups the inputs can tell well, and of how many nothing can be said."""
    told = [named(p.attribute, p.group) for p in found.proxies if p.verdict in SEEN]
    unsure = sum(p.verdict == "cannot tell" for p in found.proxies)
    first = f"Of {len(found.proxies)} groups the inputs can guess {len(told)} well enough to matter"
    rest = f" Of {unsure} nothing can be told, which is not a pass." if unsure else ""
    return f"{first}{': ' + ', '.join(told) if told else ''}.{rest}"


def proxy_lines(found: ProxyScan, synthetic: bool) -> list[str]:
    """The scan for a person at a terminal."""
    lines = [*([INVENTED] if synthetic else []), proxy_answer(found)]
    for each in found.proxies:
        name = f"{each.attribute} {each.group}"
        if each.auroc is None or each.auroc.value is None:
            lines.append(f"{name:<34}cannot tell: {each.reason}")
            continue
        carried = ", ".join(carrier.feature for carrier in each.carried_by[:3])
        lines.append(
            f"{name:<34}AUROC {_with_interval(each.auroc.value, each.auroc.lower, each.auroc.upper)}, "
            f"by chance up to {each.permuted:.3f}: {each.verdict}: {each.reason}"
            f"{'; by ' + carried if carried else ''}"
        )
    return lines


def proxy_page(
    study: Study, found: ProxyScan, material: float, as_of: str, synthetic: bool, data_hash: str
) -> str:
    """The scan as a page; the same bytes for the same scan."""
    rows = [
        Dot(group_words(p.attribute, p.group), None, note="cannot tell")
        if p.auroc is None or p.auroc.value is None
        else Dot(
            group_words(p.attribute, p.group),
            p.auroc.value,
            p.auroc.lower,
            p.auroc.upper,
            p.verdict in SEEN,
        )
        for p in found.proxies
    ]
    picture = dots(
        rows,
        Axis(0.4, 1.0, ((0.4, "0.4"), (0.5, "0.5"), (material, f"{material:g}"), (1.0, "1"))),
        name="proxies",
        title="How well the inputs tell each group from all others",
        says="One line a row of the table: AUROC with its interval. Filled: watch or concern.",
        left=290,
        mark=(0.5, ""),
    )
    return rendered(
        "proxies.html.jinja",
        title=f"What the inputs give away: {study.name}",
        answer=proxy_answer(found),
        synthetic=synthetic,
        as_of=as_of,
        proxies=found.proxies,
        material=f"{material:.2f}",
        families=", ".join(study.family_names),
        picture=Markup(picture),  # noqa: S704 - ours
        shown=_with_interval,
        named=named,
        data_hash=data_hash,
    )


def mitigation_answer(found: Mitigation, declared: Comparisons) -> str:
    """The first line: what changes between groups that were declared before looking, and at what price."""
    gaps = _gaps(found, declared)
    moved = gaps[gaps["verdict"].isin(["higher", "lower"])]
    tried = gaps[gaps["option"] != AS_USED]
    if tried.empty:
        return "No gap in recall was declared, or there is nothing to compare."
    told = f"Of {len(tried)} changes in the gaps declared, {len(moved)} are beyond chance"
    unsure = int(tried["verdict"].eq("cannot tell").sum())
    moves = [f"{row['option']} ({row['attribute']} {row['group']})" for row in _records(moved)]
    which = "; ".join(moves[:NAMED]) + (f"; and {len(moves) - NAMED} more" if len(moves) > NAMED else "")
    return f"{told}{': ' + which if which else ''}. Too few events to tell: {unsure}."


def mitigation_lines(found: Mitigation, declared: Comparisons, synthetic: bool) -> list[str]:
    """The study for a person at a terminal: one line an option."""
    lines = [*([INVENTED] if synthetic else []), mitigation_answer(found, declared)]
    lines.append(f"Tested on {found.tested_on}. Recall of everyone, and its change against the list as used:")
    for row in _records(_overall(found.table)):
        told = f"{row['option']:<44}{_percent(row['value'], row['lower'], row['upper'])}"
        if row["option"] != AS_USED:
            told += f"  change {_points(row['change'], row['change_lower'], row['change_upper'])}"
        lines.append(told)
    return lines


def mitigation_page(
    study: Study, found: Mitigation, declared: Comparisons, synthetic: bool, data_hash: str
) -> str:
    """The study as a page; the same bytes for the same study."""
    overall, gaps = _overall(found.table), _gaps(found, declared)
    table = found.table
    groups = table[(table["attribute"] != EVERYONE) & (table["metric"] != "recall_gap")]
    looked_at = groups[groups["verdict"] != ""]
    chosen = _compared(gaps)
    return rendered(
        "mitigation.html.jinja",
        title=f"Other ways of making the list: {study.name}",
        answer=mitigation_answer(found, declared),
        synthetic=synthetic,
        found=found,
        outcome=study.label.meaning,
        overall=_records(overall),
        gaps=_records(gaps),
        moved=_records(looked_at[looked_at["verdict"].isin(["higher", "lower"])]),
        looked_at=len(looked_at),
        unsure=int(looked_at["verdict"].eq("cannot tell").sum()),
        compared=chosen,
        picture=Markup(trade_off_picture(table, *chosen) if chosen else ""),  # noqa: S704 - ours
        percent=_percent,
        points=_points,
        data_hash=data_hash,
    )


def trade_off_picture(table: pd.DataFrame, attribute: str, group: str) -> str:
    """An inline SVG of a study's ``table``: recall of everyone across, the gap of one group up.

    Points are numbered in the order of the options; the list as used, which comes first, is filled.
    """
    gaps = table[
        table["metric"].eq("recall_gap") & table["attribute"].eq(attribute) & table["group"].eq(group)
    ]
    gap = {row["option"]: float(row["value"]) for row in _records(gaps)}
    places = [(float(row["value"]), gap[row["option"]]) for row in _records(_overall(table))]
    drawn = [
        (x, y, str(number))
        for number, (x, y) in enumerate(places, start=1)
        if not math.isnan(x) and not math.isnan(y)
    ]
    across, up = [x for x, _, _ in drawn], [y for _, y, _ in drawn]
    return points(
        drawn,
        _axis(min(across), max(across)),
        _axis(min(0.0, *up), max(0.01, *up)),
        name="trade-off",
        title="Recall of everyone and the gap between groups",
        says="One point an option, numbered as in the table. Filled: the list as used. A gap of 0 is no gap.",
        words=("Recall of everyone", f"Recall of {group} ({attribute}) less that of all others"),
    )


def _axis(low: float, high: float) -> Axis:
    """Round numbers around what is shown; 0 is on it where ``low`` is not above 0."""
    ticks = steps(max(high - low, 0.01), most=4)
    first = math.floor(low / ticks[1])
    marks = [round(ticks[1] * (first + number), 12) for number in range(len(ticks) + 1)]
    return Axis(
        marks[0],
        marks[-1],
        tuple((mark, f"{mark:.3g}" if ticks[1] < 0.01 else f"{mark:.0%}") for mark in marks),
    )


def _compared(gaps: pd.DataFrame) -> tuple[str, str] | None:
    """The first declared comparison of recall that can be drawn for the list as used."""
    used = gaps[(gaps["option"] == AS_USED) & gaps["value"].notna()]
    return None if used.empty else (str(used["attribute"].iloc[0]), str(used["group"].iloc[0]))


def _overall(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["attribute"] == EVERYONE) & (table["metric"] == "recall")]


def _gaps(found: Mitigation, declared: Comparisons) -> pd.DataFrame:
    table = found.table[found.table["metric"] == "recall_gap"]
    asked = {(attribute, group) for attribute, group, metric in declared if metric == "recall"}
    keep = [pair in asked for pair in zip(table["attribute"], table["group"], strict=True)]
    return table[keep]


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _percent(value: float, lower: float, upper: float) -> str:
    """A share with its interval.

    >>> _percent(0.25, 0.2, 0.31), _percent(float("nan"), float("nan"), float("nan"))
    ('25.0% (20.0% to 31.0%)', 'undefined')
    """
    if math.isnan(value):
        return "undefined"
    return f"{value:.1%} (no interval)" if math.isnan(lower) else f"{value:.1%} ({lower:.1%} to {upper:.1%})"


def _points(value: float, lower: float, upper: float) -> str:
    """A difference of shares in percentage points, with its sign and its interval."""
    if math.isnan(value):
        return "undefined"
    told = f"{100 * value:+z.1f}"
    return told if math.isnan(lower) else f"{told} ({100 * lower:+z.1f} to {100 * upper:+z.1f})"


def _with_interval(value: float | None, lower: float | None, upper: float | None) -> str:
    if value is None:
        return "undefined"
    return f"{value:.3f} ({lower:.3f} to {upper:.3f})" if lower is not None else f"{value:.3f} (no interval)"
