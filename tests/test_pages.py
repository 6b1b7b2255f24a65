"""The pages as people meet them: in a browser, by keyboard, much enlarged, without script, on paper."""

from __future__ import annotations

import runpy
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import World
from playwright.sync_api import Browser, Page, sync_playwright

from earlywarning.audit.bias import label_bias
from earlywarning.audit.bias_fragment import bias_fragment
from earlywarning.naming import named_page
from earlywarning.pages.report import audit_page
from earlywarning.watchlist import Issue
from earlywarning.watchlist.outputs import briefing_html, panel_html

PAGES = ("panel.html", "briefing.html", "report.html", "audit.html")
MARK = "Copy 3, for <b>Zoë</b> O'Brien only"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CONTROLS = "a[href], input, button, select, textarea, summary, [tabindex='0']"
VISIBLE = "each => each.checkVisibility() && each.getClientRects().length > 0"
SHEETS = f"[...document.querySelectorAll('article')].filter({VISIBLE}).map(each => each.id)"
ROWS = (
    f"[...document.querySelectorAll('tr[data-pupil]')].filter({VISIBLE})"
    ".map(each => each.innerText.slice(0, 11))"
)
WIDE_REGIONS = ".scroll, .audit-wide"


@pytest.fixture(scope="module")
def issue() -> Issue:
    made: Issue = runpy.run_path(str(Path(__file__).with_name("watchlist") / "conftest.py"))["build"](10, 5)
    return made


def outcome_itself(world: World) -> str:
    """The part of the audit page that is about the outcome and the schools."""
    tested = world.trained.trial.data
    states = pd.DataFrame({"new_suspension": tested.rows["state"]})
    listed = tested.y == 1
    pupils = np.arange(len(tested.y))
    found = label_bias(states, listed, tested.attributes, tested.attributes["school"], pupils)
    return bias_fragment(found, {"new_suspension": "a new suspension"})


