"""Everyone on roll on the day of a list, their features left where the engine has them.

A list needs a score for everyone, and the features of those on it. So features never leave the engine: a
function is sent to them, and what comes home is narrow, or about few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

import narwhals as nw
import pandas as pd
import pyarrow as pa

from earlywarning.dataset.assemble import (
    Dataset,
    not_available,
    refuse_repeated,
    spine_of,
    why_not,
)
from earlywarning.dataset.finished_frames import finished_frames
from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.dataset.kept import arrow
from earlywarning.engines import Engine, Frame, MakeBatch
from earlywarning.features.declare import Feature
from earlywarning.studies.declare import Study


@dataclass(frozen=True)
class Roll:
    """One row for each pupil on roll.

    ``rows``: where and when, and ``why_not``, as in :class:`~earlywarning.dataset.assemble.Dataset`, with a
    sorted index. ``wide``: the same rows in ``engine``, and beside them the families' ``measures`` and
    ``features``; ``not_available`` as in the dataset.
    """

    rows: pd.DataFrame
    wide: Frame
    measures: tuple[str, ...]
    features: tuple[Feature, ...]
    engine: Engine
    not_available: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The features' names."""
        return [feature.name for feature in self.features]

    def values(self, *columns: str) -> pd.DataFrame:
        """Single columns of everyone, with the index of ``rows``."""
        return self._aligned(self.wide.select(*PUPIL_DATE, *columns))

    def answers(self, make: MakeBatch, schema: pa.Schema) -> pd.DataFrame:
        """What a function says of each pupil, with the index of ``rows``.

        The function is applied to batches of ``wide`` where they are (see
        :meth:`~earlywarning.engines.Engine.map_batches`); ``schema`` has the pupil and the date first.
        """
        return self._aligned(self.engine.map_batches(self.wide, make, schema))

    def of(self, chosen: pd.Index) -> Dataset:
        """The features and facts of the ``chosen`` pupils, without the attributes that only an audit uses."""
        keys = self.engine.from_arrow(arrow(chosen.to_frame(index=False)))
        few = self.wide.join(keys, on=list(PUPIL_DATE), how="semi")
        home = self.engine.collect(few.select(*PUPIL_DATE, *self.measures, *self.names), sort_by=PUPIL_DATE)
        rows = self.rows.loc[chosen].sort_index()
        return Dataset(
            X=home[self.names].astype(float).set_axis(rows.index),
            facts=home[list(self.measures)].astype(float).set_axis(rows.index),
            rows=rows,
            attributes=pd.DataFrame(index=rows.index),
            features=self.features,
        )

    def usual(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Each group's median of every feature, and how many pupils have one: each (n_groups, n_features)."""
        medians = [nw.col(name).median() for name in self.names]
        counts = [nw.col(name).count().alias(f"n_{name}") for name in self.names]
        home = self.engine.collect(self.wide.group_by("group").agg(*medians, *counts), sort_by=("group",))
        home = home.set_index("group")
        return home[self.names], home[[f"n_{name}" for name in self.names]].set_axis(self.names, axis=1)

    def missing(self, names: list[str]) -> set[str]:
        """Those of some features that nobody has."""
        counts = self.engine.collect(self.wide.select(*[nw.col(name).count() for name in names]))
        return {name for name in names if counts[name].item() == 0}

    def _aligned(self, frame: Frame) -> pd.DataFrame:
        home = self.engine.collect(frame, sort_by=PUPIL_DATE)
        return home.drop(columns=list(PUPIL_DATE)).set_axis(self.rows.index)


def on_roll(study: Study, history: History) -> Roll:
    """Everyone on roll on the date of ``history``, features of ``study`` worked out and kept in the engine.

    Raises:
        InputRefused: no pupil is in the cohort.
    """
    spine, rows = spine_of(study, history)
    # Kept one by one: a plan of every family at once asks one Spark task for the memory of all their sorts.
    frames = [history.engine.keep(frame) for frame in finished_frames(history, spine, study.families)]
    columns = [name for frame in frames for name in frame.collect_schema().names() if name not in PUPIL_DATE]
    refuse_repeated(columns)
    features = tuple(feature for family in study.families for feature in family.inputs)
    measures = tuple(name for name in columns if name not in {feature.name for feature in features})
    wide = reduce(lambda left, right: left.join(right, on=list(PUPIL_DATE), how="left"), frames, spine)
    numbers = [nw.col(name).cast(nw.Float64) for name in columns]
    wide = history.engine.keep(wide.with_columns(*numbers).with_columns(why_not=why_not(study)))
    roll = Roll(rows, wide, measures, features, history.engine)
    rows["why_not"] = roll.values("why_not")["why_not"]
    return replace(roll, not_available=not_available(study, history, roll.missing))
