"""The facts a sentence may say: a family's measures and features, and what came before the recent ones."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from earlywarning.explain.phrases import AS_OF, Fact
from earlywarning.features.declare import Family
from earlywarning.tables.declare import Table

EARLIER = MappingProxyType({"1ht_before": ("1t", "1ht"), "1t_before": ("3t", "1t")})
"""Look-backs that sentences have and models lack: the longer one less the shorter. ``1ht_before`` is the half
term before this one, ``1t_before`` the four half terms before the last two."""

NOT_SUMS = ("days_since_",)
"""Measures of which a longer look-back less a shorter one says nothing."""


def with_earlier(facts: Mapping[str, float]) -> dict[str, float]:
    """``facts`` and what each look-back that ends today leaves for the time before it.

    >>> with_earlier({"late_1ht": 2.0, "late_1t": 5.0})["late_1ht_before"]
    3.0
    """
    return {name: facts[longer] - facts[shorter] for name, (longer, shorter) in _earlier(facts).items()} | {
        **facts
    }


def facts_of(family: Family, tables: Mapping[str, Table]) -> frozenset[str]:
    """The names of all that a sentence of this family may say."""
    if family.table not in tables or tables[family.table].kind != "event":
        measures = dict.fromkeys(family.measures, 0.0)
    else:
        stems = [
            *family.measures,
            *[f"{name}_elsewhere" for name in family.elsewhere],
            *[f"weeks_{name}" for name in family.weeks],
            *[f"days_since_{name}" for name in family.latest],
        ]
        measures = {f"{stem}_{lookback}": 0.0 for stem in stems for lookback in family.lookbacks}
    return frozenset(with_earlier(measures)) | {feature.name for feature in family.inputs}


def said_of(values: Mapping[str, float], facts: Mapping[str, float], as_of_date: Fact) -> dict[str, Fact]:
    """Everything a sentence about one pupil may say, from the model's inputs and the families' measures."""
    return {**with_earlier(facts), **values, AS_OF: as_of_date}


def _earlier(facts: Mapping[str, float]) -> dict[str, tuple[str, str]]:
    found = {}
    for before, (longer, shorter) in EARLIER.items():
        for name in facts:
            stem = name.removesuffix(f"_{longer}")
            if stem == name or stem.startswith(NOT_SUMS) or f"{stem}_{shorter}" not in facts:
                continue
            if f"{stem}_{before}" not in facts:
                found[f"{stem}_{before}"] = (name, f"{stem}_{shorter}")
    return found
