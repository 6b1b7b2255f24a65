"""The briefing: counts from which nobody can be worked out, and no school and no list."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from earlywarning.watchlist import ContextRow, Issue, Trend
from earlywarning.watchlist.briefing import FEWEST, briefing, coarse
from earlywarning.watchlist.outputs import briefing_html


@pytest.fixture
def told(issue: Issue, tmp_path: Path) -> tuple[Issue, str]:
    ward = ContextRow("901", "Ward", "Harrow Road", 123, 120, 118, 7, 5)
    unseen = ContextRow("901", "Ward", "Queen's Gate", 41, 40, 0, 0, 5)
    trends = (Trend("901", "autumn term 2025/26", False, 87, 133), Trend("901", "spring term", True, 3, 4))
    given = replace(issue, context=(*issue.context, ward, unseen), trends=trends)
    briefing_html.write(given, tmp_path / "briefing.html")
    return given, (tmp_path / "briefing.html").read_text(encoding="utf-8")


def test_every_count_is_rounded_and_no_small_one_is_told(told: tuple[Issue, str]) -> None:
    issue, _ = told
    texts = {text for table in briefing(issue) for row in table.rows for text in row[2:]}
    counts = {text for text in texts if not text.endswith(("fewer than 10", "not visible"))}
    assert all(int(text.replace(",", "")) % FEWEST == 0 for text in counts)
    assert {"fewer than 10", "not visible", "120", "90", "130"} <= texts


def test_a_small_count_and_none_are_told_alike() -> None:
    assert len({coarse(count) for count in range(FEWEST)}) == 1


def test_no_total_and_no_school_is_told(told: tuple[Issue, str]) -> None:
    issue, page = told
    assert "School" not in [table.caption for table in briefing(issue)]
    assert not any(row.name in page for row in issue.context if row.kind == "School")
    assert "otal" not in page.replace("no totals are given", "")


def test_no_pupil_and_nothing_of_the_list_is_in_it(told: tuple[Issue, str]) -> None:
    issue, page = told
    assert not any(pupil.ref in page for pupil in issue.pupils)
    assert not any(row.ref in page for row in (*issue.not_assessed, *issue.in_progress))
    assert "listed" not in page
    assert issue.marking not in page, "it is not a list of pupils, and not marked as one"


def test_what_is_not_visible_is_not_told_as_few(told: tuple[Issue, str]) -> None:
    rows = {row[1]: row for table in briefing(told[0]) for row in table.rows}
    assert rows["Queen's Gate"][3] == "not visible"
    assert rows["spring term so far"][2:] == ("fewer than 10", "fewer than 10")
