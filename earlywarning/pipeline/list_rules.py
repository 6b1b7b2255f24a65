"""What the settings ask of a list beside its length: places for nominations, the most of a school."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from earlywarning.config import ListSettings
from earlywarning.dataset.history import History
from earlywarning.errors import WrongUsage
from earlywarning.studies import Study
from earlywarning.watchlist.rank import Limit

NOT_TESTED = "The list was tested without these limits."


def limits_of(
    study: Study, history: History, rows: pd.DataFrame, asked: ListSettings
) -> tuple[tuple[Limit, ...], tuple[str, ...]]:
    """The limits on a list of ``rows``, and the same in sentences for its readers.

    Raises:
        WrongUsage: a limit is set for a school or phase in which nobody is on roll.
    """
    limits, said = [], []
    names = study.school_names(history)
    if asked.capacity_by_school:
        schools = rows["school_id"].astype(str)
        _refuse_unknown(asked.capacity_by_school, schools, "capacity_by_school")
        limits.append(Limit(schools, asked.capacity_by_school))
        said += [f"At most {n} of {names[one]}." for one, n in sorted(asked.capacity_by_school.items())]
    if asked.capacity_by_phase:
        phase = rows["school_id"].map(history.final("schools").set_index("school_id")["phase"])
        _refuse_unknown(asked.capacity_by_phase, phase, "capacity_by_phase")
        of = rows["area"].astype(str) + " " + phase
        by_area = {
            f"{area} {one}": n for one, n in asked.capacity_by_phase.items() for area in rows["area"].unique()
        }
        limits.append(Limit(of, by_area))
        said += [
            f"At most {n} of schools of the phase {one.replace('_', ' ')}, for each area."
            for one, n in sorted(asked.capacity_by_phase.items())
        ]
    return tuple(limits), (*said, NOT_TESTED) if said else ()


def nominations_of(rows: pd.DataFrame, asked: ListSettings) -> dict[str, int]:
    """The places kept for nominations beside the list of each area.

    Raises:
        WrongUsage: places are set for an area in which nobody is on roll.
    """
    _refuse_unknown(asked.nomination_places_by_area, rows["area"], "nomination_places_by_area")
    return {str(area): asked.nominations(str(area)) for area in sorted(rows["area"].unique())}


def _refuse_unknown(given: Mapping[str, int], known: pd.Series, setting: str) -> None:
    if unknown := sorted(set(given) - set(known.unique())):
        raise WrongUsage(
            f"list.{setting}: {', '.join(unknown)} has nobody on roll; known here: "
            f"{', '.join(sorted(map(str, known.unique())))}."
        )