@pytest.fixture(scope="module")
def folder(issue: Issue, world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The four pages, as files, and one full of hostile text."""
    made = tmp_path_factory.mktemp("pages")
    panel_html.write(issue, made / "panel.html")
    briefing_html.write(issue, made / "briefing.html")
    kept = Path(world.trained.folder).parent / "reports" / "report.html"
    (made / "report.html").write_bytes(kept.read_bytes())
    hostile = runpy.run_path(str(Path(__file__).with_name("watchlist") / "test_hostile_text.py"))
    panel_html.write(hostile["filled_with"](issue, " ".join(hostile["KNOWN"])), made / "hostile.html")
    names = {pupil.ref: hostile["KNOWN"][place % 19] for place, pupil in enumerate(issue.pupils)}
    for name in ("panel", "hostile"):
        named = named_page((made / f"{name}.html").read_bytes(), names, MARK, issue.marking)
        (made / f"{name}-named.html").write_bytes(named)
    page = audit_page(world.trained.audit, outcome_itself(world), synthetic=True)
    (made / "audit.html").write_text(page, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def browser(program: Callable[..., str]) -> Iterator[Browser]:
    """The browser of this machine; its sandbox is off, as in a container there is none to be had."""
    path = program("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Browser, folder: Path) -> Iterator[Callable[..., Page]]:
    """Opens one of the pages: ``opened("panel.html", width=320)``; nothing may go wrong in it meanwhile."""
    contexts, faults = [], []

    def show(name: str, width: int = 1280, **more: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda said: faults.append(said.text))
        page.on("dialog", lambda asked: faults.append(asked.message))
        page.on("request", lambda made: None if made.url.startswith("file:") else faults.append(made.url))
        page.goto((folder / name).as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert faults == []


@pytest.mark.parametrize("name", PAGES)
def test_the_accessibility_check_finds_nothing(name: str, opened: Callable[..., Page]) -> None:
    for width in (1280, 320):
        page = opened(name, width)
        # Contrast takes most of the time. It is the same at any width; the audit is part of the report.
        contrast = {"color-contrast": {"enabled": width == 1280 and name != "audit.html"}}
        asked = {"type": "tag", "values": list(RULES)}
        found = Axe().run(page, options={"runOnly": asked, "rules": contrast, "resultTypes": ["violations"]})
        assert len(found.response["passes"]) > 10, "the check did not run"
        assert [
            (fault["id"], node["html"][:200], node["failureSummary"])
            for fault in found.response["violations"]
            for node in fault["nodes"]
        ] == []


@pytest.mark.parametrize("name", PAGES)
def test_enlarged_four_times_only_wide_tables_scroll_sideways(name: str, opened: Callable[..., Page]) -> None:
    """1,280 pixels at 400% are 320 (WCAG 2.2, 1.4.10)."""
    page = opened(name, width=320)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    beyond = page.evaluate(
        f"""[...document.querySelectorAll("body *")].filter({VISIBLE})
        .filter(each => !each.closest("{WIDE_REGIONS}, .unseen, .skip"))
        .filter(each => each.getBoundingClientRect().right > 320.5)
        .map(each => each.outerHTML.slice(0, 120))"""
    )
    assert beyond == []


@pytest.mark.parametrize("name", PAGES)
def test_every_control_is_reached_by_tab_and_shows_it(name: str, opened: Callable[..., Page]) -> None:
    page = opened(name)
    count = page.evaluate(
        f"""() => {{ const all = [...document.querySelectorAll("{CONTROLS}")].filter({VISIBLE});
        all.forEach((each, place) => each.dataset.place = place); return all.length; }}"""
    )
    reached = []
    for _ in range(count):
        page.keyboard.press("Tab")
        place, outline = page.evaluate(
            "[+document.activeElement.dataset.place, getComputedStyle(document.activeElement).outlineStyle]"
        )
        assert outline == "solid", page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        reached.append(place)
    assert reached == list(range(count)), "in the order of the page, none left out"


def test_the_filter_works_by_keyboard_and_keeps_index_and_sheets_together(
    opened: Callable[..., Page], issue: Issue
) -> None:
    page = opened("panel.html")
    everyone = [pupil.ref for pupil in issue.pupils]
    assert sorted(page.evaluate(SHEETS)) == sorted(page.evaluate(ROWS)) == sorted(everyone)
    while page.evaluate("document.activeElement.id") != "search":
        page.keyboard.press("Tab")
    page.keyboard.type(f" {everyone[0].lower()} ")
    assert page.evaluate(SHEETS) == page.evaluate(ROWS) == [everyone[0]]
    assert str(page.text_content("#found")).startswith("1 pupil matches.")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("attendance NEW roll")  # words of the sheet that are not in the index
    some = page.evaluate(SHEETS)
    assert 0 < len(some) < len(everyone)
    assert page.evaluate(ROWS) == some
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")
    assert len(page.evaluate(SHEETS)) == len(everyone)
    assert page.text_content("#found") == ""


def test_without_script_everything_is_there_but_the_filter(opened: Callable[..., Page], issue: Issue) -> None:
    plain, full = opened("panel.html", java_script_enabled=False), opened("panel.html")
    assert not plain.locator("#search").is_visible()
    assert full.locator("#search").is_visible()
    for part in ("header", "nav", "#main > section:first-child", "footer"):
        assert plain.locator(part).first.inner_text() == full.locator(part).first.inner_text()
    assert plain.locator("article").all_inner_texts() == full.locator("article").all_inner_texts()
    assert all(plain.locator(f"[id='{pupil.ref}']").is_visible() for pupil in issue.pupils)


@pytest.mark.parametrize("name", ["hostile.html", "hostile-named.html", "panel-named.html"])
def test_hostile_text_does_nothing_and_asks_for_nothing(name: str, opened: Callable[..., Page]) -> None:
    page = opened(name, width=320)
    page.keyboard.press("Tab")
    assert page.locator("script, img, iframe, [onload], [onerror]").count() == 1, "our own script"
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, "however long a word is"


@pytest.mark.parametrize(
    ("name", "foot"), [("panel.html", "INVENTED DATA"), ("panel-named.html", MARK)], ids=["own", "named"]
)
def test_on_paper_each_pupil_has_one_sheet_and_each_sheet_its_marking(
    name: str,
    foot: str,
    opened: Callable[..., Page],
    issue: Issue,
    program: Callable[..., str],
    tmp_path: Path,
) -> None:
    opened(name).pdf(path=tmp_path / "panel.pdf", prefer_css_page_size=True)
    told = subprocess.run(
        [program("pdftotext"), "-layout", tmp_path / "panel.pdf", "-"], check=True, capture_output=True
    )
    sheets = told.stdout.decode().split("\f")[:-1]
    for number, sheet in enumerate(sheets, 1):
        assert f"Page {number} of {len(sheets)}" in sheet
        assert f"{issue.marking} · {foot}" in sheet.rstrip().splitlines()[-1]
    own = [sheet for sheet in sheets if "Your own view" in sheet]
    assert len(own) == len(issue.pupils)
    assert all("Agree with listing?" in sheet for sheet in own)
    assert [sum(pupil.ref in sheet for sheet in own) for pupil in issue.pupils] == [1] * len(issue.pupils)
