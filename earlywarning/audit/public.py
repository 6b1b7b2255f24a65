"""The audit as it may leave the team: counts by group, small ones hidden, and rates worked out from them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.audit.inputs import attribute_levels
from earlywarning.disclosure import TOTAL, Shown, suppressed

PARTS = ("listed, had the event", "listed, did not", "not listed, had the event", "not listed, did not")
COLUMNS = ("attribute", "group", *PARTS, TOTAL, "selection rate", "recall", "precision")

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
    tells no more than they do, and is missing where one of them is hidden.
    """
    part = pd.Series(np.select([listed & event, listed, event], PARTS[:3], PARTS[3]))[known]
    levels = attribute_levels(attributes)[known]
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
    told = shown.counts.assign(**{name: rate.round(2) for name, rate in rates.items()})
    told = told.rename_axis("group").reset_index()
    told.insert(0, "attribute", attribute)
    return told


def _share(part: pd.Series[float], whole: pd.Series[float]) -> pd.Series[float]:
    shares: pd.Series[float] = part / whole.mask(whole == 0)
    return shares.clip(upper=1)
