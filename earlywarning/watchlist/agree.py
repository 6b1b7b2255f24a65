"""Whether the parts of an issue agree with each other: nobody is lost between roll and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from earlywarning.watchlist.rows import SCORE_COLUMNS, Area, Placed

if TYPE_CHECKING:
    from earlywarning.watchlist.issue import Issue


def check_agreement(issue: Issue) -> None:
    """Nothing; raises ``ValueError`` naming the parts of an issue that contradict each other."""
    if list(issue.scores.columns) != list(SCORE_COLUMNS):
        raise ValueError(f"scores must have the columns {', '.join(SCORE_COLUMNS)}, in this order")
    apart: list[Placed] = [*issue.not_assessed, *issue.in_progress]
    once = [row.ref for row in (*issue.pupils, *apart, *issue.shown)]
    instead = {row.ref for row in issue.register if row.instead}
    if len({*once, *instead}) != len(once) + len(instead):
        raise ValueError("two rows of the issue share a reference")
    rows: list[Placed] = [*issue.pupils, *apart, *issue.register, *issue.shown]
    if strange := {row.area for row in rows} - {area.code for area in issue.areas}:
        raise ValueError(f"rows lie in {len(strange)} areas that the issue does not cover")
    listed = {row.ref for row in issue.pupils}
    if issue.since and any(row.ref in listed for row in issue.since.left):
        raise ValueError("a pupil who is listed is said to have left the list")
    for area in issue.areas:
        _check_area(issue, area, sum(row.area == area.code for row in apart))


def _check_area(issue: Issue, area: Area, apart: int) -> None:
    scored = issue.scores[issue.scores["area"] == area.code]
    listed = sum(pupil.area == area.code for pupil in issue.pupils)
    apart += len(issue.placed_instead(area.code)) + sum(area.left_out.values())
    if len(scored) + apart != area.on_roll:
        raise ValueError(
            f"area {area.code}: {area.on_roll} on roll, but {len(scored)} assessed and {apart} set apart"
        )
    if listed != int(scored["listed"].sum()) or listed > area.capacity:
        raise ValueError(
            f"area {area.code}: {listed} pupils listed, {int(scored['listed'].sum())} listed in scores, "
            f"capacity {area.capacity}"
        )
