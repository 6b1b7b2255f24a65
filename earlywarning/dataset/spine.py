"""Whom a run asks about: who is on roll on each date, and what several families need to know of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import narwhals as nw

from earlywarning.dataset.history import PUPIL_DATE, History
from earlywarning.dataset.visibility import visibility
from earlywarning.engines import Frame
from earlywarning.features.declare import Family, SeenThrough


@dataclass(frozen=True)
class Spine:
    """Pupils and dates, in the engine of ``history``, and the ``families`` that are asked of them.

    ``frame`` has a row for each pupil and date, with ``school_id``, ``area``, ``group`` and
    ``from_<lookback>``; ``spine_row`` is its number, by which engines join and group faster than by pseudonym
    and date. What several families need is worked out once.
    """

    history: History
    frame: Frame
    families: tuple[Family, ...]
    _visible: dict[tuple[str, str], Frame] = field(default_factory=dict, repr=False)

    @cached_property
    def pupils(self) -> Frame:
        """Those who are asked about on any date, one row each, by number: ``pupil``."""
        return self.history.engine.keep(
            self.frame.group_by("pupil_id").agg(nw.col("spine_row").min().alias("pupil"))
        )

    @cached_property
    def now(self) -> Frame:
        """Where each pupil is on the date, as ``school_id_now`` and so on, with ``from_<lookback>``."""
        starts = [name for name in self.frame.collect_schema().names() if name.startswith("from_")]
        places = [nw.col(name).alias(f"{name}_now") for name in ("school_id", "area", "group")]
        return self.history.engine.keep(self.frame.select(*PUPIL_DATE, "spine_row", *places, *starts))

    @cached_property
    def numbered(self) -> Frame:
        """The number and the school of each ``pupil`` on each date."""
        rows = self.now.select(*PUPIL_DATE, "spine_row", "school_id_now").join(self.pupils, on="pupil_id")
        return self.history.engine.keep(rows.drop("pupil_id"))

    def spells(self, table: str) -> Frame:
        """The spells of those who are asked about, with what :attr:`now` says of them."""
        return self.history.spells(table).join(self.now, on=list(PUPIL_DATE))

    def visible(self, seen: SeenThrough) -> Frame:
        """Whether each look-back was visible, as ``visible_<lookback>``; by ``spine_row``.

        Worked out once for all feeds that the same spells say the source of.
        """
        key = (seen.located_by, seen.source)
        if key not in self._visible:
            alike = [f for f in self.families if f.seen and (f.seen.located_by, f.seen.source) == key]
            located = self.spells(seen.located_by).with_columns(source=nw.col(seen.source))
            feeds = sorted({family.seen.feed for family in alike if family.seen})
            lookbacks = sorted({lookback for family in alike for lookback in family.lookbacks})
            found = visibility(self.history, located, feeds, lookbacks)
            self._visible[key] = self.history.engine.keep(found)
        return self._visible[key].filter(nw.col("feed") == nw.lit(seen.feed)).drop("feed")
