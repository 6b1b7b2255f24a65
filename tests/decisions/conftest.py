"""A published issue of two areas, and its workbook as a panel fills it in."""

from __future__ import annotations

import datetime as dt
import importlib.util
import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import openpyxl
import pytest

from earlywarning.decisions import Published, published
from earlywarning.watchlist import Issue
from earlywarning.watchlist.publish import publish

HEADINGS = 3
Answers = Mapping[str, object]


def _issues() -> ModuleType:
    """The invented issue of tests/watchlist, whose conftest is not on the path."""
    path = Path(__file__).parent.parent / "watchlist" / "conftest.py"
    spec = importlib.util.spec_from_file_location("watchlist_issues", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def issue() -> Issue:
    made: Issue = _issues().build(pupils_per_school=10, capacity=5)
    return made


@pytest.fixture(scope="session")
def folder(issue: Issue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(issue, tmp_path_factory.mktemp("published"))


@pytest.fixture
def opened(folder: Path, tmp_path: Path) -> Published:
    """The issue in a folder of issues of the test's own."""
    return published(Path(shutil.copytree(folder, tmp_path / "issues" / folder.name)))


class Workbook:
    """The issue's workbook, to be filled in by hand."""

    def __init__(self, data: bytes) -> None:
        self.book = openpyxl.load_workbook(io.BytesIO(data))

    def row(self, ref: str) -> tuple[str, int]:
        """The sheet and the row of a reference."""
        for sheet in self.book.worksheets:
            for cells in sheet.iter_rows(min_row=HEADINGS + 1, max_col=1):
                if cells[0].value == ref:
                    return sheet.title, cells[0].row or 0
        raise LookupError

    def place(self, sheet: str, heading: str) -> int:
        """The column of a heading."""
        return [cell.value for cell in self.book[sheet][HEADINGS]].index(heading) + 1

    def fill(self, ref: str, **answers: object) -> Workbook:
        """Something typed for a pupil, by the heading's name in ``SHORT``; text is text, "=1+1" too."""
        sheet, row = self.row(ref)
        for name, value in answers.items():
            self.put(sheet, row, SHORT[name], value)
        return self

    def nominate(self, row: int, **answers: object) -> Workbook:
        """A row of the nominations."""
        for name, value in answers.items():
            self.put("Nominations", HEADINGS + row, NOMINATED.get(name) or SHORT[name], value)
        return self

    def put(self, sheet: str, row: int, heading: str, value: object) -> None:
        cell = self.book[sheet].cell(row, self.place(sheet, heading))
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"

    @property
    def data(self) -> bytes:
        memory = io.BytesIO()
        self.book.save(memory)
        return memory.getvalue()


SHORT = {
    "already_supported": "Already supported?",
    "own_view": "Your own view (before you read on)",
    "discussed_on": "Discussed on",
    "action": "Agreed action",
    "owner": "Owner",
    "review_date": "Review date",
    "closed_on": "Action closed on",
    "agree": "Agree with listing?",
    "why_not": "If not, why",
}
NOMINATED = {
    "reference": "Your reference (no names)",
    "school": "School",
    "year": "Year",
    "area": "Area",
    "in_place": "Already in place",
    "why": "Why this pupil should be talked about",
    "nominated_by": "Nominated by",
}
MET = dt.date(2026, 1, 15)


@pytest.fixture
def blank(opened: Published) -> Callable[[], Workbook]:
    """Gives a copy of the issue's workbook, not filled in."""
    data = opened.file("panel.xlsx")
    return lambda: Workbook(data)
