"""The panel's files: hostile text is only text, and there is no score, rank or colour of risk."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from earlywarning.explain import PupilReasons, Reason
from earlywarning.watchlist import Issue
from earlywarning.watchlist.columns import DECISION, NOMINATION_COLUMNS, VIEW
from earlywarning.watchlist.outputs import OUTPUTS, panel_html, panel_xlsx

HOSTILE = {
    "formula": "=1+1",
    "at": "@SUM(A1)",
    "link": "http://example.invalid/?q=1",
    "tag": "<script>alert(1)</script>",
    "attribute": '"><img src=x onerror=alert(1)>',
    "template": "{{ 7 * 7 }} {% raw %}",
    "entity": "Fish &amp; Chips & Co",
    "apostrophe": "O'Brien",
    "zeros": "007",
    "right to left": "مدرسة النور",
    "emoji": "🙂👩‍👩‍👧",
    "path": "../../etc/passwd",
    "long": "word " * 3_000 + "end",
    "unbroken": "x" * 5_000,
}
CONTROL = "a\x00b\x07c\ud800d\u202ee\uffff"
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """A page read by a strict reader: every tag opened is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


def workbook(issue: Issue, tmp_path: Path) -> openpyxl.Workbook:
    panel_xlsx.write(issue, tmp_path / "panel.xlsx")
    return openpyxl.load_workbook(tmp_path / "panel.xlsx")


def everywhere(text: str) -> dict[str, object]:
    """A pupil with ``text`` wherever free text can get in."""
    reason = (Reason("attendance", text, text),)
    reasons = PupilReasons(reason, reason, (text,), (text,))
    return {"school": text, "reasons": reasons, "in_place": (text,), "facts": (text,)}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_reads_back_from_the_workbook_as_text(
    text: str, with_first_pupil: Callable[..., Issue], tmp_path: Path
) -> None:
    book = workbook(with_first_pupil(**everywhere(text)), tmp_path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}, "a formula would be 'f'"
    assert all(cell.hyperlink is None for cell in cells)
    assert text in [cell.value for cell in cells]
    assert sum(text in str(cell.value) for cell in cells) >= 6


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_reads_back_from_the_page_as_text(
    text: str, with_first_pupil: Callable[..., Issue], small_issue: Issue
) -> None:
    page = Page(panel_html.render(with_first_pupil(**everywhere(text))))
    assert page.text.count(text) - Page(panel_html.render(small_issue)).text.count(text) >= 7
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_what_no_file_can_hold_is_left_out(with_first_pupil: Callable[..., Issue], tmp_path: Path) -> None:
    issue = with_first_pupil(**everywhere(CONTROL))
    cells = [cell.value for sheet in workbook(issue, tmp_path) for row in sheet.iter_rows() for cell in row]
    assert "abcde" in cells
    assert "abcde" in Page(panel_html.render(issue)).text


def test_more_than_a_cell_can_hold_is_cut_and_says_so(
    with_first_pupil: Callable[..., Issue], tmp_path: Path
) -> None:
    book = workbook(with_first_pupil(school="y" * 40_000), tmp_path)
    texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [len(text) for text in texts if text.endswith("yyy … (cut)")] == [32_008]


def panel_texts(issue: Issue, tmp_path: Path) -> dict[str, str]:
    """Everything in the panel's files, unpacked."""
    panel_xlsx.write(issue, tmp_path / "panel.xlsx")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "panel.xlsx").read_bytes())) as parts:
        unpacked = "".join(parts.read(name).decode() for name in parts.namelist())
    return {"panel.xlsx": unpacked, "panel.html": panel_html.render(issue)}


def test_no_score_and_no_key_to_the_scores_is_in_the_panels_files(issue: Issue, tmp_path: Path) -> None:
    for name, text in panel_texts(issue, tmp_path).items():
        decimals = set(re.findall(r"\d\.\d{3,}", text))
        for column in ("probability", "margin"):
            scores = issue.scores[column].abs()
            assert not decimals & {f"{score:.{places}f}" for score in scores for places in (3, 4, 6)}, name
            assert not decimals & set(map(repr, scores)), name
        assert not set(re.findall(r"[0-9a-f]{32}", text)) & set(issue.scores["score_key"]), name


def test_the_order_of_pupils_says_nothing_about_need(issue: Issue, tmp_path: Path) -> None:
    book = workbook(issue, tmp_path)
    for sheet in ("Discuss first", "Also consider"):
        rows = list(book[sheet].iter_rows(min_row=4, max_col=4, values_only=True))
        key = [(area, school, int(year.removeprefix("Year ")), ref) for ref, school, year, area in rows]
        assert key == sorted(key)
        assert len(rows) == len(issue.in_band(sheet.lower()))  # type: ignore[arg-type]


