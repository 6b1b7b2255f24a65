"""What the panel sees before any pupil: schools and year groups in counts."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from earlywarning.watchlist.issue import ContextRow, natural


def context_rows(on_roll: pd.DataFrame) -> tuple[ContextRow, ...]:
    """A row for each school and each year group of each area, schools first.

    ``on_roll`` has a row for every pupil on roll: ``area``, ``school``, ``group`` ("Year 9"),
    ``assessed`` and ``listed`` (booleans), ``suspended`` (1, 0, or NaN where suspensions were not visible).

    >>> pupil = {"area": "901", "school": "Alder", "group": "Year 9", "assessed": True, "listed": False}
    >>> roll = pd.DataFrame([pupil | {"suspended": 1}, pupil | {"suspended": float("nan")}])
    >>> [(row.name, row.on_roll, row.visible, row.suspended) for row in context_rows(roll)]
    [('Alder', 2, 1, 1), ('Year 9', 2, 1, 1)]
    """
    schools = [
        _counted("School", str(area), str(school), rows)
        for (area, school), rows in on_roll.groupby(["area", "school"], sort=True)
    ]
    groups = [
        _counted("Year group", str(area), str(group), rows)
        for (area, group), rows in on_roll.groupby(["area", "group"], sort=True)
    ]
    return (*schools, *sorted(groups, key=lambda row: (row.area, natural(row.name))))


def _counted(kind: Literal["School", "Year group"], area: str, name: str, rows: pd.DataFrame) -> ContextRow:
    return ContextRow(
        area=area,
        kind=kind,
        name=name,
        on_roll=len(rows),
        assessed=int(rows["assessed"].sum()),
        visible=int(rows["suspended"].notna().sum()),
        suspended=int(rows["suspended"].sum()),
        listed=int(rows["listed"].sum()),
    )
