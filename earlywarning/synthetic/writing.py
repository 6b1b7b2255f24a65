"""Writing the data folder: whole or not at all, owner-only, in chunks, the same bytes for the same seed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
from numpy.typing import NDArray

from earlywarning.errors import MachineRefused, WrongUsage
from earlywarning.synthetic.arrays import Bools, Ints
from earlywarning.tables.declare import ARROW, Column, Table

FORMATS = ("parquet", "csv")
NOT_WRITTEN = ("marked",)
SHORT = 40
"""Characters of a folder's name in the name of the partial one beside it, which has a longest of its own."""
OWNER_ONLY, OWNER_ONLY_FOLDER = 0o600, 0o700
WORDS = pa.dictionary(pa.int32(), pa.string())
ROW_GROUP = 1 << 20
PUPILS_IN_A_DICTIONARY = 1 << 25
"""Bytes: beyond the library's default a dictionary is given up and every pseudonym written out."""


class Coded(NamedTuple):
    """A column of words as positions in a list of them; -1 is a missing value."""

    codes: Ints
    words: NDArray[Any]


Values = NDArray[Any] | Coded | str
"""A column: an array, positions in a list, or one word for every row."""


@dataclass
class Folder:
    """A data folder being written: one open file a table."""

    path: Path
    format: str
    files: dict[str, tuple[IO[bytes], Any]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def keeps(self, table: str) -> bool:
        """A data folder keeps every declared table, the truth and the identities."""
        return table not in NOT_WRITTEN

    def append(self, table: Table, columns: Mapping[str, Values], where: str = "", /) -> None:
        """Add rows to a table; ``where`` is a folder inside this one (truth, identity)."""
        batch = arrow(table, columns)
        if table.name not in self.files:
            self.files[table.name] = self._open(table, where)
        writer = self.files[table.name][1]
        if self.format == "csv":
            writer.write_table(batch.cast(_plain(table)))
        elif batch.num_rows:
            writer.write_table(batch, row_group_size=ROW_GROUP)
        self.rows[table.name] = self.rows.get(table.name, 0) + batch.num_rows

    def text(self, name: str, content: str) -> None:
        """Write one small text file."""
        with _owner_only(self.path / name) as file:
            file.write(content.encode())

    def close(self) -> None:
        """Close every file, so that what was written is on the disk."""
        for name, (file, writer) in list(self.files.items()):
            writer.close()
            file.flush()
            os.fsync(file.fileno())
            file.close()
            del self.files[name]

    def abandon(self) -> None:
        """Let go of files that are still open; whatever they had left to write goes nowhere."""
        while self.files:
            _, (file, writer) = self.files.popitem()
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), file.fileno())
            with file, suppress(OSError):
                writer.close()

    def _open(self, table: Table, where: str) -> tuple[IO[bytes], Any]:
        folder = self.path / where
        folder.mkdir(mode=OWNER_ONLY_FOLDER, exist_ok=True)
        file = _owner_only(folder / f"{table.name}.{self.format}")
        if self.format == "csv":
            options = pa_csv.WriteOptions(quoting_style="needed")
            return file, pa_csv.CSVWriter(file, _plain(table), write_options=options)
        # Without the stored Arrow schema a reader sees plain strings, not dictionaries.
        return file, pa_parquet.ParquetWriter(
            file,
            _coded(table),
            compression="zstd",
            compression_level=1,
            store_schema=False,
            dictionary_pagesize_limit=PUPILS_IN_A_DICTIONARY,
        )


@contextmanager
def data_folder(place: Path, kind: str) -> Iterator[Folder]:
    """A folder to write into, beside ``place``; it takes that name only when everything is in it.

    Raises:
        WrongUsage: the place is taken.
        MachineRefused: the disk is full or refuses; nothing is left behind.
    """
    place = free_place(place)
    folder = Folder(place, kind)
    made = ""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # A name nobody else has: two runs into one place, or one after a kill, do not meet.
        made = tempfile.mkdtemp(prefix=f".{place.name[:SHORT]}.", suffix=".partial", dir=place.parent)
        folder.path = Path(made)
        yield folder
        folder.close()
        if place.exists():
            place.rmdir()
        folder.path.rename(place)
    except OSError as error:
        raise MachineRefused(
            f"{place} was not written: {error.strerror or 'the disk refused'}. Nothing is left behind; make "
            "room or choose another folder, then run again."
        ) from error
    finally:
        try:
            folder.abandon()
        finally:
            if made:
                shutil.rmtree(made, ignore_errors=True)


