"""From a folder of exports to the declared tables: one file format a file.

A folder holds ``<table>.parquet`` or ``<table>.csv`` for each table, and ``extract.toml`` saying on which
day the extract was taken. To add a format, write one file and one line in :data:`SOURCES`.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from earlywarning.sources.comma_separated import CSV
from earlywarning.sources.folder import read_folder
from earlywarning.sources.frames import InMemory, read_in_memory
from earlywarning.sources.parquet import PARQUET
from earlywarning.tables import TABLES
from earlywarning.tables.declare import Table
from earlywarning.tables.extracts import Extracts

SOURCES = MappingProxyType({format_.suffix: format_ for format_ in (PARQUET, CSV)})


def read(folder: Path | InMemory, tables: Mapping[str, Table] = TABLES, *, scratch: Path) -> Extracts:
    """The tables received in ``folder`` or in memory, their values of the declared types.

    ``scratch`` is a folder that only its owner can read and that outlives the frames made from the tables,
    such as an engine's. Files that have the declared types already are used where they lie.

    Raises:
        InputRefused: the folder, ``extract.toml``, a required table or a required column is missing, a
            required table is empty, a table is there in two formats, or a file cannot be read.
    """
    if isinstance(folder, InMemory):
        return read_in_memory(folder, tables, scratch)
    return read_folder(folder, tables, SOURCES, scratch)


__all__ = ["SOURCES", "InMemory", "read"]
