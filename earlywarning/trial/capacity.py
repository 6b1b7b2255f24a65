"""How long the lists are, and how many programme places there are."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from earlywarning.config import Settings
from earlywarning.errors import WrongUsage
from earlywarning.model.lists import Capacity
from earlywarning.studies import Study


def capacity_of(study: Study, settings: Settings, rows: pd.DataFrame) -> Capacity:
    """The share the study lists, or the settings' places for each area of ``rows``."""
    if study.share_listed is not None:
        return study.share_listed
    areas = _areas(rows, settings.list.capacity_by_area, "capacity_by_area")
    return {area: settings.list.length(area) for area in areas}


def places_of(settings: Settings, rows: pd.DataFrame) -> dict[str, int]:
    """Programme places for each area of ``rows``; empty where the settings give none.

    Raises:
        WrongUsage: an area has none while another has, or is not known.
    """
    given = settings.list
    areas = _areas(rows, given.programme_places_by_area, "programme_places_by_area")
    places = {area: given.places(area) for area in areas}
    without = [area for area, number in places.items() if not number]
    if without and len(without) < len(areas):
        raise WrongUsage(
            f"list.programme_places_by_area: no places are given for {', '.join(without)}. Give every area "
            "its own, or list.programme_places for the others."
        )
    return {} if without else places


def _areas(rows: pd.DataFrame, given: Mapping[str, int], setting: str) -> list[str]:
    """The areas of ``rows``; refuses a setting for another."""
    areas = sorted(rows["area"].unique())
    if unknown := sorted(set(given) - set(areas)):
        raise WrongUsage(
            f"list.{setting}: {', '.join(unknown)} has nobody on roll; known here: {', '.join(areas)}."
        )
    return areas