def free_place(place: Path) -> Path:
    """The place as an absolute path, when a folder can take its name.

    Raises:
        WrongUsage: the place is taken, a link, a mount point, the folder one stands in, or below a file.
    """
    whole = Path(os.path.abspath(place))  # noqa: PTH100 - resolve() would follow a link that must be refused
    if whole.is_symlink() or whole.is_mount() or whole == Path.cwd():
        raise WrongUsage(
            f"{place} is a link, a mount point or the folder you are in, and cannot be replaced whole. "
            "Name a new folder."
        )
    if any(above.is_file() for above in whole.parents):
        raise WrongUsage(f"{place} lies below a file. Name another folder.")
    if whole.exists() and not whole.is_dir():
        raise WrongUsage(f"{place} is a file. Name another folder, or remove it first.")
    if whole.exists() and any(whole.iterdir()):
        raise WrongUsage(f"{place} is there already and not empty. Name another folder, or remove it first.")
    return whole


def arrow(table: Table, columns: Mapping[str, Values]) -> pa.Table:
    """The rows as an Arrow table with the declared columns in the declared order.

    Raises:
        KeyError: a declared column is missing.
    """
    count = max(len(_each(values)) for values in columns.values() if not isinstance(values, str))
    arrays = [_column(column, columns[column.name], count) for column in table.columns]
    return pa.table(arrays, schema=_coded(table))


def kept(columns: Mapping[str, Values], which: Bools) -> dict[str, Values]:
    """Some of the rows."""
    return {
        name: values
        if isinstance(values, str)
        else Coded(values.codes[which], values.words)
        if isinstance(values, Coded)
        else values[which]
        for name, values in columns.items()
    }


def _each(values: NDArray[Any] | Coded) -> NDArray[Any]:
    return values.codes if isinstance(values, Coded) else values


def _column(column: Column, values: Values, count: int) -> pa.Array:
    if isinstance(values, str):
        values = Coded(np.zeros(count, dtype=np.int64), np.array([values]))
    if column.type == "string" and not isinstance(values, Coded):
        words, codes = np.unique(values, return_inverse=True)
        values = Coded(codes, words)
    if isinstance(values, Coded):
        return _dictionary(values)
    if column.type == "integer" and values.dtype.kind == "f":
        return pa.array(np.nan_to_num(values).astype(np.int64), mask=np.isnan(values))
    if column.type == "date":
        values = values.astype("datetime64[D]")
    return pa.array(values, ARROW[column.type])


def _dictionary(values: Coded) -> pa.DictionaryArray:
    """The column as positions in a list without repeats.

    With repeats Parquet's writer gives the dictionary up and leaves bytes unset: no two files are the same.
    """
    words, codes = values.words.tolist(), values.codes.astype(np.int32)
    missing = codes < 0
    if len(set(words)) < len(words):
        kept = {word: position for position, word in enumerate(dict.fromkeys(words))}
        codes = np.array([kept[word] for word in words], dtype=np.int32)[codes]
        words = list(kept)
    positions = pa.array(codes, mask=missing if missing.any() else None)
    return pa.DictionaryArray.from_arrays(positions, pa.array(words, pa.string()))


def _plain(table: Table) -> pa.Schema:
    return pa.schema([(column.name, ARROW[column.type]) for column in table.columns])


def _coded(table: Table) -> pa.Schema:
    """The schema with strings as positions in a dictionary."""
    types = [WORDS if column.type == "string" else ARROW[column.type] for column in table.columns]
    return pa.schema(list(zip([column.name for column in table.columns], types, strict=True)))


def _owner_only(path: Path) -> IO[bytes]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, OWNER_ONLY), "wb")
