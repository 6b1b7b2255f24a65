"""What the panel sees before any pupil: schools, year groups, wards and the move to Year 7 in counts."""

from __future__ import annotations

import pandas as pd

from earlywarning.watchlist.rows import ContextRow, natural

SCHOOL, GROUP = "School", "Year group"


def context_rows(on_roll: pd.DataFrame, further: pd.DataFrame | None = None) -> tuple[ContextRow, ...]:
    """A row for each school and each year group of each area, then for each text in ``further`` tables.

    ``on_roll`` has a row for every pupil on roll: ``area``, ``school``, ``group`` ("Year 9"),
    ``assessed`` and ``listed`` (booleans), ``suspended`` (1, 0, or NaN where suspensions were not visible).
    ``further`` has a column a table, aligned with it; a pupil with "" has no part in the table.

    >>> pupil = {"area": "901", "school": "Alder", "group": "Year 9", "assessed": True, "listed": False}
    >>> roll = pd.DataFrame([pupil | {"suspended": 1}, pupil | {"suspended": float("nan")}])
    >>> [(row.name, row.on_roll, row.visible, row.suspended) for row in context_rows(roll)]
    [('Alder', 2, 1, 1), ('Year 9', 2, 1, 1)]
    """
    tables = {SCHOOL: on_roll["school"], GROUP: on_roll["group"]}
    tables |= {} if further is None else {str(kind): further[kind] for kind in further}
    return tuple(row for kind, names in tables.items() for row in _table(kind, on_roll, names))


def _table(kind: str, on_roll: pd.DataFrame, names: pd.Series) -> list[ContextRow]:
    told = on_roll.assign(name=names)[names.ne("").to_numpy()]
    rows = [
        _counted(kind, str(area), str(name), of)
        for (area, name), of in told.groupby(["area", "name"], sort=True)
    ]
    return sorted(rows, key=lambda row: (row.area, natural(row.name)))


def _counted(kind: str, area: str, name: str, rows: pd.DataFrame) -> ContextRow:
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
