"""Whether the outcome is even-handed: schools' part in a gap, their practice, the list under other labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from earlywarning.audit.fairness import fairness_audit
from earlywarning.audit.practice import school_practice
from earlywarning.audit.within import within_schools

ATTRIBUTES = ("ethnicity_major", "sen_provision", "fsm_eligible", "sex")
"""What a gap is split by schools for, and what a school's pupils are described by, where it is recorded."""
EXPLAINING = (*ATTRIBUTES, "nc_year")
METRICS = ("recall", "precision", "selection_rate")
EVENT, LISTED = "had the event", "listed"


@dataclass(frozen=True, eq=False)
class LabelBias:
    """What was found about the outcome itself.

    ``gaps`` has the columns of :func:`~earlywarning.audit.within.within_schools` after ``what``
    (:data:`EVENT` or :data:`LISTED`) and ``attribute``; ``practice`` those of
    :func:`~earlywarning.audit.practice.school_practice`; ``labels`` the rows of an audit of the same list
    under each label (``label`` first), for the metrics in :data:`METRICS`, with the label's ``base_rate``.
    """

    gaps: pd.DataFrame
    practice: pd.DataFrame
    labels: pd.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """The three tables as plain values, ready for JSON; undefined numbers are None."""
        tables = {"gaps": self.gaps, "practice": self.practice, "labels": self.labels}
        return {
            name: table.astype(object).where(table.notna(), None).to_dict("records")
            for name, table in tables.items()
        }


def label_bias(
    states: pd.DataFrame,
    listed: npt.NDArray[np.bool_],
    attributes: pd.DataFrame,
    school: pd.Series[Any],
    pupils: npt.NDArray[Any],
) -> LabelBias:
    """The audit of the outcome: one row of each argument for each pupil on roll, in one order.

    ``states`` has a column a label, the study's own first, with its states (only "event" and "no_event" are
    known outcomes); ``pupils`` says which rows are the same pupil.
    """
    own = states.iloc[:, 0].to_numpy()
    known = np.isin(own, ("event", "no_event"))
    compared = [name for name in ATTRIBUTES if name in attributes]
    gaps = [
        *[_gap(EVENT, own[known] == "event", attributes[known], school[known], name) for name in compared],
        *[_gap(LISTED, listed, attributes, school, name) for name in compared],
    ]
    explaining = attributes.loc[known, [name for name in EXPLAINING if name in attributes]]
    return LabelBias(
        gaps=pd.concat(gaps, ignore_index=True) if gaps else pd.DataFrame(),
        practice=school_practice(own[known] == "event", school[known], explaining),
        labels=_under_each(states, listed, attributes[compared[:2]], pupils),
    )


def _gap(
    what: str, event: npt.NDArray[np.bool_], attributes: pd.DataFrame, school: pd.Series[Any], name: str
) -> pd.DataFrame:
    told = within_schools(event, attributes[name], school)
    told.insert(0, "attribute", name)
    told.insert(0, "what", what)
    return told


def _under_each(
    states: pd.DataFrame, listed: npt.NDArray[np.bool_], attributes: pd.DataFrame, pupils: npt.NDArray[Any]
) -> pd.DataFrame:
    """The same list by group under each label: who was on it of those who had that outcome."""
    tables = []
    for name in states:
        state = states[name].reset_index(drop=True)
        known = state.isin(["event", "no_event"])
        if not known.any() or attributes.shape[1] == 0:
            continue
        found = fairness_audit(
            state.eq("event"),
            listed,
            attributes.reset_index(drop=True),
            clusters=pupils,
            known=known,
            declared=(),
        )
        rows = found.by_group[found.by_group["metric"].isin(METRICS)]
        recall = rows[rows["metric"] == "recall"].set_index(["attribute", "group"])
        rate = recall["positives"] / recall["n"].where(recall["n"] > 0)
        keys = pd.MultiIndex.from_frame(rows[["attribute", "group"]])
        tables.append(rows.assign(label=str(name), base_rate=rate.reindex(keys).to_numpy()))
    together = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["label"])
    return together[["label", *[column for column in together if column != "label"]]]
