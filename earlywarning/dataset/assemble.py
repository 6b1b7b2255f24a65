"""Cohort, features, facts, labels and attributes of a study, side by side: the one path to a model's input.

Training calls :func:`assemble`, which brings everything home; scoring leaves the features where they are (see
:mod:`earlywarning.dataset.roll`). Both put them together from the same :func:`spine_of` and
:func:`family_frame`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from earlywarning.dataset.history import PUPIL_DATE, ROWS, History
from earlywarning.engines import Frame
from earlywarning.errors import InputRefused
from earlywarning.features.declare import Family, Feature
from earlywarning.studies.declare import Study


@dataclass(frozen=True)
class Dataset:
    """One row for each pupil on roll on each date; every frame has the same sorted index.

    ``X``: float features ``(n_rows, n_features)``, NaN where not visible or undefined. ``facts``: the
    families' measures, from which sentences are filled. ``rows``: where and when (see
    :class:`~earlywarning.studies.Study`), ``state`` and ``days_at_risk`` of the label, and ``why_not``: ""
    or the reason why there is not enough information. ``attributes``: text columns to audit by.
    """

    X: pd.DataFrame
    facts: pd.DataFrame
    rows: pd.DataFrame
    attributes: pd.DataFrame
    features: tuple[Feature, ...]

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
    frames = [_collected(history, spine, family, index) for family in study.families]
    features = tuple(feature for family in study.families for feature in family.features)
    joined = pd.concat(frames, axis=1)
    refuse_repeated(joined.columns)
    names = [feature.name for feature in features]
    rows["why_not"] = nw.from_native(joined).with_columns(_why=why_not(study)).to_native()["_why"]
    states = study.label.states(history, cohort) if labelled else pd.DataFrame(index=cohort.index)
    for column in ("state", "days_at_risk"):
        rows[column] = states[column].to_numpy() if labelled else None
    return Dataset(
        X=joined[names].astype(float),
        facts=joined.drop(columns=names).astype(float),
        rows=rows,
        attributes=study.attributes(history, cohort).set_axis(index)[list(study.audited)],
        features=features,
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
    if "in_progress" not in cohort:
        cohort["in_progress"] = False
    spine = history.engine.keep(history.with_window_starts(history.engine.from_arrow(arrow(cohort))))
    return spine, cohort.set_index(list(PUPIL_DATE))


def family_frame(history: History, spine: Frame, family: Family) -> Frame:
    """Measures and features of one family for every row of ``spine``, in the engine."""
    table = history.declared[family.table]
    if table.kind == "event":
        names = [f"{name}_{lookback}" for name in family.measures for lookback in family.lookbacks]
        measured = history.cells(family.table, family.measures, family.lookbacks)
        shown = "visible" if family.seen else ROWS
        seen_by = {
            f"{name}_{lookback}": f"{shown}_{lookback}"
            for lookback in family.lookbacks
            for name in family.measures
        }
    else:
        names = list(family.measures)
        measured = _spell_measures(history, spine, family.table, family.measures)
        seen_by = {name: f"visible_{lookback}" for lookback in family.lookbacks for name in names}
    frame = spine.join(measured, on=list(PUPIL_DATE), how="left")
    if family.seen:
        seen = history.visibility(
            family.seen.feed, family.seen.located_by, family.seen.source, family.lookbacks
        )
        frame = frame.join(seen, on=list(PUPIL_DATE), how="left").with_columns(
            *[nw.when(nw.col(seen_by[name])).then(nw.col(name).fill_null(0)).alias(name) for name in names]
        )
    elif table.kind == "event":
        # Sent and taken back is as if it had never been sent.
        frame = frame.with_columns(
            *[nw.when(nw.col(seen_by[name]) > 0).then(nw.col(name)).alias(name) for name in names]
        )
    return frame.with_columns(*[feature.value.alias(feature.name) for feature in family.features]).select(
        *PUPIL_DATE, *names, *[feature.name for feature in family.features]
    )


def _spell_measures(history: History, spine: Frame, table: str, measures: Mapping[str, nw.Expr]) -> Frame:
    """The largest of each measure over a pupil's spells begun by the day."""
    now = spine.select(*PUPIL_DATE, nw.col("school_id").alias("school_id_now"))
    return (
        history.with_day_numbers(history.spells(table))
        .join(now, on=list(PUPIL_DATE))
        .with_columns(*[expr.alias(name) for name, expr in measures.items()])
        .group_by(*PUPIL_DATE)
        .agg(*[nw.col(name).max() for name in measures])
        .with_columns(*[nw.col(name).cast(nw.Float64) for name in measures])
    )


def _collected(history: History, spine: Frame, family: Family, index: pd.Index) -> pd.DataFrame:
    frame = history.engine.collect(family_frame(history, spine, family), sort_by=PUPIL_DATE)
    return frame.drop(columns=list(PUPIL_DATE)).set_axis(index)


def why_not(study: Study) -> nw.Expr:
    """The sentence of the first essential family whose first look-back was not visible; "" where all were."""
    families = {family.name: family for family in study.families}
    reason: nw.Expr = nw.lit("")
    for family in (families[name] for name in reversed(study.essential)):
        first = nw.col(f"{next(iter(family.measures))}_{family.lookbacks[0]}")
        reason = nw.when(first.is_null()).then(nw.lit(family.not_visible)).otherwise(reason)
    return reason


def refuse_repeated(names: Iterable[str]) -> None:
    """Nothing; raises ``ValueError`` when two families give a measure or a feature the same name."""
    repeated = sorted(name for name, times in Counter(names).items() if times > 1)
    if repeated:
        raise ValueError(
            f"measures and features need names of their own across families; repeated: {repeated}"
        )


def arrow(cohort: pd.DataFrame) -> pa.Table:
    """The cohort as an Arrow table whose dates are dates."""
    table = pa.Table.from_pandas(cohort, preserve_index=False)
    dated = [
        field.with_type(pa.date32()) if pa.types.is_timestamp(field.type) else field for field in table.schema
    ]
    return table.cast(pa.schema(dated))