def test_both_panel_files_hold_every_pupil_and_every_sentence(issue: Issue, tmp_path: Path) -> None:
    book = workbook(issue, tmp_path)
    cells = "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    page = Page(panel_html.render(issue)).text
    for pupil in issue.pupils:
        said = [*pupil.reasons.raises, *pupil.reasons.lowers]
        for text in (pupil.ref, *pupil.in_place, *pupil.facts, *(reason.sentence for reason in said)):
            assert text in cells
            assert text in page
    for row in (*issue.not_assessed, *issue.in_progress):
        assert row.ref in cells
        assert row.ref in page


def test_the_panels_own_view_comes_before_the_reasons(issue: Issue, tmp_path: Path) -> None:
    headings = [cell.value for cell in workbook(issue, tmp_path)["Discuss first"][3]]
    own = headings.index("Your own view (before you read on)")
    assert headings.index("Already in place") < own < headings.index("Points towards talking")
    page = panel_html.render(issue)
    assert page.index("Your own view") < page.index("What points towards talking about this pupil")


def test_choices_are_offered_and_there_is_room_for_nominations(issue: Issue, tmp_path: Path) -> None:
    book = workbook(issue, tmp_path)
    rules = book["Also consider"].data_validations.dataValidation
    assert {(rule.type, rule.errorStyle) for rule in rules} == {
        ("list", None), ("list", "information"), ("date", None)
    }  # fmt: skip
    assert '"Agree,Disagree,Not discussed"' in {rule.formula1 for rule in rules}
    last = 3 + len(issue.in_band("also consider"))
    assert all(str(rule.sqref).split(":")[1].endswith(str(last)) for rule in rules)
    nominations = list(book["Nominations"].iter_rows(min_row=4, values_only=True))
    assert len(nominations) == sum(area.nominations for area in issue.areas)
    assert not any(any(row) for row in nominations)
    places = book["Nominations"].data_validations.dataValidation
    assert '"Northfold,Southmere"' in {rule.formula1 for rule in places}


def test_no_choice_would_be_read_as_two() -> None:
    columns = (*VIEW, *DECISION, *NOMINATION_COLUMNS)
    assert not [choice for column in columns for choice in column.choices if "," in choice]


def test_the_pages_beside_the_list_are_there_and_hold_their_pupils(issue: Issue, tmp_path: Path) -> None:
    book = workbook(issue, tmp_path)
    assert book.sheetnames == [
        "Read me first",
        "In context",
        "Discuss first",
        "Also consider",
        "Nominations",
        "Since the last list",
        "Placements",
        "Perm. exclusions in progress",
        "Shown, not scored",
        "Not assessed, and why",
        "Hand-over sheet",
    ]
    page = Page(panel_html.render(issue)).text
    for name, rows in (
        ("Since the last list", issue.since.left if issue.since else ()),
        ("Placements", issue.register),
        ("Shown, not scored", issue.shown),
        ("Not assessed, and why", issue.not_assessed),
    ):
        assert rows
        held = {str(row[0]) for row in book[name].iter_rows(min_row=4, values_only=True)}
        assert held == {row.ref for row in rows}
        assert all(row.ref in page for row in rows)
    assert {row[4] for row in book["Placements"].iter_rows(min_row=4, values_only=True)} == {
        "No: here instead",
        "Yes",
    }
    assert str(book["Not assessed, and why"]["A2"].value).endswith(
        f"{len(issue.not_assessed)}: The school's attendance was not received."
    )
    for prompt in issue.hand_over:
        assert prompt in page
        assert [row[1] for row in book["Hand-over sheet"].iter_rows(min_row=4, values_only=True)] == [
            None,
            None,
        ]


def test_a_study_without_these_pages_has_none_of_them(issue: Issue, tmp_path: Path) -> None:
    bare = replace(issue, shown=(), shown_of=0, since=None, hand_over=())
    names = workbook(bare, tmp_path).sheetnames
    assert not {"Since the last list", "Shown, not scored", "Hand-over sheet"} & set(names)
    page = panel_html.render(bare)
    assert not any(f'id="{anchor}"' in page for anchor in ("since-last", "shown", "hand-over"))


def test_a_pupils_sheet_draws_absence_and_says_it(with_first_pupil: Callable[..., Issue]) -> None:
    given = (("autumn 1, 2025/26", None), ("autumn 2, 2025/26", 0.125))
    before = panel_html.render(with_first_pupil(absence=()))
    page = panel_html.render(with_first_pupil(absence=given))
    assert page.count('class="spark"') == before.count('class="spark"') + 1
    assert "autumn 1, 2025/26: not visible; autumn 2, 2025/26: 12%." in page


