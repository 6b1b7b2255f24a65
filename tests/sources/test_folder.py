"""What a folder of extracts must hold, and what is said when it does not."""

from __future__ import annotations

import datetime as dt
import errno
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from earlywarning import sources
from earlywarning.errors import InputRefused, MachineRefused
from earlywarning.sources import read
from earlywarning.sources.declare import Format
from earlywarning.tables.declare import Column, Table
from earlywarning.tables.extracts import Extracts

TABLES = {
    "marks": Table(
        name="marks",
        kind="static",
        meaning="a table of this test",
        key=("pupil_id",),
        columns=(
            Column("pupil_id", "string", "pupil", "p1"),
            Column("day", "date", "day", dt.date(2024, 10, 1)),
            Column("n", "integer", "count", 1, nullable=True),
            Column("known_from", "date", "known", dt.date(2024, 10, 1), derived=True),
        ),
    ),
    "extras": Table(
        name="extras",
        kind="static",
        meaning="a table that may be absent",
        required=False,
        key=("pupil_id",),
        columns=(Column("pupil_id", "string", "pupil", "p1"),),
    ),
}
GOOD = "pupil_id,day,n\n007,2024-10-01,4.0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "extracts"
    made.mkdir()
    (made / "extract.toml").write_text("extracted_on = 2025-08-31\n", encoding="utf-8")
    (made / "marks.csv").write_text(GOOD, encoding="utf-8")
    return made


@pytest.fixture
def receive(tmp_path: Path) -> Callable[[Path], Extracts]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return lambda folder: read(folder, TABLES, scratch=scratch)


def test_a_csv_is_read_as_declared(folder: Path, receive: Callable[[Path], Extracts]) -> None:
    extracts = receive(folder)
    assert (extracts.extracted_on, extracts.synthetic) == (dt.date(2025, 8, 31), False)
    assert set(extracts.tables) == {"marks"}
    marks = extracts.tables["marks"]
    assert (marks.rows, marks.present, marks.ignored) == (1, ("pupil_id", "day", "n"), ())
    assert pq.read_table(marks.path).to_pylist() == [{"pupil_id": "007", "day": dt.date(2024, 10, 1), "n": 4}]


def test_a_parquet_of_the_declared_types_is_used_where_it_lies(
    folder: Path, receive: Callable[[Path], Extracts]
) -> None:
    (folder / "marks.csv").unlink()
    path = folder / "marks.parquet"
    pq.write_table(pa.table({"pupil_id": ["p1"], "day": [dt.date(2024, 10, 1)], "colour": ["red"]}), path)
    marks = receive(folder).tables["marks"]
    assert (marks.path, marks.rows, marks.present, marks.ignored) == (
        path,
        1,
        ("pupil_id", "day"),
        ("colour",),
    )


def test_a_parquet_of_other_types_is_read_as_declared(
    folder: Path, receive: Callable[[Path], Extracts]
) -> None:
    (folder / "marks.csv").unlink()
    columns = {
        "pupil_id": pa.array(["7", " ", "9"]).dictionary_encode(),
        "day": pa.array(
            [dt.datetime(2024, 10, 1), dt.datetime(2024, 10, 2, 9, 30), None], pa.timestamp("us")
        ),
        "n": pa.array([1.0, float("nan"), 2.0]),
    }
    pq.write_table(pa.table(columns), folder / "marks.parquet")
    marks = receive(folder).tables["marks"]
    assert {name: positions.tolist() for name, positions in marks.unreadable.items()} == {"day": [1]}
    assert pq.read_table(marks.path).to_pydict() == {
        "pupil_id": ["7", None, "9"],
        "day": [dt.date(2024, 10, 1), None, None],
        "n": [1, None, 2],
    }


