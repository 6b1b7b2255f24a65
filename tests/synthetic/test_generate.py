"""The folder: the same bytes for the same seed, whole or not at all, its owner's alone, plain refusals."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from earlywarning.errors import MachineRefused, WrongUsage
from earlywarning.synthetic import generate
from earlywarning.synthetic.writing import Folder
from earlywarning.tables import TABLES
from earlywarning.tables.declare import ARROW

SMALL = {"pupils": 500, "years": 3}


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.*"))}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "data"
    generate(folder, seed=11, **SMALL)
    return folder


def test_the_same_seed_writes_the_same_bytes(small: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again", seed=11, **SMALL)
    assert files(tmp_path / "again") == files(small)


def test_another_seed_writes_another_authority(small: Path, tmp_path: Path) -> None:
    generate(tmp_path / "other", seed=12, **SMALL)
    ours, other = files(small), files(tmp_path / "other")
    same = {name for name in ours if ours[name] == other[name]}
    assert same == {"extract.toml", "terms.parquet"}


def test_csv_holds_the_same_rows(small: Path, tmp_path: Path) -> None:
    generate(tmp_path / "csv", seed=11, format="csv", **SMALL)
    for name, table in TABLES.items():
        types = {column.name: ARROW[column.type] for column in table.columns}
        read = pa_csv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
        assert pa_csv.read_csv(tmp_path / "csv" / f"{name}.csv", convert_options=read) == pq.read_table(
            small / f"{name}.parquet"
        ), name


def test_the_folder_says_that_it_is_invented(small: Path) -> None:
    assert (small / "extract.toml").read_text() == "extracted_on = 2026-08-31\nsynthetic = true\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owner-only mode bits")
def test_only_the_owner_can_read_it(small: Path) -> None:
    for path in (small, *small.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def test_the_summary_counts_the_rows_and_progress_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    summary = generate(tmp_path / "data", seed=13, progress=lambda *step: told.append(step), **SMALL)
    assert told == [("half terms", done, 18) for done in range(1, 19)]
    assert summary.years == ("2023/24", "2024/25", "2025/26")
    for name in TABLES:
        assert summary.rows[name] == pq.read_metadata(tmp_path / "data" / f"{name}.parquet").num_rows


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"pupils": 499}, "500 to 1000000"),
        ({"pupils": 1_000_001}, "500 to 1000000"),
        ({"years": 2}, "3 to 10"),
        ({"years": 11}, "3 to 10"),
        ({"seed": -1}, "from 0 on"),
        ({"format": "xlsx"}, "parquet and csv"),
    ],
)
def test_what_cannot_be_made_is_refused_in_plain_words(
    arguments: dict[str, object], word: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongUsage, match=word):
        generate(tmp_path / "data", **arguments)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "mine.txt").write_text("mine")
    with pytest.raises(WrongUsage, match="not empty"):
        generate(tmp_path / "data", **SMALL)
    assert [path.name for path in tmp_path.rglob("*.*")] == ["mine.txt"]


def test_an_empty_folder_is_taken(small: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    generate(tmp_path / "data", seed=11, **SMALL)
    assert files(tmp_path / "data") == files(small)


@pytest.fixture(params=[OSError(28, "No space left on device"), KeyboardInterrupt()])
def stopped(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[BaseException]:
    """The disk is full, or somebody presses Ctrl-C, when the suspensions of the second year are written."""
    append, seen = Folder.append, []

    def failing(self: Folder, table: object, *rest: object) -> None:
        seen.append(table)
        if seen.count(TABLES["suspensions"]) > 1:
            raise request.param
        append(self, table, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Folder, "append", failing)
    return MachineRefused if isinstance(request.param, OSError) else KeyboardInterrupt


def test_a_full_disk_or_an_interruption_leaves_nothing(stopped: type[BaseException], tmp_path: Path) -> None:
    with pytest.raises(stopped):
        generate(tmp_path / "data", **SMALL)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_cut_off_by_a_kill_does_not_look_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_the_end: list[Path] = []
    text = Folder.text

    def looking(self: Folder, name: str, content: str) -> None:
        at_the_end.extend([self.path, *self.path.iterdir()])
        text(self, name, content)

    monkeypatch.setattr(Folder, "text", looking)
    generate(tmp_path / "data", **SMALL)
    assert at_the_end[0].name.startswith(".data.") and at_the_end[0].name.endswith(".partial")
    assert "extract.toml" not in {path.name for path in at_the_end}
