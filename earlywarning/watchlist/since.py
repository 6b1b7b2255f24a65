"""What changed since the last issue in the same folder: who is new, still there, left, and why.

No file carries a key that outlives its issue. The last issue's keys are worked out again from the pseudonyms
(:mod:`earlywarning.watchlist.keys`), looked up in its scores and forgotten.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from earlywarning.errors import InputRefused
from earlywarning.watchlist.keys import score_keys
from earlywarning.watchlist.rows import BANDS, STILL, Left, SinceLast

MODEL = "model"
MODEL_CHANGED, BORDERLINE, NEW_FACTS = "the way of making the list changed", "borderline", "new facts"
NOT_ASSESSED_THEN, NOT_ASSESSED_NOW = "not assessed last time", "not assessed this time"


@dataclass(frozen=True)
class LastIssue:
    """The issue before: its name, what made it, and the band of each pupil assessed ("": off the list)."""

    name: str
    as_of_date: dt.date
    made_by: tuple[str, str]
    bands: Mapping[str, str] = field(repr=False)

    @property
    def listed(self) -> set[str]:
        """The keys of those who were on the list."""
        return {key for key, band in self.bands.items() if band}


def last_issue(out: Path, study: str, as_of_date: dt.date) -> LastIssue | None:
    """The latest issue of ``study`` under ``out`` that was cut before ``as_of_date``, if there is one.

    Raises:
        InputRefused: it cannot be read, or is not what its manifest says.
    """
    found = [(day, path) for path in out.glob(f"{study}-*") if (day := _day_of(path.name, study))]
    before = [(day, path) for day, path in found if day < as_of_date]
    if not before:
        return None
    day, folder = max(before)
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        scores = (folder / "scores.parquet").read_bytes()
        whole = manifest["files"]["scores.parquet"]["sha256"] == hashlib.sha256(scores).hexdigest()
        made_by = maker(manifest["winner"], manifest["made_with"]["model_hash"])
    except (OSError, ValueError, KeyError, TypeError):
        whole, made_by, scores = False, ("", ""), b""
    if not whole:
        raise InputRefused(
            f"the last issue, {folder.name}, cannot be compared with: its manifest.json or scores.parquet is "
            "missing or was changed. Put the folder back as it was published, or give another --out."
        )
    table = pq.read_table(io.BytesIO(scores), columns=["score_key", "band"])
    keys, bands = table["score_key"].to_pylist(), table["band"].to_pylist()
    return LastIssue(folder.name, day, made_by, dict(zip(keys, bands, strict=True)))


def maker(winner: str, model_hash: str) -> tuple[str, str]:
    """What makes a list: a model is another when its hash is, a rule is the same whatever model it beat."""
    return (winner, model_hash if winner == MODEL else "")


def since_last(
    last: LastIssue, made_by: tuple[str, str], roll: pd.DataFrame, others: pd.DataFrame, key: bytes
) -> tuple[list[str], SinceLast]:
    """What is said of each row of ``roll``, "" for who is not listed; and what became of the last list.

    ``roll`` is everyone on roll, by ``pupil_id`` and date: ``ref``, the place, ``band``, ``assessed``,
    ``apart`` and ``hidden``, which says that a pupil may be shown on no page. ``others`` are pupils who are
    only shown, with ``pupil_id``, ``ref`` and the place.
    """
    same = made_by == last.made_by
    then = _then(last, roll.index.get_level_values("pupil_id"), key)
    said = [_of_listed(was, band, same) for was, band in zip(then, roll["band"], strict=True)]
    went = [
        Left(row["ref"], row["area"], row["school"], row["group"], _why_left(row, str(was), same))
        for row, was in zip(roll.to_dict("records"), then, strict=True)
        if was and not row["band"] and not row["hidden"]
    ]
    went += [
        Left(row["ref"], row["area"], row["school"], row["group"], f"{row['group']}: shown, not scored")
        for row, was in zip(others.to_dict("records"), _then(last, others["pupil_id"], key), strict=True)
        if was
    ]
    stayed = sum(line == STILL for line in said)
    gone = len(last.listed) - stayed - len(went)
    return said, SinceLast(last.as_of_date, tuple(went), gone, not same)


def _then(last: LastIssue, pupils: Iterable[str], key: bytes) -> list[str | None]:
    """The band of each pupil in the last issue; ``None`` for who was not assessed in it."""
    return [last.bands.get(one) for one in score_keys(pupils, key, last.name)]


def _of_listed(was: str | None, band: str, same: bool) -> str:
    if not band:
        return ""
    if was:
        return STILL
    return f"New: {NOT_ASSESSED_THEN if was is None else _why(band, same)}"


def _why_left(row: Mapping[object, object], was: str, same: bool) -> str:
    if row["apart"]:
        return str(row["apart"])
    return _why(was, same) if row["assessed"] else NOT_ASSESSED_NOW


def _why(band: str, same: bool) -> str:
    """Why a pupil is on one of two lists: another model, a place near the end of the list, or new facts."""
    if not same:
        return MODEL_CHANGED
    return BORDERLINE if band == BANDS[1] else NEW_FACTS


def _day_of(name: str, study: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(name.removeprefix(f"{study}-"))
    except ValueError:
        return None