def test_the_workbook_prints_on_a4_with_its_headings(issue: Issue, tmp_path: Path) -> None:
    book = workbook(issue, tmp_path)
    assert {sheet.page_setup.paperSize for sheet in book} == {9}
    for name in ("Discuss first", "Also consider"):
        sheet = book[name]
        assert sheet.page_setup.orientation == "landscape"
        assert (sheet.print_title_rows, sheet.print_title_cols) == ("$3:$3", "$A:$C")
        assert sheet.freeze_panes == "D4"
        assert "INVENTED DATA" in str(sheet.oddHeader.left.text)


def test_what_to_read_and_what_to_decide_each_fit_across_the_page(issue: Issue, tmp_path: Path) -> None:
    sheet = workbook(issue, tmp_path)["Discuss first"]
    widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[3]]
    (cut,) = [brk.id for brk in sheet.col_breaks.brk]
    place = 3  # columns that are repeated on each page
    for half in (widths[:cut], widths[:place] + widths[cut:]):
        inches = sum(width * 7 for width in half) / 96 * sheet.page_setup.scale / 100
        assert inches <= 11.69 - 2 * 0.4, "A4 across, without its margins"


def test_rows_are_high_enough_for_their_text(issue: Issue, tmp_path: Path) -> None:
    sheet = workbook(issue, tmp_path)["Discuss first"]
    for row in sheet.iter_rows(min_row=4):
        for cell in row:
            width = sheet.column_dimensions[cell.column_letter].width
            needed = sum(-(-len(line) // int(width * 1.2)) for line in str(cell.value or "").split("\n"))
            assert sheet.row_dimensions[cell.row].height >= 12 * needed


def test_invented_data_says_so_on_every_sheet_and_real_data_does_not(issue: Issue, tmp_path: Path) -> None:
    for synthetic in (True, False):
        texts = panel_texts(replace(issue, synthetic=synthetic), tmp_path)
        assert all(("INVENTED DATA" in text) is synthetic for text in texts.values())


def test_invented_data_says_so_at_the_head_of_the_page(issue: Issue) -> None:
    head = panel_html.render(issue).split("<header>")[1].split("</header>")[0]
    assert "INVENTED DATA" in head
    assert "Nothing in it is evidence about real pupils" in head


def test_the_page_asks_nothing_of_the_network_and_allows_only_its_own_script(issue: Issue) -> None:
    text = panel_html.render(issue)
    page = Page(text)
    assert not {tag for tag, _ in page.tags} & {"link", "img", "iframe", "object", "base", "form"}
    assert not any({"src", "style", "srcset", "action"} & set(attributes) for _, attributes in page.tags)
    assert all(str(attributes["href"]).startswith("#") for tag, attributes in page.tags if tag == "a")
    assert "url(" not in text
    assert "@import" not in text
    policy = next(attributes["content"] for tag, attributes in page.tags if "http-equiv" in attributes)
    assert str(policy).startswith("default-src 'none'")
    for tag in ("style", "script"):
        held = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert held is not None
        digest = base64.b64encode(hashlib.sha256(held[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in str(policy)


def test_the_page_can_be_read_by_everyone(issue: Issue) -> None:
    page = Page(panel_html.render(issue))
    tags = [tag for tag, _ in page.tags]
    assert dict(page.tags[0][1]) == {"lang": "en"}
    assert [tags.count(name) for name in ("main", "h1", "header", "footer", "nav")] == [1, 1, 1, 1, 1]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        if tag == "a":
            assert str(attributes["href"])[1:] in ids
        if "aria-labelledby" in attributes:
            assert attributes["aria-labelledby"] in ids
    hidden_on_screen = sum(
        tag == "table" and attributes.get("aria-hidden") == "true" for tag, attributes in page.tags
    )
    assert tags.count("caption") == tags.count("table") - hidden_on_screen
    assert all(
        attributes.get("scope") for tag, attributes in page.tags if tag == "th" and "scope" in attributes
    )
    search = next(attributes for tag, attributes in page.tags if attributes.get("role") == "search")
    assert "hidden" in search, "without its script the search must not show"


def test_text_and_background_differ_enough_to_be_read() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    style = Path(panel_html.__file__).with_name("panel.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", style))
    for text in ("text", "quiet", "link"):
        for ground in ("#ffffff", colours["pale"]):
            # WCAG 2.2, 1.4.3: 4.5 to 1
            assert (luminance(ground) + 0.05) / (luminance(colours[text]) + 0.05) >= 4.5, (text, ground)


def test_every_output_is_the_same_bytes_twice_and_the_manifest_comes_last(
    small_issue: Issue, tmp_path: Path
) -> None:
    for name, write in OUTPUTS.items():
        (tmp_path / "a").mkdir(exist_ok=True)
        (tmp_path / "b").mkdir(exist_ok=True)
        write(small_issue, tmp_path / "a" / name)
        write(small_issue, tmp_path / "b" / name)
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert list(OUTPUTS)[-1] == "manifest.json"
