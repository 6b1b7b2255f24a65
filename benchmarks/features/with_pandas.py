"""Attendance as an analyst would write it in pandas: one frame, masks, and a group-by for each look-back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from earlywarning.features.attendance import ABSENT, POSSIBLE, UNAUTHORISED

HALF_TERMS = {"1ht": (0, 1), "1ht_before": (1, 2), "1ht_year_ago": (6, 7), "1t": (0, 2), "3t": (0, 6)}
KINDS = {
    "possible": POSSIBLE,
    "absent": ABSENT,
    "unauthorised": UNAUTHORISED,
    "late": {"L"},
    "late_closed": {"U"},
    "part_time": {"C2"},
    "arranged": {"K"},
    "off_site": {"B", "D"},
}


def attendance_with_pandas(data: Path, spine: pd.DataFrame) -> pd.DataFrame:
    """Sums of each kind of mark in each look-back, by pupil and date of ``spine``; 0 where there is none.

    Both clocks are kept (``known_from``, and -1 for a retraction). Weeks and visibility are left out, which
    makes it the quicker.
    """
    terms = pd.read_parquet(data / "terms.parquet").sort_values("start_date")
    marks = pd.read_parquet(
        data / "attendance.parquet", columns=["pupil_id", "date", "code", "known_from", "record"]
    )
    marks = marks[marks["pupil_id"].isin(spine["pupil_id"].unique())]
    sign = marks["record"].ne("retraction") * 2 - 1
    for name, codes in KINDS.items():
        marks[name] = marks["code"].isin(codes) * sign
    told = []
    for cut, on_roll in spine.groupby("as_of_date"):
        begun = [day for day in terms["start_date"] if day <= cut][::-1]
        known = marks[(marks["known_from"] <= cut) & (marks["date"] <= cut)]
        frame = on_roll[["pupil_id", "as_of_date"]].set_index("pupil_id")
        for lookback, (skip, upto) in HALF_TERMS.items():
            if len(begun) < upto:
                continue
            inside = known["date"] >= begun[upto - 1]
            if skip:
                inside &= known["date"] < begun[skip - 1]
            sums = known[inside].groupby("pupil_id")[list(KINDS)].sum()
            frame = frame.join(sums.add_suffix(f"_{lookback}"))
        told.append(frame.fillna(0).reset_index())
    return pd.concat(told).sort_values(["pupil_id", "as_of_date"], ignore_index=True)
