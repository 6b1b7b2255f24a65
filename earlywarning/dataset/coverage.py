"""What could be seen: which source sent which feed for which days, in school days.

Visibility is derived from the table ``coverage``, never assumed: a school that sends nothing makes its
pupils "not enough information".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from earlywarning.dataset.lookups import Lookups

PUPIL_DATE = ("pupil_id", "as_of_date")


@dataclass(frozen=True)
class Coverage:
    """The rows of ``coverage``, as known on each cut and on the day of the extract."""

    rows: pd.DataFrame
    lookups: Lookups
    extracted_on: dt.date

    @property
    def received_since(self) -> dt.date:
        """The first day for which any source sent anything."""
        first: pd.Timestamp = self.rows["from_date"].min()
        return first.date()

    def received_to(self, feed: str) -> dict[str, dt.date]:
        """The last day for which each source had sent ``feed``, as known on the latest cut."""
        last = pd.Timestamp(self.lookups.calendar.as_of_dates[-1])
        rows = self.rows[(self.rows["feed"] == feed) & (self.rows["known_from"] <= last)]
        days = rows.groupby("source")["to_date"].max()
        return {str(source): min(day, last).date() for source, day in days.items()}

    def covered_share(self, feed: str, spans: pd.DataFrame) -> pd.Series:
        """Share of each span's school days for which ``feed`` was received, as known on the extract's date.

        ``spans`` has columns source, start, end; the result has the same index. Used by labels: a window
        for which nothing was sent is not a window in which nothing happened.
        """
        merged = _merge_touching(
            self._received([feed], pd.DataFrame({"seen_on": [self.extracted_on]})), ["source"]
        )
        numbers = self._numbers
        asked = spans[["source", "start", "end"]].drop_duplicates()
        asked = asked.assign(
            first=_numbered(asked["start"], numbers["before"]), last=_numbered(asked["end"], numbers["upto"])
        )
        pairs = asked.merge(merged, on="source", how="left")
        overlap = pairs[["last", "covered_to"]].min(axis=1) - pairs[["first", "covered_from"]].max(axis=1)
        pairs["share"] = (overlap / (pairs["last"] - pairs["first"])).where(pairs["covered_to"].notna(), 0.0)
        shares = (
            pairs.assign(share=pairs["share"].clip(lower=0))
            .groupby(["source", "start", "end"])["share"]
            .sum()
        )
        keys = pd.MultiIndex.from_frame(spans[["source", "start", "end"]])
        return pd.Series(shares.reindex(keys).to_numpy(), index=spans.index)

    def stretches(self, feeds: Sequence[str]) -> pd.DataFrame:
        """as_of_date × feed × source → stretches of school days covered without a gap, as then known."""
        cuts = pd.DataFrame({"seen_on": self.lookups.cuts["as_of_date"]})
        merged = _merge_touching(self._received(feeds, cuts), ["seen_on", "feed", "source"])
        return merged.assign(as_of_date=merged["seen_on"].dt.date).drop(columns="seen_on")

    @cached_property
    def _numbers(self) -> pd.DataFrame:
        numbers = self.lookups.school_days
        return numbers.assign(day=pd.to_datetime(numbers["day"])).set_index("day")

    def _received(self, feeds: Sequence[str], seen_on: pd.DataFrame) -> pd.DataFrame:
        """Rows of coverage for some feeds, in school-day numbers, as known on each date in ``seen_on``."""
        rows = self.rows.loc[self.rows["feed"].isin(feeds)]
        rows = rows[
            (rows["to_date"] >= self._numbers.index[0]) & (rows["from_date"] <= self._numbers.index[-1])
        ]
        known = rows.assign(
            covered_from=_numbered(rows["from_date"], self._numbers["before"]),
            covered_to=_numbered(rows["to_date"], self._numbers["upto"]),
        )[["feed", "source", "known_from", "covered_from", "covered_to"]]
        dates = seen_on.assign(seen_on=pd.to_datetime(seen_on["seen_on"]))
        pairs: pd.DataFrame = known.merge(dates, how="cross")
        return pairs[pairs["known_from"] <= pairs["seen_on"]]


def _numbered(days: pd.Series, numbers: pd.Series) -> pd.Series:
    """School-day numbers of ``days``; days outside the calendar are held at its ends."""
    held = pd.to_datetime(days).clip(numbers.index[0], numbers.index[-1])
    return held.map(numbers).astype(float)


def _merge_touching(spans: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Spans that touch or overlap, joined into one; ``by`` is what they belong to."""
    ordered = spans.sort_values([*by, "covered_from", "covered_to"], ignore_index=True)
    reach = ordered.groupby(by)["covered_to"].cummax().groupby([ordered[c] for c in by]).shift()
    starts = (reach.isna() | (ordered["covered_from"] > reach)).cumsum().rename("stretch")
    merged = ordered.groupby([*by, starts], as_index=False).agg(
        covered_from=("covered_from", "min"), covered_to=("covered_to", "max")
    )
    return merged[[*by, "covered_from", "covered_to"]]
