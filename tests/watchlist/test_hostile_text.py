"""Whatever somebody wrote in a name or a note goes through every file of an issue as text, and comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earlywarning.explain import PupilReasons, Reason
from earlywarning.watchlist import Issue, Trend
from earlywarning.watchlist.outputs import OUTPUTS
from earlywarning.watchlist.printable import printable

KNOWN = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    '=HYPERLINK("http://example.invalid")',
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></title><svg onload=alert(1)>",
    "{{ 7 * 7 }}{% raw %}",
    "O'Brien",
    "007",
    "مدرسة النور",
    "a\u202eb\u2066c",
    "🙂👩‍👩‍👧",
    "../../etc/passwd",
    "C:\\nul",
    "_x0041_",
    "\x00\x07\x1b[31m",
    "x" * 5_000,
)
TEXTS = st.text(
    st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40
)  # no feed can hold a lone half


class Reader(HTMLParser):
    """What a page says, and its tags."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.told: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.told.append(data)


def filled_with(issue: Issue, text: str) -> Issue:
    """The issue with ``text`` wherever something written by hand, sent by a school or configured gets in."""
    first, *others = issue.pupils
    reason = (Reason("attendance", text, text),)
    pupil = replace(
        first,
        school=text,
        reasons=PupilReasons(reason, reason, (text,), (text,)),
        in_place=(text,),
        facts=(text,),
        absence=((text, 0.1), (text, None)),
    )
    since = issue.since and replace(
        issue.since, left=tuple(replace(row, school=text, why=text) for row in issue.since.left)
    )
    return replace(
        issue,
        term=text,
        areas=(replace(issue.areas[0], name=text, left_out={text: 1}), *issue.areas[1:]),
        notes=(text,),
        sharing=text,
        limits=(text,),
        contact=text,
        marking=text,
        hand_over=(text,),
        inputs={"attendance": (text,)},
        pupils=(pupil, *others),
        not_assessed=tuple(replace(row, school=text, why=text) for row in issue.not_assessed),
        in_progress=tuple(replace(row, school=text, stage=text) for row in issue.in_progress),
        register=tuple(
            replace(row, school=text, route=text, setting=text, review=text) for row in issue.register
        ),
        shown=tuple(replace(row, school=text, facts=(text,), in_place=(text,)) for row in issue.shown),
        context=tuple(replace(row, name=text) for row in issue.context),
        trends=(Trend(issue.areas[0].code, text, False, 87, 133),),
        since=since,
    )


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TEXTS)
def test_any_text_is_only_text_in_every_file(text: str, small_issue: Issue) -> None:
    held_to(text, small_issue)


def test_text_that_is_known_to_be_hostile_is_only_text_in_every_file(small_issue: Issue) -> None:
    for text in KNOWN:
        held_to(text, small_issue)


def held_to(text: str, small_issue: Issue) -> None:
    """Nothing; fails unless every file of the issue holds ``text``, and holds it as nothing but text."""
    issue, shown = filled_with(small_issue, text), printable(text)
    with TemporaryDirectory() as made:
        folder = Path(made)
        for name, write in OUTPUTS.items():
            write(issue, folder / name)
        the_workbook(folder / "panel.xlsx", shown)
        the_page(folder / "panel.html", shown, scripts=1)
        the_page(folder / "briefing.html", shown, scripts=0)
        listing = pq.read_table(folder / "listing.parquet").to_pylist()
        first = next(row for row in listing if row["ref"] == issue.pupils[0].ref)
        assert first["school"] == text
        assert {row["area"] for row in listing} >= {text}
        scores = pq.read_table(folder / "scores.parquet").to_pandas()
        assert len(scores) == len(issue.scores)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["marking"] == text
        assert manifest["counts"][issue.areas[0].code]["name"] == text
        assert {path.name for path in folder.iterdir()} == set(OUTPUTS), "no text is part of a file's name"


def the_workbook(path: Path, shown: str) -> None:
    cells = [
        cell
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} == {"s", "n"}, "a formula would be 'f'"
    assert all(cell.hyperlink is None for cell in cells)
    if shown:
        assert sum(cell.value == shown for cell in cells) >= 6
        assert sum(shown in str(cell.value) for cell in cells) >= 20


def the_page(path: Path, shown: str, scripts: int) -> None:
    page = Reader(path.read_text(encoding="utf-8"))
    names = [tag for tag, _ in page.tags]
    assert [names.count(tag) for tag in ("script", "style", "title", "html")] == [scripts, 1, 1, 1]
    assert not {"img", "iframe", "object", "embed", "link", "base", "form"} & set(names)
    assert not [name for _, given in page.tags for name in given if name.startswith("on")]
    assert shown in "".join(page.told)
