"""The audits as they may leave the team: counts by group, small ones hidden, and rates of what is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.audit.attributes import attribute_levels
from earlywarning.disclosure import TOTAL, suppressed

PARTS = ("listed, had the event", "listed, did not", "not listed, had the event", "not listed, did not")
RATES = MappingProxyType(
    {
        "selection rate": (PARTS[:2], (TOTAL,)),
        "recall": (PARTS[:1], (PARTS[0], PARTS[2])),
        "precision": (PARTS[:1], PARTS[:2]),
    }
)
"""Each rate: which shown counts are added up, and which they are out of."""
COLUMNS = ("attribute", "group", *PARTS, TOTAL, *RATES)

DECIDED = (
    "listed, supported",
    "listed, declined",
    "listed, undecided",
    "not listed, added",
    "not listed, not",
)
DECIDED_RATES = MappingProxyType(
    {
        "supported": (DECIDED[:1], DECIDED[:3]),
        "declined": (DECIDED[1:2], DECIDED[:3]),
        "undecided": (DECIDED[2:3], DECIDED[:3]),
        "added": (DECIDED[3:4], DECIDED[3:]),
    }
)

NESTED = MappingProxyType(
    {
        "ethnicity": "ethnicity_major",
        "sen_primary_need": "sen_provision",
        "looked_after": "in_need",
        "school": "borough",
    }
)
"""Each attribute whose groups lie inside those of another: shown together, one table gives the other away."""

Flags: TypeAlias = npt.NDArray[np.bool_]
Rates: TypeAlias = Mapping[str, tuple[Sequence[str], Sequence[str]]]


def public_audit(
    event: Flags,
    known: Flags,
    listed: Flags,
    attributes: pd.DataFrame,
    *,
    fewest: int,
    rounded_to: int,
) -> pd.DataFrame:
    """A row for each group of each attribute and one for everybody, with :data:`COLUMNS`; hidden is missing.

    One entry of each argument a pupil on roll. Counts are of pupils' terms whose outcome is ``known``, as
    :func:`~earlywarning.disclosure.suppressed` shows them; every rate is worked out from shown counts, so it
    tells no more than they do, and is missing where one of them is hidden. Of attributes that are
    :data:`NESTED` in each other only the coarser is told: a hidden number of the finer could be worked out
    from both.
    """
    part = np.select([listed & event, listed, event], PARTS[:3], PARTS[3])
    return _told(part[known], attributes[known], PARTS, RATES, fewest, rounded_to)


def public_decisions(
    marks: pd.DataFrame, attributes: pd.DataFrame, *, fewest: int, rounded_to: int
) -> pd.DataFrame:
    """The same of a panel's decisions: counts of :data:`DECIDED`, and rates worked out from those shown.

    ``marks`` and ``attributes`` are those of :func:`~earlywarning.audit.decisions.decisions_audit`.
    """
    on = {
        name: marks[name].astype(bool).to_numpy() for name in ("supported", "declined", "listed", "nominated")
    }
    part = np.select(list(on.values()), DECIDED[:4], DECIDED[4])
    return _told(part, attributes, DECIDED, DECIDED_RATES, fewest, rounded_to)


def _told(
    part: npt.NDArray[np.str_],
    attributes: pd.DataFrame,
    parts: Sequence[str],
    rates: Rates,
    fewest: int,
    rounded_to: int,
) -> pd.DataFrame:
    """A row for each group and for everybody: ``part`` says which of ``parts`` each pupil is in."""
    levels = attribute_levels(attributes)
    levels = levels.drop(columns=[fine for fine, coarse in NESTED.items() if {fine, coarse} <= set(levels)])
    tables = []
    for name in levels:
        counts = pd.crosstab(levels[name].to_numpy(), part).reindex(columns=list(parts), fill_value=0)
        shown = suppressed(counts, fewest=fewest, rounded_to=rounded_to).counts
        wide = shown.astype("Float64")
        told = shown.assign(
            **{
                rate: _share(_sum(wide, count), _sum(wide, out_of)).round(3)
                for rate, (count, out_of) in rates.items()
            }
        )
        told = told.rename_axis("group").reset_index()
        told.insert(0, "attribute", str(name))
        tables.append(told)
    return pd.concat(tables, ignore_index=True)[["attribute", "group", *parts, TOTAL, *rates]]


def _sum(counts: pd.DataFrame, names: Sequence[str]) -> pd.Series[float]:
    """The sum of some shown counts; missing where one of them is hidden."""
    return counts[list(names)].sum(axis=1, skipna=False)


def _share(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    shares: pd.Series[float] = part / whole.mask(whole == 0)
    return shares.clip(upper=1)
