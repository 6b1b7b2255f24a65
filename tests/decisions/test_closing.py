"""An action is closed by a date: read from the workbook, refused where it cannot be, and not carried on."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from decisions.conftest import HEADINGS, MET, Workbook

from earlywarning import clock, pipeline
from earlywarning.decisions import (
    Published,
    Understood,
    carried,
    filled,
    keep,
    needed,
    open_actions,
    published,
    understand,
)
from earlywarning.decisions.reading import Answer
from earlywarning.errors import InputRefused
from earlywarning.watchlist import panel_refs

Blank = Callable[[], Workbook]
HEADING = "Action closed on"
NEXT = "secondary-2026-04-02"
KEY, PUPILS = b"a key for tests", [f"p{number:05d}" for number in range(80)]
BEFORE = "it is before the action of this row was agreed"
NEVER = "the date is not one that can be meant"


@pytest.mark.parametrize(
    ("closed", "answers", "rule"),
    [
        ("15/1/2026", {"action": "Mentor", "discussed_on": MET}, None),
        ("14/1/2026", {"action": "Mentor", "discussed_on": MET}, BEFORE),
        ("31/12/2025", {"action": "Mentor"}, None),
        ("30/12/2025", {"action": "Mentor"}, BEFORE),
        ("5/12/2025", {"discussed_on": MET}, None),
        ("28/12/2023", {}, NEVER),
        (clock.today(), {"action": "Mentor"}, None),
        (clock.today() + dt.timedelta(days=1), {"action": "Mentor"}, NEVER),
        ("Yes", {"action": "Mentor"}, "it is not a date"),
        ("done", {}, "it is not a date"),
    ],
    ids=str,
)
def test_an_action_is_closed_when_it_was_agreed_or_later_and_not_in_the_future(
    closed: object, answers: dict[str, object], rule: str | None, opened: Published, blank: Blank
) -> None:
    first, second = opened.listed[:2]
    book = blank().fill(first, **answers, closed_on=closed).fill(second, action="Tutor")
    found = understand(filled(book.data), opened)
    refused = [(book.row(first)[1], HEADING, rule)] if rule else []
    assert [(each.row, each.column, each.rule) for each in found.faults] == refused
    assert {each.ref for each in found.decisions} == ({second} if rule else {first, second})


def test_a_closing_that_comes_later_is_held_to_what_was_kept(opened: Published, blank: Blank) -> None:
    first, second = opened.listed[:2]
    book = blank()
    for ref in (first, second):
        book.fill(ref, action="Mentor", discussed_on=MET)
    keep(opened, understand(filled(book.data), opened), "w" * 64)
    later = blank().fill(first, closed_on="1/1/2026").fill(second, closed_on="1/2/2026")
    kept = keep(opened, understand(filled(later.data), opened), "w" * 64)
    assert [(each.row, each.rule) for each in kept.conflicts] == [(later.row(first)[1], BEFORE)]
    stands = needed(opened.folder.parent, opened.name).decisions
    assert "closed_on" not in stands[first]
    assert stands[second]["closed_on"] == "2026-02-01"


def test_pages_beside_the_list_close_actions_too(opened: Published, blank: Blank) -> None:
    book = blank().nominate(1, reference="007", why="Quiet", action="Club", closed_on=MET)
    row = HEADINGS + 1
    ref = str(book.book["Shown, not scored"].cell(row, 1).value)
    book.put("Shown, not scored", row, "Agreed action", "College visit")
    book.put("Shown, not scored", row, HEADING, MET)
    read = understand(filled(book.data), opened)
    assert read.faults == ()
    assert read.nominations[0].answers["closed_on"] == "2026-01-15"
    keep(opened, read, "w" * 64)
    left = open_actions(opened.folder.parent, dt.date(2026, 4, 2), opened.study)
    assert left[opened.name] == {ref: MET}


def test_what_was_closed_in_the_next_workbook_is_not_on_the_list_after_it(
    opened: Published, blank: Blank
) -> None:
    before = replace(opened, name="secondary-2025-09-26", as_of_date=dt.date(2025, 9, 26))
    autumn, spring, summer = (panel_refs(PUPILS, KEY, name) for name in (before.name, opened.name, NEXT))
    earlier = dict(zip(spring, autumn, strict=True))
    still_open, closed = opened.listed[:2]
    agreed = {"action": "Mentor", "discussed_on": "2025-10-10"}
    rows = tuple(Answer(earlier[ref], agreed) for ref in (still_open, closed))
    keep(before, Understood({"decisions": rows}, (), 0), "w" * 64)
    met = blank().fill(closed, closed_on="5/12/2025", discussed_on=MET).fill(still_open, agree="Agree")
    keep(opened, understand(filled(met.data), opened), "w" * 64)
    after = open_actions(opened.folder.parent, dt.date(2026, 4, 2), opened.study)
    (ref,) = carried(after, PUPILS, KEY, NEXT)
    assert dict(zip(summer, spring, strict=True))[ref] == still_open


def test_a_workbook_from_before_there_was_the_column_is_imported_and_a_later_one_may_not_lose_it(
    opened: Published, blank: Blank, tmp_path: Path
) -> None:
    book = blank().fill(opened.listed[0], action="Mentor", discussed_on=MET)
    for sheet in ("Discuss first", "Also consider", "Nominations", "Shown, not scored"):
        book.book[sheet].delete_cols(book.place(sheet, HEADING))
    (tmp_path / "filled.xlsx").write_bytes(book.data)
    with pytest.raises(InputRefused, match=f"has lost the column '{HEADING}'"):
        pipeline.import_decisions(tmp_path / "filled.xlsx", issue=opened.folder)
    manifest = opened.folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 1}))
    told = pipeline.import_decisions(tmp_path / "filled.xlsx", issue=opened.folder)
    assert (told["new"], told["exit_code"]) == (1, 0)
    old = published(opened.folder)
    assert open_actions(old.folder.parent, dt.date(2026, 4, 2), old.study)[old.name].keys() == {old.listed[0]}
