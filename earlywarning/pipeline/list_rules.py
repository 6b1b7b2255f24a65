"""What the settings ask of a list beside its length: places for nominations, the most of a school."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from earlywarning.config import ListSettings
from earlywarning.dataset.history import History
from earlywarning.errors import WrongUsage
from earlywarning.explain.phrases import say
from earlywarning.model.lists import Capacity
from earlywarning.studies import Study
from earlywarning.watchlist.rank import Limit

TESTED_OTHERWISE = (
    "How good it was is said of lists of another length, or held to other limits: it was tested so."
)


def limits_of(study: Study, history: History, rows: pd.DataFrame, asked: ListSettings) -> tuple[Limit, ...]:
    """The limits on a list of ``rows``: the same for the lists of the test and for the one that is issued.

    Raises:
        WrongUsage: a limit is set for a school that is not known, or a phase in which nobody is on roll.
    """
    limits = []
    names = study.school_names(history)
    if asked.capacity_by_school:
        schools = rows["school_id"].astype(str)
        # A school that opened since has nobody on roll in the years of the test.
        _refuse_unknown(asked.capacity_by_school, [*schools, *names], "capacity_by_school")
        said = [
            f"At most {say(n, 'pupil')} of {names[one]}."
            for one, n in sorted(asked.capacity_by_school.items())
        ]
        limits.append(Limit(schools, asked.capacity_by_school, tuple(said)))
    if asked.capacity_by_phase:
        phase = rows["school_id"].map(history.final("schools").set_index("school_id")["phase"])
        _refuse_unknown(asked.capacity_by_phase, phase, "capacity_by_phase")
        of = rows["area"].astype(str) + " " + phase
        by_area = {
            f"{area} {one}": n for one, n in asked.capacity_by_phase.items() for area in rows["area"].unique()
        }
        said = [
            f"At most {say(n, 'pupil')} of {one.replace('_', ' ')} schools in each area."
            for one, n in sorted(asked.capacity_by_phase.items())
        ]
        limits.append(Limit(of, by_area, tuple(said)))
    return tuple(limits)


def said_of(limits: Sequence[Limit], capacity: Capacity, tested: Mapping[str, Any]) -> tuple[str, ...]:
    """The limits in sentences, and whether the lists of the test had another length or other limits.

    ``tested`` is what the training run recorded of its lists.
    """
    said = [line for limit in limits for line in limit.said]
    then = tested["capacity"]
    if isinstance(capacity, Mapping) and isinstance(then, Mapping):
        then = {area: then.get(area) for area in capacity}
    return tuple(said) if [then, tested.get("limits", [])] == [capacity, said] else (*said, TESTED_OTHERWISE)


def nominations_of(rows: pd.DataFrame, asked: ListSettings) -> dict[str, int]:
    """The places kept for nominations beside the list of each area.

    Raises:
        WrongUsage: places are set for an area in which nobody is on roll.
    """
    _refuse_unknown(asked.nomination_places_by_area, rows["area"], "nomination_places_by_area")
    return {str(area): asked.nominations(str(area)) for area in sorted(rows["area"].unique())}


def _refuse_unknown(given: Mapping[str, int], known: Iterable[str], setting: str) -> None:
    here = sorted(set(map(str, known)))
    if unknown := sorted(set(given) - set(here)):
        raise WrongUsage(
            f"list.{setting}: {', '.join(unknown)} has nobody on roll; known here: {', '.join(here)}."
        )