def test_rows_of_another_width_keep_their_numbers(folder: Path, receive: Callable[[Path], Extracts]) -> None:
    lines = [
        "pupil_id,day,n",
        "a,2024-10-01,1",
        "b",
        "c,2024-10-01,x",
        "d,1,2,3",
        'e,2024-10-01,"2"',
        "f,soon,",
    ]
    (folder / "marks.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    marks = receive(folder).tables["marks"]
    assert (marks.read, marks.rows, marks.ragged.tolist()) == (6, 4, [2, 4])
    numbered = {name: marks.row_numbers(positions).tolist() for name, positions in marks.unreadable.items()}
    assert numbered == {"n": [3], "day": [6]}


def test_a_long_csv_is_read_in_several_pieces(folder: Path, receive: Callable[[Path], Extracts]) -> None:
    many = 400_000
    rows = "".join(f"p{n:07d},2024-10-01,{'x' if n == many - 2 else n}\n" for n in range(many))
    (folder / "marks.csv").write_text("pupil_id,day,n\n" + rows, encoding="utf-8")
    marks = receive(folder).tables["marks"]
    assert pq.read_metadata(marks.path).num_row_groups > 1
    assert (marks.rows, marks.unreadable["n"].tolist()) == (many, [many - 2])


def test_the_hash_is_of_the_contents(folder: Path, receive: Callable[[Path], Extracts]) -> None:
    first = receive(folder).data_hash
    assert first == receive(folder).data_hash
    (folder / "marks.csv").write_text(GOOD.replace("007", "008"), encoding="utf-8")
    assert receive(folder).data_hash != first


REFUSED = [
    ("extract.toml", None, "extract.toml is missing.*extracted_on = 2026-08-31"),
    ("extract.toml", "extracted_on = today", "not valid TOML"),
    ("extract.toml", "extracted_on = '2025-08-31'", "a date without quotes"),
    ("extract.toml", "extracted_on = 2025-08-31\nsyntetic = true", "'syntetic' is not known"),
    ("extract.toml", "extracted_on = 2025-08-31\nsynthetic = 'no'", "true or false"),
    ("marks.csv", None, "table 'marks' is missing and is required: add marks.parquet or marks.csv"),
    ("marks.csv", "pupil_id,day\n", "table 'marks' is empty"),
    ("marks.csv", "", "cannot be read as CSV"),
    ("marks.csv", "pupil_id,date\np1,2024-10-01\n", "no column 'day'.*Required: 'pupil_id', 'day'"),
    ("marks.csv", "pupil_id,dayy\np1,2024-10-01\n", "Did you mean 'dayy'"),
    ("marks.csv", "pupil_id,day,day\np1,2024-10-01,\n", "column 'day' twice"),
]


@pytest.mark.parametrize(("name", "text", "message"), REFUSED)
def test_a_structural_fault_is_refused_with_the_next_step(
    folder: Path, receive: Callable[[Path], Extracts], name: str, text: str | None, message: str
) -> None:
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputRefused, match=message):
        receive(folder)


def test_a_file_that_is_not_what_its_name_says_is_refused_without_its_contents(
    folder: Path, receive: Callable[[Path], Extracts]
) -> None:
    (folder / "marks.csv").write_bytes(GOOD.encode() + b"Zo\xeb,2024-10-01,1\n")
    with pytest.raises(InputRefused, match="not UTF-8"):
        receive(folder)
    (folder / "marks.csv").unlink()
    (folder / "marks.parquet").write_text("Zoe is a pupil", encoding="utf-8")
    with pytest.raises(InputRefused, match="cannot be read as PARQUET") as refused:
        receive(folder)
    assert "Zoe" not in str(refused.value)
    assert "CSV" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (GOOD.encode("utf-16"), "its text is UTF-16"),
        (GOOD.encode("utf-16-be"), "its text is UTF-16"),
        (GOOD.replace(",", ";").encode(), "semicolons stand between its values"),
        (GOOD.replace(",", "\t").encode(), "tabs stand between its values"),
    ],
)
def test_what_excel_exports_in_other_ways_is_named_with_the_remedy(
    folder: Path, receive: Callable[[Path], Extracts], data: bytes, why: str
) -> None:
    (folder / "marks.csv").write_bytes(data)
    with pytest.raises(InputRefused, match=rf"'marks': marks\.csv .*{why}.*'CSV UTF-8 \(comma delimited\)'"):
        receive(folder)


def test_a_table_in_two_formats_is_refused(folder: Path, receive: Callable[[Path], Extracts]) -> None:
    (folder / "marks.parquet").write_bytes(b"")
    with pytest.raises(InputRefused, match=r"marks\.parquet and marks\.csv"):
        receive(folder)


def test_a_misspelt_table_gets_a_hint(folder: Path, receive: Callable[[Path], Extracts]) -> None:
    (folder / "marks.csv").rename(folder / "mark.csv")
    with pytest.raises(InputRefused, match=r"Is it 'mark\.csv'"):
        receive(folder)


def test_a_hint_never_names_another_table(folder: Path, receive: Callable[[Path], Extracts]) -> None:
    (folder / "marks.csv").unlink()
    (folder / "extras.csv").write_text("pupil_id\n", encoding="utf-8")
    with pytest.raises(InputRefused, match="'marks' is missing") as refused:
        receive(folder)
    assert "Rename" not in str(refused.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, receive: Callable[[Path], Extracts]) -> None:
    with pytest.raises(InputRefused, match="there is no folder 'nowhere'"):
        receive(tmp_path / "nowhere")


def test_a_file_in_the_place_of_the_folder_is_named_as_one(
    folder: Path, receive: Callable[[Path], Extracts]
) -> None:
    with pytest.raises(InputRefused, match=r"'marks\.csv' is a file\. Give the folder"):
        receive(folder / "marks.csv")


def test_a_file_that_may_not_be_read_is_the_machine_s_fault(
    folder: Path, receive: Callable[[Path], Extracts], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(sources, "SOURCES", {"csv": Format("csv", open_file=refuse)})
    with pytest.raises(
        MachineRefused, match=r"table 'marks': marks.csv cannot be read \(Permission denied\)"
    ):
        receive(folder)
