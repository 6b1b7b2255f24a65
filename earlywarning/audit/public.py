"""The audit as it may leave the team: counts by group, small ones hidden, and rates worked out from them."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.audit.inputs import attribute_levels
from earlywarning.disclosure import TOTAL, Shown, suppressed

PARTS = ("listed, had the event", "listed, did not", "not listed, had the event", "not listed, did not")
COLUMNS = ("attribute", "group", *PARTS, TOTAL, "selection rate", "recall", "precision")

NESTED = MappingProxyType(
    {
        "ethnicity": "ethnicity_major",
        "sen_primary_need": "sen_provision",
        "looked_after": "in_need",
        "school": "borough",
    }
)
"""Each attribute whose groups lie inside those of another: shown together, one table gives the other away."""

Flags = npt.NDArray[np.bool_]


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
    part = pd.Series(np.select([listed & event, listed, event], PARTS[:3], PARTS[3]))[known]
    levels = attribute_levels(attributes)[known]
    levels = levels.drop(columns=[fine for fine, coarse in NESTED.items() if {fine, coarse} <= set(levels)])
    tables = []
    for name in levels:
        counts = pd.crosstab(levels[name], part).reindex(columns=list(PARTS), fill_value=0)
        shown = suppressed(counts, fewest=fewest, rounded_to=rounded_to)
        tables.append(_told(str(name), shown))
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def _told(attribute: str, shown: Shown) -> pd.DataFrame:
    counts = shown.counts.astype("Float64")
    found, wrongly, missed = (counts[name] for name in PARTS[:3])
    rates = {
        "selection rate": _share(found + wrongly, counts[TOTAL]),
        "recall": _share(found, found + missed),
        "precision": _share(found, found + wrongly),
    }
    told = shown.counts.assign(**{name: rate.round(3) for name, rate in rates.items()})
    told = told.rename_axis("group").reset_index()
    told.insert(0, "attribute", attribute)
    return told


def _share(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    shares: pd.Series[float] = part / whole.mask(whole == 0)
    return shares.clip(upper=1)
