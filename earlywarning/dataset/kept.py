"""Finished work, kept in its owner's folder to be used again: one Parquet file a part.

A part is found again only under the same key, a hash of everything it was made of: the rows, the family, the
calendar and the code. So nothing has to be remembered, and a folder that is deleted costs time alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from earlywarning.errors import MachineRefused
from earlywarning.files import write_whole

_KEY = b"earlywarning_key"
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Kept:
    """The parts in ``folder``, which holds pupils' data: made for its owner only, and safe to delete."""

    folder: Path

    def find(self, name: str, key: str) -> Path | None:
        """The part called ``name``, if it is there, whole, and was made of what ``key`` stands for."""
        path = self.path(name)
        try:
            found = (pq.read_schema(path).metadata or {}).get(_KEY)
        except (OSError, pa.ArrowException):
            return None
        return path if found == key.encode() else None

    def write(self, name: str, key: str, rows: pd.DataFrame, columns: Sequence[str]) -> None:
        """Write a part whole, in the place of one that was made of something else.

        All but ``columns`` are written as floats, so that the parts have one type however full they are.

        Raises:
            MachineRefused: the folder cannot be written.
        """
        path, buffer = self.path(name), pa.BufferOutputStream()
        part = arrow(rows.astype({column: float for column in rows if column not in columns}))
        pq.write_table(part.replace_schema_metadata({_KEY: key.encode()}), buffer)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for place in [*path.relative_to(self.folder).parents][-2::-1]:  # each of its own mode
                (self.folder / place).mkdir(mode=0o700, exist_ok=True)
            write_whole(path, buffer.getvalue().to_pybytes())
        except OSError as error:
            raise MachineRefused(
                f"finished features cannot be kept in '{self.folder.name}' ({error.strerror}). Choose a "
                "folder you may write, or leave out --keep."
            ) from None

    def path(self, name: str) -> Path:
        """Where the part called ``name`` lies."""
        return self.folder / f"{name}.parquet"


def key_of(*parts: object) -> str:
    """A hash of everything a part is made of, and of the code that makes it."""
    told = json.dumps([code_hash(), *parts], default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def digest_of(rows: pd.DataFrame) -> str:
    """A hash of the rows of a small frame, whatever their order."""
    marks = pd.util.hash_pandas_object(rows, index=False)
    return key_of(sorted(rows.columns), sorted(marks.tolist()))


@cache
def code_hash() -> str:
    """A hash of the code that makes features: a part made by other code is not found."""
    return _hash_of(
        path for name in ("dataset", "engines", "features") for path in (_PACKAGE / name).glob("*.py")
    )


def _hash_of(paths: Iterable[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(paths))).hexdigest()


def arrow(rows: pd.DataFrame) -> pa.Table:
    """``rows`` as an Arrow table whose dates are dates."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    dated = [
        field.with_type(pa.date32()) if pa.types.is_timestamp(field.type) else field for field in table.schema
    ]
    return table.cast(pa.schema(dated)).replace_schema_metadata()
