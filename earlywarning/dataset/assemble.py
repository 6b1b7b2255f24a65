"""Cohort, features, facts, labels and attributes of a study, side by side: the one path to a model's input.

Training calls :func:`assemble`, which brings everything home; scoring leaves the features where they are (see
:mod:`earlywarning.dataset.roll`). Both put them together from the same :func:`spine_of` and
:func:`~earlywarning.dataset.finished_frames.finished_frames`.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import narwhals as nw
import numpy as np
import pandas as pd

from earlywarning.dataset.finished_frames import finished_frames
from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.dataset.kept import arrow
from earlywarning.dataset.measure import not_given, source_of
from earlywarning.engines import Frame
from earlywarning.errors import InputRefused, NotAvailable
from earlywarning.features.declare import VISIBILITY, Feature
from earlywarning.studies.declare import Study


@dataclass(frozen=True)
class Dataset:
    """One row for each pupil on roll on each date; every frame has the same sorted index.

    ``X``: float features ``(n_rows, n_features)``, NaN where not visible or undefined. ``facts``: the
    families' measures, from which sentences are filled. ``rows``: where and when (see
    :class:`~earlywarning.studies.Study`), ``state`` and ``days_at_risk`` of the label, ``why_not``: "" or
    the reason why there is not enough information, and ``suspended_before`` where the study says it.
    ``attributes``: text columns to audit by. ``not_available``: what the extract did not hold (a table, or
    ``table.column``) and the features that are therefore missing for everybody.
    """

    X: pd.DataFrame
    facts: pd.DataFrame
    rows: pd.DataFrame
    attributes: pd.DataFrame
    features: tuple[Feature, ...]
    not_available: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def where(self, mask: np.ndarray | pd.Series) -> Dataset:
        """The rows where ``mask`` holds."""
        keep = np.asarray(mask, dtype=bool)
        return replace(
            self,
            X=self.X[keep],
            facts=self.facts[keep],
            rows=self.rows[keep],
            attributes=self.attributes[keep],
        )

    @property
    def known(self) -> np.ndarray:
        """Rows whose outcome is known: event or no event, the rows a model may be trained on."""
        return self.rows["state"].isin(["event", "no_event"]).to_numpy()

    @property
    def y(self) -> np.ndarray:
        """1 where the event happened, else 0; only meaningful where :attr:`known`."""
        return self.rows["state"].eq("event").to_numpy(dtype=int)


def assemble(study: Study, history: History, *, labelled: bool = True) -> Dataset:
    """The dataset of ``study`` over every cut of the history's calendar.

    ``labelled=False`` leaves ``state`` empty: scoring does not look at what happened next.

    Raises:
        InputRefused: no pupil is in the cohort on any date.
    """
    spine, rows = spine_of(study, history)
    cohort, index = rows.reset_index(), rows.index
    frames = [_home(history, frame, index) for frame in finished_frames(history, spine, study.families)]
    features = tuple(feature for family in study.families for feature in family.inputs)
    joined = pd.concat(frames, axis=1)
    refuse_repeated(joined.columns)
    names = [feature.name for feature in features]
    rows["why_not"] = nw.from_native(joined).with_columns(_why=why_not(study)).to_native()["_why"]
    lost = not_available(study, history, lambda asked: {name for name in asked if joined[name].isna().all()})
    states = study.label.states(history, cohort) if labelled else pd.DataFrame(index=cohort.index)
    for column in ("state", "days_at_risk"):
        rows[column] = states[column].to_numpy() if labelled else None
    if labelled and study.suspended_before is not None:
        rows["suspended_before"] = study.suspended_before(history, cohort).to_numpy()
    return Dataset(
        X=joined[names].astype(float),
        facts=joined.drop(columns=names).astype(float),
        rows=rows,
        attributes=study.attributes(history, cohort).set_axis(index)[list(study.every_audited)],
        features=features,
        not_available=lost,
    )


def spine_of(study: Study, history: History) -> tuple[Frame, pd.DataFrame]:
    """The cohort, in the engine with the starts of the look-backs, and here by pupil and date in their order.

    Raises:
        InputRefused: no pupil is in the cohort on any date.
    """
    cohort = study.cohort(history).sort_values(list(PUPIL_DATE), ignore_index=True)
    if cohort.empty:
        raise InputRefused(
            f"study '{study.name}': no pupil is in the cohort on any date. Check that 'enrolments' has open "
            "spells in the years and school phases the study is for, and that --as-of lies inside the data."
        )
    if "apart" not in cohort:
        cohort["apart"] = ""
    numbered = cohort.assign(spine_row=np.arange(len(cohort)))
    spine = history.engine.keep(history.with_window_starts(history.engine.from_arrow(arrow(numbered))))
    return spine, cohort.set_index(list(PUPIL_DATE))


def _home(history: History, frame: Frame, index: pd.Index) -> pd.DataFrame:
    return history.engine.collect(frame, sort_by=PUPIL_DATE).drop(columns=list(PUPIL_DATE)).set_axis(index)


def why_not(study: Study) -> nw.Expr:
    """The sentence of the first essential family whose first look-back was not visible; "" where all were."""
    families = {family.name: family for family in study.families}
    reason: nw.Expr = nw.lit("")
    for family in (families[name] for name in reversed(study.essential)):
        first = nw.col(f"{next(iter(family.measures))}_{family.lookbacks[0]}")
        reason = nw.when(first.is_null()).then(nw.lit(family.not_visible)).otherwise(reason)
    return reason


def not_available(
    study: Study, history: History, missing: Callable[[list[str]], set[str]]
) -> dict[str, tuple[str, ...]]:
    """What was not received, with the features missing for everybody because of it; each is warned of.

    ``missing`` says which of some features nobody has.
    """
    found: dict[str, tuple[str, ...]] = {}
    for family in study.families:
        if not not_given(history, family):
            continue
        source = source_of(family)
        columns = [f"{source}.{name}" for name in family.needs if f"{source}.{name}" in history.absent]
        asked = [feature.name for feature in family.inputs if feature.unit != VISIBILITY]
        nobody_has = missing(asked)
        what = source if source in history.absent else ", ".join(columns)
        found[what] = (*found.get(what, ()), *[name for name in asked if name in nobody_has])
    for what, lost_features in found.items():
        warnings.warn(
            f"'{what}' was not received, so these features are not available: {', '.join(lost_features)}.",
            NotAvailable,
            stacklevel=3,
        )
    return found


def refuse_repeated(names: Iterable[str]) -> None:
    """Nothing; raises ``ValueError`` when two families give a measure or a feature the same name."""
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise ValueError(
            f"measures and features need names of their own across families; repeated: {repeated}"
        )
